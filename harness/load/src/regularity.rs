//! How requests really left: counts in bins of 100 µs, from which comes the Fano factor, and a sample of moments, from which the gaps
//! are tested. Of several workers, both add up to what one would have seen.

use std::hint::black_box;

use crate::window::Window;

/// Length of a bin.
const BIN_NS: u64 = 100_000;
/// Longest part of the window that is counted in bins: 20 s; 400 kB for each stream and worker.
const BINS_MAX: u64 = 200_000;
/// Most moments that are kept.
const MOMENTS_MAX: usize = 2_048;
/// A request that left later than this after it was due is no moment of the sample: the host stalled, and what the stall
/// did to the arrivals is said by the send lag.
const LATE_NS: u64 = 1_000_000;

/// When the requests of a stream left.
#[derive(Clone, Debug)]
pub struct Regularity {
    start_ns: u64,
    bins: Box<[u16]>,
    /// The first moments of the window, in order.
    moments: Vec<u64>,
}

impl Regularity {
    pub(crate) fn new(window: Window) -> Self {
        let bins = usize::try_from((window.length_ns() / BIN_NS).min(BINS_MAX)).unwrap_or_default();
        let moments = if bins == 0 { Vec::new() } else { Vec::with_capacity(MOMENTS_MAX) };
        let mut bins = vec![0; bins].into_boxed_slice();
        // Written once, as the histograms are, so that the memory is there before it is needed.
        black_box(&mut bins).fill(0);
        Self { start_ns: window.start_ns, bins, moments }
    }

    /// A request left; requests come in the order of time.
    #[inline]
    pub(crate) fn sent(&mut self, due_ns: u64, now_ns: u64) {
        let bin = now_ns.saturating_sub(self.start_ns) / BIN_NS;
        if let Some(count) = usize::try_from(bin).ok().and_then(|bin| self.bins.get_mut(bin)) {
            *count = count.saturating_add(1);
        }
        if self.moments.len() < self.moments.capacity() && now_ns.saturating_sub(due_ns) <= LATE_NS {
            self.moments.push(now_ns);
        }
    }

    /// Adds what another worker sent of the same stream in the same window.
    pub(crate) fn add(&mut self, other: &Self) {
        for (count, more) in self.bins.iter_mut().zip(&other.bins) {
            *count = count.saturating_add(*more);
        }
        // Where one sample is full, the other goes on alone, and what comes then is not the whole.
        let last = |sample: &Self| match sample.moments.last() {
            Some(last) if sample.moments.len() >= MOMENTS_MAX => *last,
            _ => u64::MAX,
        };
        let until_ns = last(self).min(last(other));
        self.moments.extend_from_slice(&other.moments);
        self.moments.retain(|moment_ns| *moment_ns <= until_ns);
        self.moments.sort_unstable();
    }

    /// Variance to mean of the number of requests in each 100 µs, over the window or its first 20 s: 0 is regular, 1 is Poisson.
    /// Nothing where nothing was sent or the window is shorter than a bin.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    pub fn fano_factor(&self, window: Window) -> Option<f64> {
        let bins = usize::try_from(window.length_ns() / BIN_NS).unwrap_or(usize::MAX).min(self.bins.len());
        let counts = self.bins[..bins].iter().map(|count| u64::from(*count));
        let (sum, sum_of_squares) = counts.fold((0, 0), |(sum, squares), count| (sum + count, squares + count * count));
        let mean = sum as f64 / bins as f64;
        (bins > 0 && sum > 0).then(|| (sum_of_squares as f64 / bins as f64 - mean * mean) / mean)
    }

    /// Gaps between requests that followed each other at the window's beginning, in nanoseconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a nanosecond of some seconds")]
    pub fn gaps_ns(&self) -> Vec<f64> {
        self.moments.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrival::{Schedule, Share, Spacing};

    const WINDOW: Window = Window { start_ns: 0, end_ns: 2_000_000_000 };

    fn sent(rate_per_s: f64, spacing: Spacing, share: Share) -> Regularity {
        let mut schedule = Schedule::new(rate_per_s, spacing, 1, 0).share(share);
        let mut regularity = Regularity::new(WINDOW);
        let times = std::iter::from_fn(|| Some(schedule.next_due_ns()));
        times.take_while(|due_ns| WINDOW.contains(*due_ns)).for_each(|due_ns| regularity.sent(due_ns, due_ns));
        regularity
    }

    fn fano(rate_per_s: f64, spacing: Spacing) -> f64 {
        sent(rate_per_s, spacing, Share::WHOLE).fano_factor(WINDOW).unwrap()
    }

    #[test]
    fn a_constant_rate_has_none_and_a_poisson_process_has_one() {
        assert!(fano(10_000.0, Spacing::Constant) < 0.01);
        let poisson = fano(10_000.0, Spacing::Poisson);
        assert!((poisson - 1.0).abs() < 0.1, "{poisson}");
    }

    #[test]
    fn workers_add_up_to_what_one_sends() {
        for spacing in [Spacing::Constant, Spacing::Poisson] {
            let whole = sent(10_000.0, spacing, Share::WHOLE);
            let mut parts = sent(10_000.0, spacing, Share { number: 0, of: 3 });
            assert_ne!(parts.fano_factor(WINDOW), whole.fano_factor(WINDOW));
            (1..3).for_each(|number| parts.add(&sent(10_000.0, spacing, Share { number, of: 3 })));
            assert_eq!(parts.fano_factor(WINDOW), whole.fano_factor(WINDOW));
            let gaps = parts.gaps_ns();
            assert!(gaps.len() >= whole.gaps_ns().len());
            assert_eq!(gaps[..whole.gaps_ns().len()], whole.gaps_ns());
        }
    }

    #[test]
    fn a_stall_of_the_host_is_no_part_of_the_sample() {
        let mut regularity = Regularity::new(WINDOW);
        [(10, 10), (20, 30), (40, 40 + 2 * LATE_NS)].iter().for_each(|(due, now)| regularity.sent(*due, *now));
        assert_eq!(regularity.gaps_ns(), [20.0]);
    }
}
