//! Whether a series settles, and how: flat, warming, slowing, or never.
//!
//! Source: Barrett, Bolz-Tereick, Killick, Mount and Tratt 2017, "Virtual machine warmup blows hot and cold", section 4: changepoints
//! cut the series into segments, and the segments' levels say what it is. Theirs are thousands of iterations, ours tens of
//! seconds, so three things differ: a lone odd value is smoothed away first, the penalty suits a short series, and "the same level" is
//! a share of the level instead of a fixed time. Changepoints come from [`mod@crate::changepoint`].

use thiserror::Error;

use crate::changepoint::{Segment, segments};
use crate::quantile::median;

/// The fewest values that can be classified: two segments with something left to compare.
pub const MIN_VALUES: usize = 6;

/// Segments whose means differ by less than this share of the last one's are the same level. The smallest effect that a claim of ours
/// registers is 10 %; half of it cannot turn a verdict.
pub const SAME_LEVEL: f64 = 0.05;

/// A series whose level still changes in this last share of it has no steady state (Barrett et al.: the last 500 of 2,000).
pub const MUST_BE_SETTLED: f64 = 0.25;

/// Penalty of one more segment, times ln n, in units of the noise variance: the modified BIC of Zhang and Siegmund 2007.
const PENALTY_PER_LN: f64 = 3.0;

/// Noise below this share of the median is taken as this much, or a perfectly even series would be cut at every crumb.
const NOISE_FLOOR: f64 = 0.01;

/// From the median absolute deviation to the standard deviation of a normal distribution: 1 / Φ⁻¹(3/4).
const MAD_TO_SD: f64 = 1.482_602_218_505_602;

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Rates.
    Greater,
    /// Times.
    Smaller,
}

/// What a series does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SteadyClass {
    /// One level throughout.
    Flat,
    /// It gets better, then stays.
    Warming,
    /// It was better before, and stays worse.
    Slowing,
    /// It still changes near its end.
    NoSteadyState,
}

/// A class, and where the last level begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steadiness {
    /// What the series does.
    pub class: SteadyClass,
    /// The first value of the last level, from 0.
    pub settled_from: usize,
}

