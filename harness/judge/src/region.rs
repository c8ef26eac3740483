//! The decision region of a claim as borders of θ, the mean log-ratio, and what it takes to lie inside or outside of it.
//!
//! Method.md, "Verdict": *greater* (d, ∞), *at most* (−∞, d), *equivalent* (−d, d), *non-inferior* (−d, ∞), with d = ln(1 + margin).
//! Two one-sided tests at level α are the same as an interval with confidence 1 − 2α (Schuirmann 1987).

use model::define::claim::{Decision, Region};
use model::verdict::RegionBounds;

use crate::effect::{Effect, EffectInterval};

/// A side of a region's borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Inside,
    Outside,
}

/// The borders of a region, as logarithms; nothing where it is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Borders {
    /// θ must be above this.
    pub(crate) above: Option<f64>,
    /// θ must be below this.
    pub(crate) below: Option<f64>,
}

impl Borders {
    /// The borders that a claim registered.
    pub(crate) fn of(decision: &Decision) -> Self {
        let d = decision.log_margin();
        match decision.region {
            Region::Greater => Self { above: Some(d), below: None },
            Region::AtMost => Self { above: None, below: Some(d) },
            Region::Equivalent => Self { above: Some(-d), below: Some(d) },
            Region::NonInferior => Self { above: Some(-d), below: None },
        }
    }

    /// The borders as ratios.
    pub(crate) fn as_ratios(&self) -> RegionBounds {
        RegionBounds { above: self.above.map(f64::exp), below: self.below.map(f64::exp) }
    }

    /// Whether a value lies inside.
    pub(crate) fn contains(&self, theta: f64) -> bool {
        self.above.is_none_or(|above| theta > above) && self.below.is_none_or(|below| theta < below)
    }

    /// Whether the whole interval lies inside.
    pub(crate) fn contain_all(&self, interval: &EffectInterval) -> bool {
        self.above.is_none_or(|above| interval.low.is_some_and(|low| low > above))
            && self.below.is_none_or(|below| interval.high.is_some_and(|high| high < below))
    }

    /// Whether the whole interval lies in the complement.
    pub(crate) fn exclude_all(&self, interval: &EffectInterval) -> bool {
        self.above.is_some_and(|above| interval.high.is_some_and(|high| high < above))
            || self.below.is_some_and(|below| interval.low.is_some_and(|low| low > below))
    }

    /// On which side the whole interval lies, if it lies on one.
    pub(crate) fn side(&self, interval: &EffectInterval) -> Option<Side> {
        let inside = self.contain_all(interval).then_some(Side::Inside);
        inside.or_else(|| self.exclude_all(interval).then_some(Side::Outside))
    }

    /// The *p*-value of "θ lies outside": small where the effect lies clearly inside.
    pub(crate) fn p_inside(&self, effect: &Effect) -> f64 {
        let above = self.above.map_or(0.0, |above| effect.p_at_most(above));
        let below = self.below.map_or(0.0, |below| effect.p_at_least(below));
        above.max(below)
    }

    /// The *p*-value of "θ lies inside": small where the effect lies clearly outside.
    pub(crate) fn p_outside(&self, effect: &Effect) -> f64 {
        let under = self.above.map_or(1.0, |above| effect.p_at_least(above));
        let over = self.below.map_or(1.0, |below| effect.p_at_most(below));
        under.min(over)
    }

    /// The distance from θ to the nearest border.
    pub(crate) fn distance(&self, theta: f64) -> f64 {
        [self.above, self.below]
            .into_iter()
            .flatten()
            .map(|border| (theta - border).abs())
            .fold(f64::INFINITY, f64::min)
    }

    /// The region in words, as a ratio.
    pub(crate) fn in_words(&self) -> String {
        use crate::words::figure;
        let bounds = self.as_ratios();
        match (bounds.above, bounds.below) {
            (Some(above), Some(below)) => format!("between {} and {} times", figure(above), figure(below)),
            (Some(above), None) => format!("more than {} times", figure(above)),
            (None, Some(below)) => format!("less than {} times", figure(below)),
            (None, None) => "anything".to_owned(),
        }
    }
}
