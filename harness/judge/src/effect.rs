//! The effect of a comparison: the mean log-ratio over blocks, with intervals and *p*-values.
//!
//! Student's *t* always, with ends moved out by what a long tail of either arm could do ([`mod@stats::skewed`]); from 20 blocks on a
//! BCa bootstrap beside it, and then the more careful of the two counts on each side: alone, a bootstrap of 20 values would err more often
//! than it says (Efron and Tibshirani 1993, section 14). Where censored requests leave a number open, the interval reaches from the least that θ can be to the greatest.

use model::analysis::{Estimate, Pair};
use stats::bca::Bootstrap;
use stats::mean::MeanEstimate;
use stats::paired::log_ratios;
use stats::random::Seed;
use stats::sign_flip::sign_flip_p;
use stats::skewed::{SkewedMean, greatest_skewness};
use stats::{Confidence, Interval};

use crate::region::Borders;

/// An estimated effect; everything in logarithms of ratios.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    plain: Sample,
    /// The least that the log-ratios can be; nothing where θ is open downwards.
    least: Option<Sample>,
    /// The greatest; nothing where θ is open upwards.
    most: Option<Sample>,
    seed: Seed,
}

/// An interval that may be open on a side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EffectInterval {
    pub(crate) estimate: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
}

impl Effect {
    /// Estimates the effect; nothing from fewer than two pairs, or from numbers without a ratio.
    pub(crate) fn of(pairs: &[Pair], seed: u64) -> Option<Self> {
        let seed = Seed(seed);
        let baseline: Vec<f64> = pairs.iter().map(|pair| pair.baseline).collect();
        let treatment: Vec<f64> = pairs.iter().map(|pair| pair.treatment).collect();
        let baseline_most: Option<Vec<f64>> = pairs.iter().map(|pair| pair.baseline_at_most).collect();
        let treatment_most: Option<Vec<f64>> = pairs.iter().map(|pair| pair.treatment_at_most).collect();
        let plain = Sample::of(&treatment, &baseline, seed)?;
        let least = baseline_most.and_then(|most| plain.or_of(&treatment, &most, seed));
        let most = treatment_most.and_then(|most| plain.or_of(&most, &baseline, seed));
        Some(Self { plain, least, most, seed })
    }

    /// The log-ratios, by block.
    pub(crate) fn log_ratios(&self) -> &[f64] {
        &self.plain.values
    }

    /// The interval of θ.
    pub(crate) fn interval(&self, confidence: Confidence) -> EffectInterval {
        EffectInterval {
            estimate: self.plain.student.mean(),
            low: self.least.as_ref().map(|sample| sample.interval(confidence).low),
            high: self.most.as_ref().map(|sample| sample.interval(confidence).high),
        }
    }

    /// The effect of other pairs of the same record.
    pub(crate) fn of_other(&self, pairs: &[Pair]) -> Option<Self> {
        Self::of(pairs, self.seed.0)
    }

    /// The interval of θ if a bias is in it that other log-ratios show, in whichever direction: the ends of the effect less the bias and
    /// of the effect plus the bias, by Welch's interval with the fewer degrees of freedom that either sample has (with Satterthwaite's,
    /// the examination found a bias of just the margin to get through in 5.7 %), and never within the plain one.
    pub(crate) fn moved_by(&self, bias: &[f64], confidence: Confidence) -> Option<EffectInterval> {
        let bias = MeanEstimate::of(bias).ok();
        let reach = |sample: &Sample| {
            let (own, bias) = (MeanEstimate::of(&sample.values).ok()?, bias.as_ref()?);
            let quantile = own.quantile(confidence).max(bias.quantile(confidence));
            Some(quantile * own.standard_error().hypot(bias.standard_error()) + bias.mean().abs())
        };
        let plain = self.interval(confidence);
        let low = match &self.least {
            Some(sample) => Some(plain.low?.min(sample.student.mean() - reach(sample)?)),
            None => None,
        };
        let high = match &self.most {
            Some(sample) => Some(plain.high?.max(sample.student.mean() + reach(sample)?)),
            None => None,
        };
        Some(EffectInterval { estimate: plain.estimate, low, high })
    }

    /// The *p*-value of "θ is at most `bound`".
    pub(crate) fn p_at_most(&self, bound: f64) -> f64 {
        self.least.as_ref().map_or(1.0, |sample| sample.p_at_most(bound))
    }

    /// The *p*-value of "θ is at least `bound`".
    pub(crate) fn p_at_least(&self, bound: f64) -> f64 {
        self.most.as_ref().map_or(1.0, |sample| sample.p_at_least(bound))
    }

