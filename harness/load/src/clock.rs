//! Clocks in nanoseconds: the monotonic one of the machine, a virtual one for tests, and the thread's CPU time.

use std::cell::Cell;

use rustix::time::{ClockId, clock_gettime};

/// Tells the time in nanoseconds since some fixed moment.
pub trait Clock {
    /// The time now, in nanoseconds; never less than before.
    fn now_ns(&self) -> u64;
}

/// `CLOCK_MONOTONIC`: the same clock in every thread and process of the machine, so samples line up with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct MonotonicClock;

impl Clock for MonotonicClock {
    #[inline]
    fn now_ns(&self) -> u64 {
        read_ns(ClockId::Monotonic)
    }
}

/// A clock that stands still until it is told to go on.
#[derive(Debug, Default)]
pub struct VirtualClock {
    now_ns: Cell<u64>,
}

impl VirtualClock {
    /// Goes on to a moment; a moment in the past changes nothing.
    pub fn advance_to(&self, moment_ns: u64) {
        self.now_ns.set(self.now_ns.get().max(moment_ns));
    }
}

impl Clock for VirtualClock {
    fn now_ns(&self) -> u64 {
        self.now_ns.get()
    }
}

/// CPU time that the calling thread has used, in nanoseconds.
#[must_use]
pub fn thread_cpu_ns() -> u64 {
    read_ns(ClockId::ThreadCPUTime)
}

#[inline]
fn read_ns(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    time.tv_sec.cast_unsigned() * 1_000_000_000 + time.tv_nsec.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_never_goes_back() {
        let clock = VirtualClock::default();
        clock.advance_to(5);
        clock.advance_to(3);
        assert_eq!(clock.now_ns(), 5);
    }

    #[test]
    fn the_monotonic_clock_and_cpu_time_advance() {
        let (wall_ns, cpu_ns) = (MonotonicClock.now_ns(), thread_cpu_ns());
        while thread_cpu_ns() == cpu_ns {}
        assert!(MonotonicClock.now_ns() > wall_ns);
    }
}
