//! The mean number of requests in flight over the window, as an integral over time: N of Little's law.

use crate::window::Window;

/// Counts requests in flight.
#[derive(Debug)]
pub(crate) struct InFlight {
    window: Window,
    count: u64,
    since_ns: u64,
    /// Request-nanoseconds so far.
    area: u128,
}

impl InFlight {
    pub(crate) const fn new(window: Window) -> Self {
        Self { window, count: 0, since_ns: window.start_ns, area: 0 }
    }

    /// A request left.
    #[inline]
    pub(crate) fn enter(&mut self, now_ns: u64) {
        self.go_on(now_ns);
        self.count += 1;
    }

    /// A request came to its end.
    #[inline]
    pub(crate) fn leave(&mut self, now_ns: u64) {
        self.go_on(now_ns);
        assert!(self.count > 0, "a request ended that was not in flight");
        self.count -= 1;
    }

    /// Requests in flight now.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// The window ends here, if that is earlier.
    pub(crate) fn end_at(&mut self, end_ns: u64) {
        self.go_on(end_ns);
        self.window.end_ns = self.window.end_ns.min(end_ns);
    }

    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    pub(crate) fn mean(&self) -> f64 {
        match self.window.length_ns() {
            0 => 0.0,
            length_ns => self.area as f64 / length_ns as f64,
        }
    }

    #[inline]
    fn go_on(&mut self, now_ns: u64) {
        let now_ns = now_ns.min(self.window.end_ns);
        if now_ns > self.since_ns {
            self.area += u128::from(self.count) * u128::from(now_ns - self.since_ns);
            self.since_ns = now_ns;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_mean_is_the_sum_of_the_parts_inside_the_window(
            spans in prop::collection::vec((0_u64..3_000, 0_u64..2_000), 0..40)
        ) {
            let window = Window { start_ns: 1_000, end_ns: 2_000 };
            let mut changes: Vec<(u64, bool)> =
                spans.iter().flat_map(|(from, length)| [(*from, false), (from + length, true)]).collect();
            changes.sort_unstable();
            let mut in_flight = InFlight::new(window);
            for (moment, leaves) in changes {
                if leaves { in_flight.leave(moment) } else { in_flight.enter(moment) }
            }
            in_flight.end_at(window.end_ns);
            let inside: u64 = spans
                .iter()
                .map(|(from, length)| (from + length).clamp(1_000, 2_000) - (*from).clamp(1_000, 2_000))
                .sum();
            prop_assert!((in_flight.mean() - inside as f64 / 1_000.0).abs() < 1e-9);
        }
    }
}
