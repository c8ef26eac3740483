//! The fitted law of scaling on a curve by level: a line with its band, between the measured levels and never beyond. The parameters are
//! the analysis's; here they are only drawn.

use model::analysis::{CurvePoint, FittedParameter, ScalingFit};

use crate::draw::canvas::{Canvas, Line};
use crate::draw::ink::{Dash, Ink};
use crate::draw::sheet::Panel;
use crate::words;

/// Points of the line between two ends.
const STEPS: u32 = 48;

/// A law with the rate from which it starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Law {
    /// The rate at level 1.
    first: f64,
    levels: (f64, f64),
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The Universal Scalability Law (Gunther 2007): contention and coherency.
    Usl(FittedParameter, FittedParameter),
    /// Amdahl's law: the serial fraction.
    Amdahl(FittedParameter),
}

/// Which end of a parameter's interval.
#[derive(Clone, Copy, Debug)]
enum End {
    Estimate,
    Low,
    High,
}

impl End {
    fn of(self, fitted: FittedParameter) -> f64 {
        match self {
            Self::Estimate => fitted.estimate,
            Self::Low => fitted.low.unwrap_or(fitted.estimate),
            Self::High => fitted.high.unwrap_or(fitted.estimate),
        }
    }
}

impl Law {
    /// The law of a curve, where one was fitted and level 1 was measured.
    pub(crate) fn of(points: &[CurvePoint], fit: Option<ScalingFit>) -> Option<Self> {
        let (fit, first) = (fit?, points.iter().find(|point| point.level == 1)?);
        let last = points.iter().map(|point| point.level).max().filter(|last| *last > 1)?;
        let kind = match (fit.contention, fit.coherency) {
            (Some(contention), Some(coherency)) => Kind::Usl(contention, coherency),
            _ => Kind::Amdahl(fit.serial_fraction),
        };
        Some(Self { first: first.value.median, levels: (1.0, f64::from(last)), kind })
    }

    /// The law in words, with the intervals of its parameters.
    pub(crate) fn in_words(&self) -> String {
        match self.kind {
            Kind::Usl(contention, coherency) => format!(
                "fitted: Universal Scalability Law, contention σ {}, coherency κ {}",
                fitted(contention),
                fitted(coherency)
            ),
            Kind::Amdahl(serial) => format!("fitted: Amdahl's law, serial fraction {}", fitted(serial)),
        }
    }

    /// The rate at a level; nothing where the parameters give none.
    fn rate(&self, level: f64, end: End) -> Option<f64> {
        let divisor = match self.kind {
            Kind::Usl(contention, coherency) => {
                1.0 + end.of(contention) * (level - 1.0) + end.of(coherency) * level * (level - 1.0)
            }
            Kind::Amdahl(serial) => 1.0 + end.of(serial) * (level - 1.0),
        };
        let rate = self.first * level / divisor;
        (divisor > 0.0 && rate.is_finite()).then_some(rate)
    }

    fn line(&self, end: End) -> Vec<(f64, f64)> {
        let (from, to) = self.levels;
        let level = |step: u32| from * (to / from).powf(f64::from(step) / f64::from(STEPS));
        (0..=STEPS).filter_map(|step| Some((level(step), self.rate(level(step), end)?))).collect()
    }

    /// Draws the band of the parameters' intervals and the line of their estimates, cut off at the panel's top.
    pub(crate) fn draw(&self, canvas: &Canvas<'_>, panel: &Panel, ink: Ink) {
        let at = |(level, rate): (f64, f64)| panel.at(level, rate);
        let upper = self.line(End::Low).into_iter().map(at);
        let lower = self.line(End::High).into_iter().rev().map(at);
        canvas.area(upper.chain(lower), ink, 0.14);
        canvas.line(self.line(End::Estimate).into_iter().map(at), Line { ink, dash: Dash::Dotted, width: 1.6 });
    }
}

fn fitted(parameter: FittedParameter) -> String {
    match (parameter.low, parameter.high) {
        (Some(low), Some(high)) => {
            format!("{} ({} to {})", words::number(parameter.estimate), words::number(low), words::number(high))
        }
        _ => words::number(parameter.estimate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::analysis::Spread;
    use model::plan::ArmId;

    fn point(level: u32, rate: f64) -> CurvePoint {
        let value = Spread { median: rate, min: rate, max: rate, blocks: 6 };
        CurvePoint { level, arm: ArmId("a".to_owned()), value, cores_used: None }
    }

    fn exactly(estimate: f64) -> FittedParameter {
        FittedParameter { estimate, low: Some(estimate * 0.9), high: Some(estimate * 1.1) }
    }

    #[test]
    fn the_laws_give_what_their_authors_say() {
        let points = [point(1, 100.0), point(4, 300.0)];
        let fit = |contention, coherency| ScalingFit { serial_fraction: exactly(0.1), contention, coherency };
        let amdahl = Law::of(&points, Some(fit(None, None))).expect("a law");
        // Amdahl 1967: 1 / (s + (1 − s) / n) at s = 0.1 and n = 4.
        assert!((amdahl.rate(4.0, End::Estimate).expect("a rate") - 100.0 / (0.1 + 0.9 / 4.0)).abs() < 1e-9);
        let usl = Law::of(&points, Some(fit(Some(exactly(0.1)), Some(exactly(0.01))))).expect("a law");
        assert!((usl.rate(4.0, End::Estimate).expect("a rate") - 400.0 / (1.0 + 0.3 + 0.12)).abs() < 1e-9);
        assert!(usl.rate(4.0, End::Low) > usl.rate(4.0, End::Estimate));
        assert!(usl.rate(4.0, End::High) < usl.rate(4.0, End::Estimate));
    }

    #[test]
    fn without_level_one_or_a_fit_there_is_no_law() {
        let fit = ScalingFit { serial_fraction: exactly(0.1), contention: None, coherency: None };
        assert!(Law::of(&[point(2, 1.0), point(4, 2.0)], Some(fit)).is_none());
        assert!(Law::of(&[point(1, 1.0)], Some(fit)).is_none());
        assert!(Law::of(&[point(1, 1.0), point(2, 2.0)], None).is_none());
    }
}
