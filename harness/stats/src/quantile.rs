//! Quantiles of a sample, and how sure its median is.
//!
//! Sources: Hyndman and Fan 1996, "Sample quantiles in statistical packages", definition 7 (the default of R and NumPy); the
//! order-statistic interval as in Le Boudec 2010, "Performance Evaluation of Computer and Communication Systems", theorem 2.1.

use statrs::distribution::{Binomial, DiscreteCDF};
use thiserror::Error;

use crate::interval::{Confidence, Interval};

/// Why there is no quantile.
#[derive(Debug, Error, PartialEq)]
pub enum QuantileError {
    /// No values.
    #[error("a quantile needs at least one value")]
    Empty,
    /// NaN among the values.
    #[error("value {index} is not a number")]
    NotANumber {
        /// Its place, from 0.
        index: usize,
    },
    /// Outside of 0 to 1.
    #[error("a quantile lies from 0 to 1, not at {0}")]
    NotAQuantile(f64),
    /// The whole sample does not reach the confidence.
    #[error("{have} values are too few for a median interval with confidence {confidence}")]
    TooFew {
        /// How many there are.
        have: usize,
        /// What was asked for.
        confidence: f64,
    },
}

/// The quantile `at` (0 to 1) of `values`, interpolated between neighbours (type 7).
///
/// # Errors
/// [`QuantileError`] where there are no values, one is NaN, or `at` is no quantile.
pub fn quantile(values: &[f64], at: f64) -> Result<f64, QuantileError> {
    if !(0.0..=1.0).contains(&at) {
        return Err(QuantileError::NotAQuantile(at));
    }
    Ok(interpolated(&sorted(values)?, at))
}

/// The middle value, or the mean of the middle two.
///
/// # Errors
/// As [`quantile`].
pub fn median(values: &[f64]) -> Result<f64, QuantileError> {
    quantile(values, 0.5)
}

/// The narrowest interval between order statistics, as many from below as from above, that holds the true median with at least the
/// confidence asked for; it assumes nothing about the distribution.
///
/// # Errors
/// [`QuantileError::TooFew`] where even the whole range does not reach the confidence (below 6 values at 95 %).
pub fn median_interval(values: &[f64], confidence: Confidence) -> Result<Interval, QuantileError> {
    let sorted = sorted(values)?;
    let too_few = QuantileError::TooFew { have: sorted.len(), confidence: confidence.share() };
    let below_median = Binomial::new(0.5, sorted.len() as u64).map_err(|_| too_few)?;
    // Leaving out `cut` values on each side misses the median where at most `cut` of all values fall on one side of it.
    let holds = |cut: usize| below_median.cdf(cut as u64) <= confidence.tail();
    match (0..sorted.len() / 2).take_while(|&cut| holds(cut)).last() {
        Some(cut) => Ok(Interval {
            estimate: interpolated(&sorted, 0.5),
            low: sorted[cut],
            high: sorted[sorted.len() - 1 - cut],
        }),
        None => Err(QuantileError::TooFew { have: sorted.len(), confidence: confidence.share() }),
    }
}

fn sorted(values: &[f64]) -> Result<Vec<f64>, QuantileError> {
    if values.is_empty() {
        return Err(QuantileError::Empty);
    }
    if let Some(index) = values.iter().position(|value| value.is_nan()) {
        return Err(QuantileError::NotANumber { index });
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted)
}

/// Type 7 on sorted values: the place (n − 1) · `at`, from 0, between its two neighbours.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at is 0 to 1, so the place is inside the slice"
)]
pub(crate) fn interpolated(sorted: &[f64], at: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * at;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let share = place - place.floor();
    if share == 0.0 { sorted[below] } else { sorted[below] + share * (sorted[above] - sorted[below]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_quantile_of_nothing() {
        assert_eq!(median(&[]), Err(QuantileError::Empty));
        assert_eq!(median(&[1.0, f64::NAN]), Err(QuantileError::NotANumber { index: 1 }));
        assert_eq!(quantile(&[1.0], 1.5), Err(QuantileError::NotAQuantile(1.5)));
    }

    #[test]
    fn five_values_are_too_few_for_95_percent() {
        let six = [6.0, 1.0, 5.0, 2.0, 4.0, 3.0];
        assert!(matches!(median_interval(&six[..5], Confidence::P95), Err(QuantileError::TooFew { have: 5, .. })));
        let interval = median_interval(&six, Confidence::P95).expect("six are enough");
        assert_eq!(interval, Interval { estimate: 3.5, low: 1.0, high: 6.0 });
    }

    proptest! {
        #[test]
        fn quantiles_rise_and_stay_inside(
            values in prop::collection::vec(-1e6..1e6_f64, 1..50),
            one in 0.0..=1.0_f64,
            other in 0.0..=1.0_f64,
        ) {
            let low = quantile(&values, one.min(other)).expect("numbers");
            let high = quantile(&values, one.max(other)).expect("numbers");
            prop_assert!(low <= high);
            prop_assert!(quantile(&values, 0.0).expect("numbers") <= low);
            prop_assert!(high <= quantile(&values, 1.0).expect("numbers"));
        }

        #[test]
        fn the_interval_holds_the_median(values in prop::collection::vec(-1e6..1e6_f64, 6..60)) {
            let interval = median_interval(&values, Confidence::P95).expect("enough");
            prop_assert!(interval.contains(interval.estimate));
        }
    }
}
