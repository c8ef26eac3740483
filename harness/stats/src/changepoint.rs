//! Where the level of a series changes: the cheapest way to cut it into segments.
//!
//! Source: Jackson et al. 2005, "An algorithm for optimal partitioning of data on an interval". It is exact, and its time grows
//! with the square of the length, which for an hour of seconds is still milliseconds; so PELT's pruning (Killick, Fearnhead and
//! Eckley 2012) is left out. Only levels are looked at, not spreads.

/// The shortest segment; a shorter phase is a hiccup.
pub const MIN_SEGMENT: usize = 2;

/// A stretch of the series with one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Its first value, from 0.
    pub start: usize,
    /// Its mean.
    pub mean: f64,
}

/// The segmentation with the least sum of squared distances from the segments' means plus `penalty` for each segment.
///
/// Segments have at least [`MIN_SEGMENT`] values; a series shorter than two of them is one segment.
#[must_use]
pub fn segments(values: &[f64], penalty: f64) -> Vec<Segment> {
    let sums = Sums::of(values);
    let mut best = vec![f64::INFINITY; values.len() + 1];
    let mut cut_before = vec![0; values.len() + 1];
    best[0] = -penalty;
    for end in MIN_SEGMENT..=values.len() {
        for start in 0..=end - MIN_SEGMENT {
            let total = best[start] + sums.cost(start, end) + penalty;
            if total < best[end] {
                (best[end], cut_before[end]) = (total, start);
            }
        }
    }
    unwound(&sums, &cut_before)
}

fn unwound(sums: &Sums, cut_before: &[usize]) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut end = cut_before.len() - 1;
    loop {
        let start = cut_before[end];
        found.push(Segment { start, mean: sums.mean(start, end) });
        if start == 0 {
            break;
        }
        end = start;
    }
    found.reverse();
    found
}

/// Running sums, for the mean and the squared distances of any stretch at once.
struct Sums {
    values: Vec<f64>,
    squares: Vec<f64>,
    base: f64,
}

impl Sums {
    fn of(values: &[f64]) -> Self {
        // Counted from the first value: squares of large numbers with a small spread would cancel badly.
        let base = values.first().copied().unwrap_or(0.0);
        let running = |term: fn(f64) -> f64| {
            let mut sum = 0.0;
            let sums = values.iter().map(|value| {
                sum += term(value - base);
                sum
            });
            std::iter::once(0.0).chain(sums).collect::<Vec<f64>>()
        };
        Self { values: running(|value| value), squares: running(|value| value * value), base }
    }

    fn cost(&self, start: usize, end: usize) -> f64 {
        let sum = self.values[end] - self.values[start];
        (self.squares[end] - self.squares[start] - sum * sum / (end - start) as f64).max(0.0)
    }

    fn mean(&self, start: usize, end: usize) -> f64 {
        self.base + (self.values[end] - self.values[start]) / (end - start).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_step_is_one_cut() {
        let found = segments(&[5.0, 5.0, 5.0, 9.0, 9.0], 0.5);
        assert_eq!(found, [Segment { start: 0, mean: 5.0 }, Segment { start: 3, mean: 9.0 }]);
        assert_eq!(segments(&[5.0, 5.0, 5.0, 9.0, 9.0], 50.0).len(), 1);
    }

    #[test]
    fn what_cannot_be_cut_is_one_segment() {
        assert_eq!(segments(&[], 1.0), [Segment { start: 0, mean: 0.0 }]);
        assert_eq!(segments(&[3.0], 1.0), [Segment { start: 0, mean: 3.0 }]);
    }

    proptest! {
        #[test]
        fn no_other_cuts_are_cheaper(values in prop::collection::vec(0..20_i32, 2..16), penalty in 0.5..200.0_f64) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let found = segments(&values, penalty);
            let least = cheapest(&values, penalty);
            prop_assert!((priced(&values, &found, penalty) - least).abs() < 1e-6);
        }
    }

    /// Every segmentation tried.
    fn cheapest(values: &[f64], penalty: f64) -> f64 {
        let sums = Sums::of(values);
        let mut least = sums.cost(0, values.len());
        for cut in MIN_SEGMENT..=values.len().saturating_sub(MIN_SEGMENT) {
            least = least.min(cheapest(&values[..cut], penalty) + penalty + sums.cost(cut, values.len()));
        }
        least
    }

    fn priced(values: &[f64], segments: &[Segment], penalty: f64) -> f64 {
        let sums = Sums::of(values);
        let ends = segments.iter().skip(1).map(|segment| segment.start).chain([values.len()]);
        let spread: f64 = segments.iter().zip(ends).map(|(segment, end)| sums.cost(segment.start, end)).sum();
        spread + penalty * (segments.len() - 1) as f64
    }
}
