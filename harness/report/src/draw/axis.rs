//! Axes: where a value lies, and which values are written beside them.

use crate::words;

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Evenly.
    Linear,
    /// By their logarithm.
    Log,
    /// Quantiles by the number of nines: 0, 90, 99 and 99.9 % are equally far apart.
    Nines,
}

/// An axis.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) title: String,
    pub(crate) scale: Scale,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Scale {
    fn spread(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.max(f64::MIN_POSITIVE).ln(),
            Self::Nines => -(1.0 - value).max(1e-9).log10(),
        }
    }
}

impl Axis {
    /// An evenly spread axis from zero to a round number above the greatest value.
    pub(crate) fn from_zero(title: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let greatest = finite(values).fold(0.0, f64::max);
        let ticks = linear_ticks(0.0, if greatest > 0.0 { greatest * 1.02 } else { 1.0 }, 5.0);
        let max = ticks.last().copied().unwrap_or(1.0);
        Self { title: title.into(), scale: Scale::Linear, min: 0.0, max, ticks: labelled(ticks) }
    }

    /// An evenly spread axis between two ends.
    pub(crate) fn between(title: impl Into<String>, min: f64, max: f64) -> Self {
        let max = if max > min { max } else { min + 1.0 };
        let ticks = linear_ticks(min, max, 4.0).into_iter().filter(|tick| (min..=max).contains(tick)).collect();
        Self { title: title.into(), scale: Scale::Linear, min, max, ticks: labelled(ticks) }
    }

    /// A logarithmic axis around values, at least `least_ratio` from end to end so that noise does not look great.
    pub(crate) fn log(title: impl Into<String>, values: impl IntoIterator<Item = f64>, least_ratio: f64) -> Self {
        let positive: Vec<f64> = finite(values).filter(|value| *value > 0.0).collect();
        let low = positive.iter().copied().fold(f64::INFINITY, f64::min);
        let high = positive.iter().copied().fold(0.0, f64::max);
        let (low, high) = if positive.is_empty() { (1.0, 10.0) } else { (low / 1.08, high * 1.08) };
        let widen = (least_ratio * low / high).max(1.0).sqrt();
        let (min, max) = (low / widen, high * widen);
        let ticks = log_ticks(min, max);
        Self { title: title.into(), scale: Scale::Log, min, max, ticks: labelled(ticks) }
    }

    /// Where a value lies: 0 at the beginning, 1 at the end; values outside lie on the ends.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let (min, max) = (self.scale.spread(self.min), self.scale.spread(self.max));
        let place = (self.scale.spread(value) - min) / (max - min);
        if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
    }
}

fn finite(values: impl IntoIterator<Item = f64>) -> impl Iterator<Item = f64> {
    values.into_iter().filter(|value| value.is_finite())
}

fn labelled(ticks: Vec<f64>) -> Vec<(f64, String)> {
    ticks.into_iter().map(|tick| (tick, label(tick))).collect()
}

fn label(tick: f64) -> String {
    if tick.abs() >= 1000.0 {
        return words::number(tick);
    }
    let text = format!("{tick:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Round numbers from `min` to the first one that reaches `max`, with at most that many steps between them.
fn linear_ticks(min: f64, max: f64, steps: f64) -> Vec<f64> {
    let rough = (max - min) / steps;
    let magnitude = 10f64.powf(rough.log10().floor());
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = factors.into_iter().find(|factor| factor * magnitude >= rough).unwrap_or(10.0) * magnitude;
    let first = (min / step).floor();
    (0..=8u32).map(|n| (first + f64::from(n)) * step).take_while(|tick| *tick < max + step * 0.999).collect()
}

/// Round numbers between two ends of a logarithmic axis: 1-2-5 over few decades, powers of ten over many.
fn log_ticks(min: f64, max: f64) -> Vec<f64> {
    if max / min < 3.0 {
        return linear_ticks(min, max, 6.0).into_iter().filter(|tick| (min..=max).contains(tick)).collect();
    }
    let decades = (max / min).log10();
    let factors: &[f64] = match decades {
        _ if decades <= 0.9 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
        _ if decades <= 2.2 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let step = (decades / 6.0).ceil().max(1.0);
    let mut exponent = (min.log10() / step).floor() * step;
    let mut ticks = Vec::new();
    while 10f64.powf(exponent) <= max {
        ticks.extend(factors.iter().map(|factor| factor * 10f64.powf(exponent)));
        exponent += step;
    }
    ticks.into_iter().filter(|tick| (min..=max).contains(tick)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(labels(&Axis::from_zero("", [37.0])), ["0", "10", "20", "30", "40"]);
        assert_eq!(labels(&Axis::log("", [0.12, 80.0], 1.5)), ["1", "10"]);
        assert_eq!(labels(&Axis::log("", [0.9, 30.0], 1.5)), ["1", "2", "5", "10", "20"]);
        assert_eq!(labels(&Axis::log("", [100.0, 104.0], 1.5)), ["90", "100", "110", "120"]);
    }

    #[test]
    fn nothing_and_nonsense_still_give_an_axis() {
        for values in [vec![], vec![f64::NAN], vec![0.0], vec![-1.0, f64::INFINITY]] {
            for axis in [Axis::log("", values.clone(), 1.5), Axis::from_zero("", values)] {
                assert!(axis.min < axis.max && !axis.ticks.is_empty(), "{axis:?}");
            }
        }
    }

    #[test]
    fn nines_are_equally_far_apart() {
        let axis = Axis { title: String::new(), scale: Scale::Nines, min: 0.0, max: 0.999, ticks: vec![] };
        let places: Vec<f64> = [0.0, 0.9, 0.99, 0.999].map(|quantile| (axis.place(quantile) * 300.0).round()).to_vec();
        assert_eq!(places, [0.0, 100.0, 200.0, 300.0]);
    }
}
