//! How regular the sending was: the Fano factor (variance to mean) of the number of requests in each 100 µs.

use crate::window::Window;

const BIN_NS: u64 = 100_000;

/// Counts requests by bins, in constant memory.
#[derive(Debug)]
pub(crate) struct Regularity {
    start_ns: u64,
    bin: u64,
    in_bin: u64,
    sum: u64,
    sum_of_squares: u64,
}

impl Regularity {
    pub(crate) const fn new(window: Window) -> Self {
        Self { start_ns: window.start_ns, bin: 0, in_bin: 0, sum: 0, sum_of_squares: 0 }
    }

    /// A request left; requests come in the order of time.
    #[inline]
    pub(crate) fn sent(&mut self, now_ns: u64) {
        let bin = now_ns.saturating_sub(self.start_ns) / BIN_NS;
        if bin != self.bin {
            self.close_bin();
            self.bin = bin;
        }
        self.in_bin += 1;
    }

    /// Nothing where nothing was sent or the window is shorter than a bin.
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    pub(crate) fn fano_factor(mut self, window: Window) -> Option<f64> {
        self.close_bin();
        let bins = (window.length_ns() / BIN_NS) as f64;
        let mean = self.sum as f64 / bins;
        (bins >= 1.0 && self.sum > 0).then(|| (self.sum_of_squares as f64 / bins - mean * mean) / mean)
    }

    fn close_bin(&mut self) {
        self.sum += self.in_bin;
        self.sum_of_squares += self.in_bin * self.in_bin;
        self.in_bin = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrival::{Schedule, Spacing};

    fn fano(rate_per_s: f64, spacing: Spacing) -> f64 {
        let window = Window { start_ns: 0, end_ns: 2_000_000_000 };
        let mut schedule = Schedule::new(rate_per_s, spacing, 1, 0);
        let mut regularity = Regularity::new(window);
        let times = std::iter::from_fn(|| Some(schedule.next_due_ns()));
        times.take_while(|due_ns| window.contains(*due_ns)).for_each(|due_ns| regularity.sent(due_ns));
        regularity.fano_factor(window).unwrap()
    }

    #[test]
    fn a_constant_rate_has_none_and_a_poisson_process_has_one() {
        assert!(fano(10_000.0, Spacing::Constant) < 0.01);
        let poisson = fano(10_000.0, Spacing::Poisson);
        assert!((poisson - 1.0).abs() < 0.1, "{poisson}");
    }
}
