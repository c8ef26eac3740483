//! The measuring window and the phases around it.

use std::time::Duration;

/// How long each part of a run lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phases {
    /// The same load before the measurement; not recorded.
    pub warm_up: Duration,
    /// The measuring window.
    pub measure: Duration,
    /// The longest wait for outstanding answers after it, while nothing is sent.
    pub drain: Duration,
}

/// The measuring window, in nanoseconds of the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its start, which belongs to it.
    pub start_ns: u64,
    /// Its end, which does not.
    pub end_ns: u64,
}

impl Window {
    /// Its length, in nanoseconds.
    #[must_use]
    pub const fn length_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// Its length, in seconds.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        Duration::from_nanos(self.length_ns()).as_secs_f64()
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub const fn contains(&self, moment_ns: u64) -> bool {
        self.start_ns <= moment_ns && moment_ns < self.end_ns
    }
}
