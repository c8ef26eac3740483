//! Holm's step-down correction for several tests of one family.
//!
//! Source: Holm 1979, "A simple sequentially rejective multiple test procedure". With m tests the smallest *p*-value is held
//! against α / m, the next against α / (m − 1), and so on until one fails; that one and all after it are not rejected. The
//! chance of even one false rejection stays at α, however the tests depend on each other.

use thiserror::Error;

/// Why there is no correction.
#[derive(Debug, Error, PartialEq)]
pub enum HolmError {
    /// Outside of 0 to 1, or NaN.
    #[error("p-value {index} is {value}, not a number from 0 to 1")]
    NotAProbability {
        /// Its place, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
}

/// The adjusted *p*-values, in the order given: a test is rejected at level α where its adjusted value is at most α.
///
/// # Errors
/// [`HolmError`] on a value that is no probability.
pub fn adjusted_p(p_values: &[f64]) -> Result<Vec<f64>, HolmError> {
    let order = ascending(p_values)?;
    let mut adjusted = vec![1.0; p_values.len()];
    let mut greatest = 0.0_f64;
    for (rank, &place) in order.iter().enumerate() {
        let tests_left = (p_values.len() - rank) as f64;
        greatest = greatest.max((p_values[place] * tests_left).min(1.0));
        adjusted[place] = greatest;
    }
    Ok(adjusted)
}

/// The level that each test is finally held against, in the order given, where the family may err with chance `alpha`.
///
/// A test is rejected exactly where its *p*-value is at most its level. From the first failure on the level stays what it was there, so
/// an interval drawn at a test's own level never says more than the procedure does.
///
/// # Errors
/// [`HolmError`] on a value that is no probability.
pub fn levels(p_values: &[f64], alpha: f64) -> Result<Vec<f64>, HolmError> {
    let order = ascending(p_values)?;
    let mut levels = vec![alpha; p_values.len()];
    let mut failed_at: Option<f64> = None;
    for (rank, &place) in order.iter().enumerate() {
        let level = failed_at.unwrap_or(alpha / (p_values.len() - rank) as f64);
        levels[place] = level;
        if p_values[place] > level {
            failed_at = Some(level);
        }
    }
    Ok(levels)
}

/// The share of `alpha` that each of several tests is finally given, in the order given, where what a test may use of a share is its own
/// affair: `level(test, share)` is the level at that share, such as a group-sequential test's at the look where it ended. Without such
/// levels it gives what [`levels`] does.
///
/// All tests begin with α / m; each that is rejected hands its share on to those that are not yet (Bretz, Maurer, Brannath and Posch
/// 2009, of which Holm's procedure is the simplest graph). A *p*-value that is no probability is never rejected.
pub fn shares(p_values: &[f64], alpha: f64, mut level: impl FnMut(usize, f64) -> f64) -> Vec<f64> {
    let mut shares: Vec<Option<f64>> = vec![None; p_values.len()];
    loop {
        let left = shares.iter().filter(|share| share.is_none()).count();
        let share = alpha / left.max(1) as f64;
        let rejected = (0..p_values.len()).filter(|&at| shares[at].is_none() && p_values[at] <= level(at, share));
        let next = rejected.min_by(|&one, &other| p_values[one].total_cmp(&p_values[other]));
        match next {
            Some(at) => shares[at] = Some(share),
            None => return shares.into_iter().map(|own| own.unwrap_or(share)).collect(),
        }
    }
}

/// The places of the *p*-values from the smallest to the greatest; equal ones in the order given.
fn ascending(p_values: &[f64]) -> Result<Vec<usize>, HolmError> {
    if let Some((index, &value)) = p_values.iter().enumerate().find(|(_, value)| !(0.0..=1.0).contains(*value)) {
        return Err(HolmError::NotAProbability { index, value });
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&one, &other| p_values[one].total_cmp(&p_values[other]));
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_worked_example() {
        // Holm's procedure on 0.01, 0.04, 0.03, 0.005 at 5 %: held against 0.05/4, /3, /2 in turn; 0.03 > 0.025 ends it.
        let p_values = [0.01, 0.04, 0.03, 0.005];
        assert_eq!(adjusted_p(&p_values), Ok(vec![0.03, 0.06, 0.06, 0.02]));
        assert_eq!(levels(&p_values, 0.05), Ok(vec![0.05 / 3.0, 0.025, 0.025, 0.0125]));
    }

    #[test]
    fn alone_nothing_is_corrected() {
        assert_eq!(adjusted_p(&[0.04]), Ok(vec![0.04]));
        assert_eq!(levels(&[0.04], 0.05), Ok(vec![0.05]));
        assert_eq!(levels(&[], 0.05), Ok(vec![]));
    }

    #[test]
    fn only_probabilities() {
        for bad in [f64::NAN, -0.1, 1.1] {
            assert!(matches!(adjusted_p(&[0.5, bad]), Err(HolmError::NotAProbability { index: 1, .. })));
        }
    }

    proptest! {
        #[test]
        fn shares_reject_what_levels_do(p_values in prop::collection::vec(0.0..0.2_f64, 1..12)) {
            let levels = levels(&p_values, 0.05).expect("probabilities");
            let shares = shares(&p_values, 0.05, |_, share| share);
            for at in 0..p_values.len() {
                prop_assert_eq!(p_values[at] <= levels[at], p_values[at] <= shares[at]);
            }
        }

        #[test]
        fn both_views_reject_the_same(p_values in prop::collection::vec(0.0..0.2_f64, 1..12)) {
            let adjusted = adjusted_p(&p_values).expect("probabilities");
            let levels = levels(&p_values, 0.05).expect("probabilities");
            for at in 0..p_values.len() {
                prop_assume!((adjusted[at] - 0.05).abs() > 1e-12);
                prop_assert_eq!(adjusted[at] <= 0.05, p_values[at] <= levels[at]);
                prop_assert!(adjusted[at] >= p_values[at]);
            }
        }
    }
}
