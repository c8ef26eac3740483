//! The bias-corrected and accelerated bootstrap of a mean: an interval that assumes no shape.
//!
//! Source: Efron 1987, "Better bootstrap confidence intervals" (the forms of Efron and Tibshirani 1993, section 14.3). It is for
//! samples of at least [`MIN_VALUES`]: below, resampling too few values gives intervals that are too narrow, and *t* is safer.

use statrs::distribution::{ContinuousCDF, Normal};
use thiserror::Error;

use crate::interval::{Confidence, Interval};
use crate::quantile::interpolated;
use crate::random::{Seed, SplitMix};

/// The fewest values that are worth resampling (method.md, "Numbers").
pub const MIN_VALUES: usize = 20;

/// Resamples: 2.5 % of them are still 250, so a bound moves by about a hundredth of the interval's width from seed to seed.
pub const RESAMPLES: u32 = 10_000;

/// Why there is no bootstrap.
#[derive(Debug, Error, PartialEq)]
pub enum BcaError {
    /// Fewer than [`MIN_VALUES`].
    #[error("a bootstrap needs at least {MIN_VALUES} values, there are {have}")]
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

/// The resampled means of a sample, with the two corrections; in the unit of the values.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    mean: f64,
    /// Means of the resamples, ascending.
    means: Vec<f64>,
    bias: f64,
    acceleration: f64,
}

