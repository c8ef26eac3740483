//! Decides when a server is warm: slices of closed-loop load go on until the rate no longer rises. Pure.
//!
//! A just-in-time compiler, a connection pool that grows and a heap that finds its size all show as a rate that still rises. A search
//! that began before that would take the start for the server.

/// A slice that is this much faster than the best before it shows that the server still warms up.
const STILL_RISING: f64 = 1.05;
/// This many slices in a row that are not faster end the warm-up; one may just have met a slow moment of the host.
const FLAT_SLICES: u32 = 2;

/// What a warm-up has shown so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Warming {
    best_per_s: f64,
    flat: u32,
    slices: u32,
    slices_max: u32,
}

impl Warming {
    /// Nothing so far, of at most so many slices.
    pub(super) const fn of(slices_max: u32) -> Self {
        Self { best_per_s: 0.0, flat: 0, slices: 0, slices_max }
    }

    /// Takes in the rate of a slice, in answers/s.
    pub(super) fn saw(&mut self, rate_per_s: f64) {
        self.flat = if rate_per_s > self.best_per_s * STILL_RISING { 0 } else { self.flat + 1 };
        self.best_per_s = self.best_per_s.max(rate_per_s);
        self.slices += 1;
    }

    /// Whether the server is warm, or has had all the time that it gets.
    pub(super) const fn is_over(&self) -> bool {
        self.flat >= FLAT_SLICES || self.slices >= self.slices_max
    }

    /// The greatest rate of all slices, in answers/s.
    pub(super) const fn best_per_s(&self) -> f64 {
        self.best_per_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLICES_MAX: u32 = 10;

    fn slices(rates: impl IntoIterator<Item = f64>) -> (u32, f64) {
        let mut warming = Warming::of(SLICES_MAX);
        for rate in rates {
            warming.saw(rate);
            if warming.is_over() {
                break;
            }
        }
        assert!(warming.is_over());
        (warming.slices, warming.best_per_s())
    }

    #[test]
    fn a_flat_server_takes_three_slices_and_a_rising_one_more() {
        assert_eq!(slices([900.0, 905.0, 890.0, 2_000.0]), (3, 905.0));
        assert_eq!(slices([2_000.0, 4_000.0, 5_500.0, 6_000.0, 6_100.0, 6_050.0]), (6, 6_100.0));
    }

    #[test]
    fn one_slow_slice_does_not_end_it_and_it_ends_at_all() {
        assert_eq!(slices([2_000.0, 1_500.0, 4_000.0, 4_000.0, 4_000.0]), (5, 4_000.0));
        assert_eq!(slices((0..).map(|n| 2.0_f64.powi(n))).0, SLICES_MAX);
        assert_eq!(slices([0.0, 0.0, 0.0]), (2, 0.0));
    }
}