    /// All that the analysis keeps of it.
    pub(crate) fn estimate(&self, borders: &Borders) -> Estimate {
        let count = self.plain.values.len() as f64;
        Estimate {
            log_ratio: self.plain.student.mean(),
            log_ratio_sd: self.plain.student.standard_error() * count.sqrt(),
            method: if self.plain.bootstrap.is_some() { "t and BCa" } else { "t" }.to_owned(),
            p_inside: borders.p_inside(self),
            p_outside: borders.p_outside(self),
            p_sign_flip: self.p_sign_flip(borders),
        }
    }

    /// The sign-flip test for the side of the border on which the estimate lies.
    fn p_sign_flip(&self, borders: &Borders) -> f64 {
        let theta = self.plain.student.mean();
        let over =
            |border: f64| self.least.as_ref().map_or(1.0, |sample| sample.flipped(self.seed, |value| value - border));
        let under =
            |border: f64| self.most.as_ref().map_or(1.0, |sample| sample.flipped(self.seed, |value| border - value));
        if borders.contains(theta) {
            return borders.above.map_or(0.0, over).max(borders.below.map_or(0.0, under));
        }
        match (borders.above, borders.below) {
            (Some(above), _) if theta <= above => under(above),
            (_, Some(below)) => over(below),
            _ => 1.0,
        }
    }
}

/// Log-ratios with what estimates their mean.
#[derive(Debug, Clone)]
struct Sample {
    values: Vec<f64>,
    student: SkewedMean,
    bootstrap: Option<Bootstrap>,
}

impl Sample {
    fn of(treatment: &[f64], baseline: &[f64], seed: Seed) -> Option<Self> {
        let values = log_ratios(treatment, baseline).ok()?;
        let logs = |numbers: &[f64]| numbers.iter().map(|number| number.ln()).collect::<Vec<_>>();
        let student = SkewedMean::of(&values, greatest_skewness(&logs(treatment), &logs(baseline))).ok()?;
        let bootstrap = Bootstrap::of_mean(&values, seed).ok();
        Some(Self { values, student, bootstrap })
    }

    /// Another sample, or a copy of this one where it is the same; resampling costs milliseconds.
    fn or_of(&self, treatment: &[f64], baseline: &[f64], seed: Seed) -> Option<Self> {
        let same = log_ratios(treatment, baseline).is_ok_and(|values| values == self.values);
        if same { Some(self.clone()) } else { Self::of(treatment, baseline, seed) }
    }

    fn interval(&self, confidence: Confidence) -> Interval {
        let student = self.student.interval(confidence);
        self.bootstrap.as_ref().map_or(student, |bootstrap| student.hull(bootstrap.interval(confidence)))
    }

    fn p_at_most(&self, bound: f64) -> f64 {
        let student = self.student.p_at_most(bound);
        self.bootstrap.as_ref().map_or(student, |bootstrap| student.max(bootstrap.p_at_most(bound)))
    }

    fn p_at_least(&self, bound: f64) -> f64 {
        let student = self.student.p_at_least(bound);
        self.bootstrap.as_ref().map_or(student, |bootstrap| student.max(bootstrap.p_at_least(bound)))
    }

    fn flipped(&self, seed: Seed, distance: impl Fn(f64) -> f64) -> f64 {
        let distances: Vec<f64> = self.values.iter().map(|&value| distance(value)).collect();
        sign_flip_p(&distances, seed).unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exponential quantiles as log-ratios: skewed, so that *t* and bootstrap differ.
    fn skewed() -> Vec<Pair> {
        let pair = |block: u32| {
            let treatment = (-0.3 * (1.0 - (f64::from(block) + 0.5) / 24.0).ln()).exp();
            Pair { block, baseline: 1.0, treatment, baseline_at_most: Some(1.0), treatment_at_most: Some(treatment) }
        };
        (0..24).map(pair).collect()
    }

    #[test]
    fn from_twenty_blocks_on_the_more_careful_method_counts_on_each_side() {
        let effect = Effect::of(&skewed(), 1).expect("24 pairs");
        let student = effect.plain.student.interval(Confidence::P90);
        let bootstrap = effect.plain.bootstrap.as_ref().expect("24 pairs").interval(Confidence::P90);
        let interval = effect.interval(Confidence::P90);
        assert_eq!(interval.low, Some(student.low.min(bootstrap.low)));
        assert_eq!(interval.high, Some(student.high.max(bootstrap.high)));
        assert!(Effect::of(&skewed()[..19], 1).expect("19 pairs").plain.bootstrap.is_none());
    }

    #[test]
    fn p_values_and_interval_tell_the_same() {
        let effect = Effect::of(&skewed(), 1).expect("24 pairs");
        let interval = effect.interval(Confidence::P90);
        assert!((effect.p_at_most(interval.low.expect("closed")) - 0.05).abs() < 1e-3);
        assert!((effect.p_at_least(interval.high.expect("closed")) - 0.05).abs() < 1e-3);
    }
}
