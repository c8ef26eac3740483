//! The mean of independent values, with Student's *t* interval and one-sided *p*-values.
//!
//! Source: Student 1908, "The probable error of a mean"; the form used here is in any textbook, for example Georges,
//! Buytaert and Eeckhout 2007, section 3.2 (fewer than 30 measurements). The values are taken as independent and about normal:
//! for log-ratios over blocks both are reasonable, for single requests neither is.

use statrs::distribution::{ContinuousCDF, StudentsT};
use thiserror::Error;

use crate::interval::{Confidence, Interval};

/// A spread needs at least two values.
pub const MIN_VALUES: usize = 2;

/// A mean, its standard error and the degrees of freedom, in the unit of the values.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanEstimate {
    mean: f64,
    standard_error: f64,
    student: StudentsT,
}

/// Why there is no estimate of a mean.
#[derive(Debug, Error, PartialEq)]
pub enum MeanError {
    /// Fewer than [`MIN_VALUES`].
    #[error("a mean with its interval needs at least {MIN_VALUES} values, there are {have}")]
    TooFew {
        /// How many there are.
        have: usize,
    },
    /// NaN or an infinity.
    #[error("value {index} is {value}, not a finite number")]
    NotFinite {
        /// Its place, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
}

impl MeanEstimate {
    /// Estimates the mean of `values`.
    ///
    /// # Errors
    /// [`MeanError`] where there are fewer than two values, or one of them is not finite.
    pub fn of(values: &[f64]) -> Result<Self, MeanError> {
        if let Some((index, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(MeanError::NotFinite { index, value });
        }
        let too_few = MeanError::TooFew { have: values.len() };
        if values.len() < MIN_VALUES {
            return Err(too_few);
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let standard_error = (squares / (count - 1.0) / count).sqrt();
        let student = StudentsT::new(0.0, 1.0, count - 1.0).map_err(|_| too_few)?;
        Ok(Self { mean, standard_error, student })
    }

    /// The sample mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The sample's standard deviation over the root of its size.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.standard_error
    }

    /// The two-sided *t* interval.
    #[must_use]
    pub fn interval(&self, confidence: Confidence) -> Interval {
        let reach = self.quantile(confidence) * self.standard_error;
        Interval { estimate: self.mean, low: self.mean - reach, high: self.mean + reach }
    }

    /// How many standard errors the interval reaches to each side.
    #[must_use]
    pub fn quantile(&self, confidence: Confidence) -> f64 {
        self.student.inverse_cdf(1.0 - confidence.tail())
    }

    /// The *p*-value of "the true mean is at most `bound`": small where the values lie clearly above it.
    ///
    /// It is the smallest share that an interval may leave outside on each side and still lie above `bound`.
    #[must_use]
    pub fn p_at_most(&self, bound: f64) -> f64 {
        self.upper_tail(self.mean - bound)
    }

    /// The *p*-value of "the true mean is at least `bound`": small where the values lie clearly below it.
    #[must_use]
    pub fn p_at_least(&self, bound: f64) -> f64 {
        self.upper_tail(bound - self.mean)
    }

    /// The chance of an estimate this far above the truth.
    pub(crate) fn upper_tail(&self, distance: f64) -> f64 {
        if self.standard_error > 0.0 {
            self.student.sf(distance / self.standard_error)
        } else if distance > 0.0 {
            0.0
        } else {
            1.0
        }
    }
}

/// The *t* interval of the mean of `values`.
///
/// # Errors
/// As [`MeanEstimate::of`].
pub fn mean_interval(values: &[f64], confidence: Confidence) -> Result<Interval, MeanError> {
    MeanEstimate::of(values).map(|estimate| estimate.interval(confidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_sample_is_refused() {
        assert_eq!(MeanEstimate::of(&[1.0]), Err(MeanError::TooFew { have: 1 }));
        assert!(matches!(MeanEstimate::of(&[1.0, f64::NAN]), Err(MeanError::NotFinite { index: 1, .. })));
    }

    #[test]
    fn equal_values_leave_no_doubt() {
        let estimate = MeanEstimate::of(&[2.0; 6]).expect("six values");
        assert_eq!(estimate.p_at_most(1.0), 0.0);
        assert_eq!(estimate.p_at_most(2.0), 1.0);
        assert_eq!(estimate.interval(Confidence::P95).width(), 0.0);
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_mean_and_grows_with_confidence(
            values in prop::collection::vec(-10.0..10.0_f64, 2..40),
        ) {
            let narrow = mean_interval(&values, Confidence::P90).expect("finite");
            let wide = mean_interval(&values, Confidence::P95).expect("finite");
            prop_assert!(narrow.contains(narrow.estimate));
            prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
        }

        #[test]
        fn p_and_interval_agree(values in prop::collection::vec(-1.0..1.0_f64, 3..20), bound in -1.0..1.0_f64) {
            let estimate = MeanEstimate::of(&values).expect("finite");
            let interval = estimate.interval(Confidence::P90);
            prop_assume!((interval.low - bound).abs() > 1e-6 && (interval.high - bound).abs() > 1e-6);
            prop_assert_eq!(interval.low > bound, estimate.p_at_most(bound) < 0.05);
            prop_assert_eq!(interval.high < bound, estimate.p_at_least(bound) < 0.05);
        }
    }
}