impl Bootstrap {
    /// Resamples `values`; the same seed gives the same answer for ever.
    ///
    /// # Errors
    /// [`BcaError`] where there are fewer than [`MIN_VALUES`], or one of them is not finite.
    pub fn of_mean(values: &[f64], seed: Seed) -> Result<Self, BcaError> {
        if values.len() < MIN_VALUES {
            return Err(BcaError::TooFew { have: values.len() });
        }
        if let Some((index, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(BcaError::NotFinite { index, value });
        }
        let mean = mean_of(values.iter().copied(), values.len());
        let mut random = SplitMix::new(seed);
        let mut resample = || mean_of((0..values.len()).map(|_| values[random.index(values.len())]), values.len());
        let mut means: Vec<f64> = (0..RESAMPLES).map(|_| resample()).collect();
        means.sort_by(f64::total_cmp);
        let bias = standard_normal().inverse_cdf(share_below(&means, mean));
        Ok(Self { mean, means, bias, acceleration: acceleration(values, mean) })
    }

    /// How fast the standard error changes with the mean: a sixth of the skewness, over the root of the sample's size.
    #[must_use]
    pub fn acceleration(&self) -> f64 {
        self.acceleration
    }

    /// The two-sided interval.
    #[must_use]
    pub fn interval(&self, confidence: Confidence) -> Interval {
        Interval { estimate: self.mean, low: self.bound(confidence.tail()), high: self.bound(1.0 - confidence.tail()) }
    }

    /// The *p*-value of "the true mean is at most `bound`": the share that an interval may leave outside on each side and just
    /// still lie above `bound`.
    #[must_use]
    pub fn p_at_most(&self, bound: f64) -> f64 {
        if self.is_a_point() {
            return f64::from(u8::from(self.mean <= bound));
        }
        let normal = standard_normal();
        let shifted = normal.inverse_cdf(share_below(&self.means, bound)) - self.bias;
        let stretch = 1.0 + self.acceleration * shifted;
        // Where the stretch turns over, no bound is far enough out: nothing can be said.
        if stretch > 0.0 { normal.cdf(shifted / stretch - self.bias) } else { 1.0 }
    }

    /// The *p*-value of "the true mean is at least `bound`".
    #[must_use]
    pub fn p_at_least(&self, bound: f64) -> f64 {
        if self.is_a_point() {
            return f64::from(u8::from(self.mean >= bound));
        }
        1.0 - self.p_at_most(bound)
    }

    /// The resampled mean below which the share `tail` lies, after both corrections.
    fn bound(&self, tail: f64) -> f64 {
        if self.is_a_point() {
            return self.mean;
        }
        let normal = standard_normal();
        let shifted = self.bias + normal.inverse_cdf(tail);
        let corrected = normal.cdf(self.bias + shifted / (1.0 - self.acceleration * shifted));
        interpolated(&self.means, corrected.clamp(0.0, 1.0))
    }

    /// All values were equal, so there is nothing to resample.
    fn is_a_point(&self) -> bool {
        self.means.first() == self.means.last()
    }
}

fn standard_normal() -> Normal {
    Normal::standard()
}

fn mean_of(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    values.sum::<f64>() / count as f64
}

/// The share of sorted `means` below `bound`, ties counted half; kept off 0 and 1, whose normal quantiles are infinite.
fn share_below(means: &[f64], bound: f64) -> f64 {
    let below = means.partition_point(|&mean| mean < bound);
    let not_above = means.partition_point(|&mean| mean <= bound);
    let count = means.len() as f64;
    let share = (below + not_above) as f64 / 2.0 / count;
    share.clamp(0.5 / count, 1.0 - 0.5 / count)
}

/// From the jackknife; for a mean the value left out moves it by its own distance over n − 1.
fn acceleration(values: &[f64], mean: f64) -> f64 {
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let cubes: f64 = values.iter().map(|value| (value - mean).powi(3)).sum();
    if squares > 0.0 { cubes / (6.0 * squares.powf(1.5)) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn skewed(count: u32) -> Vec<f64> {
        (1..=count).map(|at| (f64::from(at) / f64::from(count + 1)).powi(3)).collect()
    }

    #[test]
    fn few_or_odd_values_are_refused() {
        assert_eq!(Bootstrap::of_mean(&[1.0; 19], Seed(0)).map(|_| ()), Err(BcaError::TooFew { have: 19 }));
        let mut values = [1.0; 20];
        values[4] = f64::INFINITY;
        assert!(matches!(Bootstrap::of_mean(&values, Seed(0)), Err(BcaError::NotFinite { index: 4, .. })));
    }

    #[test]
    fn equal_values_leave_no_doubt() {
        let bootstrap = Bootstrap::of_mean(&[0.25; 20], Seed(0)).expect("twenty");
        assert_eq!(bootstrap.interval(Confidence::P95).width(), 0.0);
        assert_eq!((bootstrap.p_at_most(0.0), bootstrap.p_at_most(0.25)), (0.0, 1.0));
        assert_eq!((bootstrap.p_at_least(1.0), bootstrap.p_at_least(0.0)), (0.0, 1.0));
    }

    #[test]
    fn the_long_tail_gets_the_longer_side() {
        let interval = Bootstrap::of_mean(&skewed(24), Seed(5)).expect("enough").interval(Confidence::P95);
        assert!(interval.high - interval.estimate > 1.1 * (interval.estimate - interval.low), "{interval:?}");
    }

    #[test]
    fn seeds_agree_about_the_bounds() {
        let bounds = |seed| Bootstrap::of_mean(&skewed(24), Seed(seed)).expect("enough").interval(Confidence::P90);
        let (one, other) = (bounds(1), bounds(2));
        assert!((one.low - other.low).abs() < 0.03 * one.width());
        assert!((one.high - other.high).abs() < 0.03 * one.width());
        assert_eq!(bounds(1), one);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn p_and_interval_agree(values in prop::collection::vec(-1.0..1.0_f64, 20..30), bound in -0.5..0.5_f64) {
            let bootstrap = Bootstrap::of_mean(&values, Seed(11)).expect("enough");
            let interval = bootstrap.interval(Confidence::P90);
            prop_assert!(interval.contains(interval.estimate));
            prop_assume!((interval.low - bound).abs() > 1e-3 && (interval.high - bound).abs() > 1e-3);
            prop_assert_eq!(interval.low > bound, bootstrap.p_at_most(bound) < 0.05);
            prop_assert_eq!(interval.high < bound, bootstrap.p_at_least(bound) < 0.05);
        }
    }
}
