//! Whether two independent samples have different means: Welch's *t* test, for unequal variances.
//!
//! Source: Welch 1947, "The generalization of Student's problem when several different population variances are involved", with the
//! degrees of freedom of Welch and Satterthwaite.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::interval::{Confidence, Interval};
use crate::mean::{MeanError, MeanEstimate};

/// How two means differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Welch {
    /// Mean of the left sample minus that of the right, in their unit.
    pub difference: f64,
    /// The *p*-value of "the means are the same".
    pub p_two_sided: f64,
    standard_error: f64,
    student: Option<StudentsT>,
}

impl Welch {
    /// The two-sided interval of the difference; a point where neither sample has a spread.
    #[must_use]
    pub fn interval(&self, confidence: Confidence) -> Interval {
        let quantile = self.student.as_ref().map_or(0.0, |student| student.inverse_cdf(1.0 - confidence.tail()));
        let reach = quantile * self.standard_error;
        Interval { estimate: self.difference, low: self.difference - reach, high: self.difference + reach }
    }

    /// The *p*-value of "the true difference is at most `bound`".
    #[must_use]
    pub fn p_at_most(&self, bound: f64) -> f64 {
        self.upper_tail(self.difference - bound)
    }

    /// The *p*-value of "the true difference is at least `bound`".
    #[must_use]
    pub fn p_at_least(&self, bound: f64) -> f64 {
        self.upper_tail(bound - self.difference)
    }

    fn upper_tail(&self, distance: f64) -> f64 {
        match &self.student {
            Some(student) => student.sf(distance / self.standard_error),
            None => f64::from(u8::from(distance <= 0.0)),
        }
    }
}

/// Compares the means of two samples.
///
/// # Errors
/// [`MeanError`] where either sample has fewer than two values, or one that is not finite.
pub fn welch(left: &[f64], right: &[f64]) -> Result<Welch, MeanError> {
    let (left_mean, right_mean) = (MeanEstimate::of(left)?, MeanEstimate::of(right)?);
    let difference = left_mean.mean() - right_mean.mean();
    let [left_part, right_part] = [left_mean, right_mean].map(|mean| mean.standard_error().powi(2));
    let variance = left_part + right_part;
    let freedom = variance.powi(2)
        / (left_part.powi(2) / (left.len() - 1) as f64 + right_part.powi(2) / (right.len() - 1) as f64);
    let student = StudentsT::new(0.0, 1.0, freedom).ok().filter(|_| variance > 0.0);
    let p_two_sided = match &student {
        Some(student) => 2.0 * student.sf(difference.abs() / variance.sqrt()),
        None => f64::from(u8::from(difference == 0.0)),
    };
    Ok(Welch { difference, p_two_sided, standard_error: variance.sqrt(), student })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_without_spread_differ_or_do_not() {
        let p = |left: &[f64], right: &[f64]| welch(left, right).expect("two each").p_two_sided;
        assert_eq!(p(&[1.0, 1.0], &[1.0, 1.0]), 1.0);
        assert_eq!(p(&[1.0, 1.0], &[2.0, 2.0]), 0.0);
        assert_eq!(welch(&[1.0], &[1.0, 2.0]), Err(MeanError::TooFew { have: 1 }));
    }

    #[test]
    fn the_sides_may_be_swapped() {
        let (left, right) = ([1.0, 2.0, 4.0], [3.0, 5.0, 9.0, 8.0]);
        let (one, other) = (welch(&left, &right).expect("enough"), welch(&right, &left).expect("enough"));
        assert!((one.difference + other.difference).abs() < 1e-12);
        assert!((one.p_two_sided - other.p_two_sided).abs() < 1e-12);
    }
}