/// Why a series cannot be classified.
#[derive(Debug, Error, PartialEq)]
pub enum SteadyError {
    /// Fewer than [`MIN_VALUES`].
    #[error("a series needs at least {MIN_VALUES} values to be classified, there are {have}")]
    TooShort {
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

/// Classifies evenly spaced `values`.
///
/// # Errors
/// [`SteadyError`] where the series is too short or holds a value that is not finite.
pub fn classify(values: &[f64], better: Better) -> Result<Steadiness, SteadyError> {
    if values.len() < MIN_VALUES {
        return Err(SteadyError::TooShort { have: values.len() });
    }
    if let Some((index, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(SteadyError::NotFinite { index, value });
    }
    let smooth = smoothed(values);
    let penalty = PENALTY_PER_LN * (values.len() as f64).ln() * noise(values).powi(2);
    Ok(class_of(&segments(&smooth, penalty), values.len(), better))
}

fn class_of(segments: &[Segment], count: usize, better: Better) -> Steadiness {
    let last = segments.last().copied().unwrap_or(Segment { start: 0, mean: 0.0 });
    let same = |segment: &Segment| (segment.mean - last.mean).abs() <= SAME_LEVEL * last.mean.abs();
    let settled_from =
        segments.iter().rev().take_while(|segment| same(segment)).last().map_or(0, |segment| segment.start);
    let was_better = |segment: &Segment| match better {
        Better::Greater => segment.mean > last.mean,
        Better::Smaller => segment.mean < last.mean,
    };
    let others: Vec<&Segment> = segments.iter().filter(|segment| !same(segment)).collect();
    let class = if settled_from as f64 > count as f64 * (1.0 - MUST_BE_SETTLED) {
        SteadyClass::NoSteadyState
    } else if others.is_empty() {
        SteadyClass::Flat
    } else if others.into_iter().any(was_better) {
        SteadyClass::Slowing
    } else {
        SteadyClass::Warming
    };
    Steadiness { class, settled_from }
}

/// The running median of three: a single odd second is a hiccup of the host, not a phase of the server.
fn smoothed(values: &[f64]) -> Vec<f64> {
    let last = values.len() - 1;
    (0..values.len())
        .map(|at| {
            let middle = at.clamp(1, last - 1);
            let [one, two, three] = [values[middle - 1], values[middle], values[middle + 1]];
            one.max(two).min(one.min(two).max(three))
        })
        .collect()
}

/// The standard deviation of the noise around the levels, from neighbours' differences, so that level changes do not swell it.
fn noise(values: &[f64]) -> f64 {
    let steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let typical_step = median(&steps).unwrap_or(0.0);
    let level = median(values).unwrap_or(0.0).abs();
    (typical_step * MAD_TO_SD / std::f64::consts::SQRT_2).max(NOISE_FLOOR * level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Seed, SplitMix};
    use proptest::prelude::*;

    /// Levels with about normal noise of 2 % on them (Irwin–Hall of 12).
    fn series(levels: &[(usize, f64)], seed: u64) -> Vec<f64> {
        let mut random = SplitMix::new(Seed(seed));
        let mut uniform = move || (random.bits() >> 11) as f64 / (1_u64 << 53) as f64;
        let noisy = move |level: f64| level * (1.0 + 0.02 * ((0..12).map(|_| uniform()).sum::<f64>() - 6.0));
        levels.iter().flat_map(|&(count, level)| std::iter::repeat_n(level, count)).map(noisy).collect()
    }

    fn class(levels: &[(usize, f64)], better: Better) -> SteadyClass {
        classify(&series(levels, 1), better).expect("long enough").class
    }

    #[test]
    fn the_four_classes() {
        use Better::{Greater, Smaller};
        assert_eq!(class(&[(20, 500.0)], Greater), SteadyClass::Flat);
        assert_eq!(class(&[(6, 300.0), (14, 500.0)], Greater), SteadyClass::Warming);
        assert_eq!(class(&[(6, 300.0), (14, 500.0)], Smaller), SteadyClass::Slowing);
        assert_eq!(class(&[(8, 500.0), (12, 400.0)], Greater), SteadyClass::Slowing);
        assert_eq!(class(&[(17, 500.0), (3, 400.0)], Greater), SteadyClass::NoSteadyState);
        assert_eq!(class(&[(5, 400.0), (5, 500.0), (5, 400.0), (5, 500.0)], Greater), SteadyClass::Warming);
    }

    #[test]
    fn a_change_of_five_times_the_noise_is_seen() {
        assert_eq!(class(&[(8, 500.0), (12, 450.0)], Better::Greater), SteadyClass::Slowing);
        assert_eq!(class(&[(8, 450.0), (12, 500.0)], Better::Greater), SteadyClass::Warming);
    }

    #[test]
    fn the_last_level_is_found() {
        let found = classify(&series(&[(6, 300.0), (14, 500.0)], 1), Better::Greater).expect("long enough");
        assert_eq!(found.settled_from, 6);
    }

    #[test]
    fn a_hiccup_and_a_crumb_are_no_phases() {
        let mut hiccup = series(&[(20, 500.0)], 1);
        hiccup[9] = 20.0;
        assert_eq!(classify(&hiccup, Better::Greater).expect("long enough").class, SteadyClass::Flat);
        assert_eq!(class(&[(10, 500.0), (10, 510.0)], Better::Greater), SteadyClass::Flat);
        assert_eq!(classify(&[7.0; 12], Better::Greater).expect("long enough").class, SteadyClass::Flat);
    }

    #[test]
    fn noise_alone_is_seldom_taken_for_a_change() {
        let wrong = (0..400)
            .filter(|&seed| {
                let values = series(&[(20, 500.0)], seed);
                classify(&values, Better::Greater).expect("long enough").class != SteadyClass::Flat
            })
            .count();
        assert!(wrong <= 4, "{wrong} of 400 flat series were not seen as flat");
    }

    #[test]
    fn short_and_odd_series_are_refused() {
        assert_eq!(classify(&[1.0; 5], Better::Greater), Err(SteadyError::TooShort { have: 5 }));
        let odd = [1.0, 1.0, f64::NAN, 1.0, 1.0, 1.0];
        assert!(matches!(classify(&odd, Better::Greater), Err(SteadyError::NotFinite { index: 2, .. })));
    }

    proptest! {
        #[test]
        fn the_unit_does_not_matter(values in prop::collection::vec(1.0..100.0_f64, 6..40), unit in 0.001..1000.0_f64) {
            let scaled: Vec<f64> = values.iter().map(|value| value * unit).collect();
            prop_assert_eq!(classify(&values, Better::Smaller), classify(&scaled, Better::Smaller));
        }
    }
}
