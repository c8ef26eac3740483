//! Ratios of paired positive measurements, as logarithms.
//!
//! A block measures both arms next to each other in time, so what drifts with the host cancels in the pair. Ratios are
//! averaged as logarithms: then "twice as fast" and "half as fast" weigh the same, and the unit of measurement drops out.
//! Source: Fleming and Wallace 1986, "How not to lie with statistics"; pairing as in Abedi and Brecht 2017.

use thiserror::Error;

use crate::interval::{Confidence, Interval};
use crate::mean::{MeanError, MeanEstimate};

/// Why pairs give no ratio.
#[derive(Debug, Error, PartialEq)]
pub enum PairedError {
    /// The slices are not pairs.
    #[error("{left} values cannot be paired with {right}")]
    Unpaired {
        /// Values on the left.
        left: usize,
        /// Values on the right.
        right: usize,
    },
    /// Zero, negative, NaN or infinite.
    #[error("pair {index} is {left} over {right}: a ratio needs two positive finite numbers")]
    NotPositive {
        /// Its place, from 0.
        index: usize,
        /// The numerator.
        left: f64,
        /// The denominator.
        right: f64,
    },
    /// The log-ratios have no mean with an interval.
    #[error(transparent)]
    Mean(#[from] MeanError),
}

/// ln(`left` / `right`), pair by pair; both in the same unit.
///
/// # Errors
/// [`PairedError`] where lengths differ or a value is not positive and finite.
pub fn log_ratios(left: &[f64], right: &[f64]) -> Result<Vec<f64>, PairedError> {
    if left.len() != right.len() {
        return Err(PairedError::Unpaired { left: left.len(), right: right.len() });
    }
    left.iter().zip(right).enumerate().map(|(index, (&left, &right))| log_ratio(index, left, right)).collect()
}

/// The geometric mean of the ratios `left` / `right` with its *t* interval (a factor, without unit).
///
/// # Errors
/// [`PairedError`] where the values are no pairs of positive numbers, or fewer than two.
pub fn mean_ratio_interval(left: &[f64], right: &[f64], confidence: Confidence) -> Result<Interval, PairedError> {
    let estimate = MeanEstimate::of(&log_ratios(left, right)?)?;
    Ok(estimate.interval(confidence).exp())
}

fn log_ratio(index: usize, left: f64, right: f64) -> Result<f64, PairedError> {
    let usable = |value: f64| value.is_finite() && value > 0.0;
    if usable(left) && usable(right) {
        Ok(left.ln() - right.ln())
    } else {
        Err(PairedError::NotPositive { index, left, right })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_ratio_of_nothing() {
        assert!(matches!(log_ratios(&[1.0], &[]), Err(PairedError::Unpaired { .. })));
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(log_ratios(&[1.0, bad], &[1.0, 1.0]), Err(PairedError::NotPositive { index: 1, .. })));
            assert!(matches!(log_ratios(&[1.0, 1.0], &[1.0, bad]), Err(PairedError::NotPositive { index: 1, .. })));
        }
    }

    #[test]
    fn a_constant_factor_is_found_exactly() {
        let ratio = mean_ratio_interval(&[2.0, 4.0, 8.0], &[1.0, 2.0, 4.0], Confidence::P95).expect("pairs");
        assert!((ratio.estimate - 2.0).abs() < 1e-12 && ratio.width() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_unit_does_not_matter(
            pairs in prop::collection::vec((0.1..1e6_f64, 0.1..1e6_f64), 2..30),
            unit in 1e-6..1e6_f64,
        ) {
            let (left, right): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let scaled = |values: &[f64]| values.iter().map(|value| value * unit).collect::<Vec<_>>();
            let plain = log_ratios(&left, &right).expect("positive");
            let other = log_ratios(&scaled(&left), &scaled(&right)).expect("positive");
            for (plain, other) in plain.iter().zip(&other) {
                prop_assert!((plain - other).abs() < 1e-9);
            }
        }

        #[test]
        fn swapping_the_arms_turns_the_ratio_over(
            pairs in prop::collection::vec((0.1..1e6_f64, 0.1..1e6_f64), 2..30),
        ) {
            let (left, right): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let ratio = mean_ratio_interval(&left, &right, Confidence::P90).expect("positive");
            let turned = mean_ratio_interval(&right, &left, Confidence::P90).expect("positive");
            prop_assert!((ratio.estimate * turned.estimate - 1.0).abs() < 1e-9);
            prop_assert!((ratio.low * turned.high - 1.0).abs() < 1e-9);
        }
    }
}
