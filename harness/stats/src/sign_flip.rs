//! The one-sided sign-flip test of a mean: exact for small samples, by seeded draws for large ones.
//!
//! Where the true mean is zero and each value is as likely to fall above it as below, every one of the 2ⁿ ways of giving signs to
//! the n distances was equally likely. The *p*-value is the share of them with a sum at least as great as the one seen. Source: Fisher
//! 1935, "The Design of Experiments", section 21. It assumes symmetry, no shape; and it cannot go below 2⁻ⁿ, so a design with too
//! few blocks is known to be hopeless before it runs.

use thiserror::Error;

use crate::random::{Seed, SplitMix};

/// Up to here all 2ⁿ sign patterns are counted (a million at most); above, they are drawn.
pub const EXACT_UP_TO: usize = 20;

/// Patterns drawn for a larger sample: the standard error at *p* = 0.05 is then 0.0007.
pub const DRAWS: u32 = 100_000;

/// Sums closer than this share of the total count as equal, so that rounding never hides the pattern that was seen.
const TIE: f64 = 1e-12;

/// Why there is no sign-flip test.
#[derive(Debug, Error, PartialEq)]
pub enum SignFlipError {
    /// No value at all.
    #[error("the sign-flip test needs at least one value")]
    Empty,
    /// NaN or an infinity.
    #[error("value {index} is {value}, not a finite number")]
    NotFinite {
        /// Its place, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
}

/// The *p*-value of "the true mean is at most 0" against "it is greater".
///
/// To test another bound subtract it from each value; to test the other side turn the signs. The seed matters
/// only above [`EXACT_UP_TO`] values.
///
/// # Errors
/// [`SignFlipError`] on an empty slice or a value that is not finite.
pub fn sign_flip_p(values: &[f64], seed: Seed) -> Result<f64, SignFlipError> {
    if values.is_empty() {
        return Err(SignFlipError::Empty);
    }
    if let Some((index, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(SignFlipError::NotFinite { index, value });
    }
    if values.len() <= EXACT_UP_TO { Ok(exact(values)) } else { Ok(drawn(values, seed)) }
}

/// The smallest *p*-value that `pairs` pairs can reach: 2 to the power of minus `pairs`.
#[must_use]
pub fn smallest_p(pairs: usize) -> f64 {
    i32::try_from(pairs).map_or(0.0, |pairs| 0.5_f64.powi(pairs))
}

/// The fewest pairs whose [`smallest_p`] is at most `alpha` (`alpha` > 0).
#[must_use]
pub fn pairs_needed(alpha: f64) -> usize {
    (0..usize::BITS as usize).find(|&pairs| smallest_p(pairs) <= alpha).unwrap_or(usize::MAX)
}

fn exact(values: &[f64]) -> f64 {
    let total: f64 = values.iter().map(|value| value.abs()).sum();
    let goal = values.iter().sum::<f64>() - TIE * total;
    // Each pattern is one of the left half with one of the right, so two short lists stand for all of them (Horowitz and
    // Sahni 1974, "Computing partitions").
    let (left, right) = values.split_at(values.len() / 2);
    let mut right_sums = signed_sums(right);
    right_sums.sort_by(f64::total_cmp);
    let reaching =
        |left_sum: f64| right_sums.len() - right_sums.partition_point(|right_sum| left_sum + right_sum < goal);
    let count: usize = signed_sums(left).into_iter().map(reaching).sum();
    count as f64 * smallest_p(values.len())
}

/// The sums of all ways of giving signs to `values`.
fn signed_sums(values: &[f64]) -> Vec<f64> {
    values.iter().fold(vec![0.0], |sums, value| sums.iter().flat_map(|sum| [sum - value, sum + value]).collect())
}

fn drawn(values: &[f64], seed: Seed) -> f64 {
    let total: f64 = values.iter().map(|value| value.abs()).sum();
    let seen = values.iter().sum::<f64>() - TIE * total;
    let mut random = SplitMix::new(seed);
    let reaching = (0..DRAWS).filter(|_| flipped_sum(values, &mut random) >= seen).count();
    // The pattern that was seen counts as one of the draws: else p could be zero (Phipson and Smyth 2010).
    (1.0 + reaching as f64) / (1.0 + f64::from(DRAWS))
}

fn flipped_sum(values: &[f64], random: &mut SplitMix) -> f64 {
    let mut sum = 0.0;
    for signed in values.chunks(u64::BITS as usize) {
        let mut signs = random.bits();
        for value in signed {
            sum += if signs & 1 == 0 { *value } else { -value };
            signs >>= 1;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_on_one_side_reaches_the_smallest_p() {
        for pairs in 1..=EXACT_UP_TO {
            let values: Vec<f64> = (1..=pairs).map(|value| value as f64 * 0.1).collect();
            assert_eq!(sign_flip_p(&values, Seed(0)), Ok(smallest_p(pairs)), "{pairs} pairs");
        }
    }

    #[test]
    fn designs_that_cannot_win_are_known() {
        assert_eq!(smallest_p(6), 0.015625);
        assert_eq!(pairs_needed(0.05), 5);
        assert_eq!(pairs_needed(0.05 / 4.0), 7);
    }

    #[test]
    fn no_test_of_nothing() {
        assert_eq!(sign_flip_p(&[], Seed(0)), Err(SignFlipError::Empty));
        assert!(matches!(sign_flip_p(&[f64::NAN], Seed(0)), Err(SignFlipError::NotFinite { index: 0, .. })));
    }

    #[test]
    fn drawing_comes_near_to_counting() {
        let values: Vec<f64> = (0..18).map(|at| (f64::from(at) * 1.7).sin() + 0.25).collect();
        let counted = exact(&values);
        assert!((0.01..0.2).contains(&counted), "{counted}");
        assert!((drawn(&values, Seed(3)) - counted).abs() < 0.004);
    }

    proptest! {
        #[test]
        fn both_sides_together_count_every_pattern(values in prop::collection::vec(-5.0..5.0_f64, 1..13)) {
            let turned: Vec<f64> = values.iter().map(|value| -value).collect();
            let above = sign_flip_p(&values, Seed(0)).expect("finite");
            let below = sign_flip_p(&turned, Seed(0)).expect("finite");
            // The pattern seen is counted on both sides; ties with it may be too.
            prop_assert!(above + below >= 1.0 + smallest_p(values.len()) - 1e-9);
            prop_assert!(above >= smallest_p(values.len()) && above <= 1.0);
        }

        #[test]
        fn order_and_unit_do_not_matter(values in prop::collection::vec(-5.0..5.0_f64, 1..13), unit in 0.001..1000.0_f64) {
            let other: Vec<f64> = values.iter().rev().map(|value| value * unit).collect();
            prop_assert_eq!(sign_flip_p(&values, Seed(0)), sign_flip_p(&other, Seed(0)));
        }
    }
}
