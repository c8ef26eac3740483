//! Decides how to wait until the next request is due. Pure: the waiting itself is the poller's.

use std::time::Duration;

/// How long before a due time the sleep ends where the core is shared: about what a wake-up takes on a virtual
/// machine; at 250 requests/s it costs 1.3 % of a core.
pub const SHARED_CORE_SPIN: Duration = Duration::from_micros(50);

/// The kernel lets a sleep end later by up to a thousandth of its length (`select_estimate_accuracy` in `fs/select.c`);
/// twice that is taken off.
const LATENESS_DIVISOR: u64 = 512;
/// A shorter sleep is not worth its system call and wake-up.
const SLEEP_NS_MIN: u64 = 10_000;

/// How to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacerKind {
    /// Never sleep; for a core of one's own.
    Spin,
    /// Sleep until shortly before, then spin; for a core that others need too.
    Hybrid {
        /// How long before the due time the spinning starts; zero only sleeps.
        spin: Duration,
    },
}

impl PacerKind {
    /// For a core that others need too.
    #[must_use]
    pub const fn shared_core() -> Self {
        Self::Hybrid { spin: SHARED_CORE_SPIN }
    }
}

/// What to do until something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Look for readiness without sleeping.
    Poll,
    /// Sleep at most this long, less if a socket becomes ready.
    Sleep {
        /// Nanoseconds; greater than zero.
        at_most_ns: u64,
    },
}

/// Waits on behalf of one worker.
#[derive(Clone, Copy, Debug)]
pub struct Pacer {
    kind: PacerKind,
}

impl Pacer {
    /// A pacer of this kind.
    #[must_use]
    pub const fn new(kind: PacerKind) -> Self {
        Self { kind }
    }

    /// How to wait now, given when the next request is due (`u64::MAX`: none) and when the next chore is, which
    /// may be late.
    #[inline]
    #[must_use]
    pub fn plan(&self, now_ns: u64, next_due_ns: u64, next_chore_ns: u64) -> Wait {
        let PacerKind::Hybrid { spin } = self.kind else {
            return Wait::Poll;
        };
        let spin_ns = u64::try_from(spin.as_nanos()).unwrap_or(u64::MAX);
        let wake_ns = next_due_ns.saturating_sub(spin_ns).min(next_chore_ns);
        let left_ns = wake_ns.saturating_sub(now_ns);
        match left_ns - left_ns / LATENESS_DIVISOR {
            ..SLEEP_NS_MIN => Wait::Poll,
            at_most_ns => Wait::Sleep { at_most_ns },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_sleeps_into_the_spin_or_past_a_chore(now: u32, due: u64, chore: u64, spin_ns in 0_u64..1_000_000) {
            let pacer = Pacer::new(PacerKind::Hybrid { spin: Duration::from_nanos(spin_ns) });
            let now = u64::from(now);
            if let Wait::Sleep { at_most_ns } = pacer.plan(now, due, chore) {
                prop_assert!(at_most_ns >= SLEEP_NS_MIN);
                prop_assert!(now + at_most_ns <= due.saturating_sub(spin_ns));
                prop_assert!(now + at_most_ns <= chore);
            } else {
                let soon = now + 2 * SLEEP_NS_MIN;
                prop_assert!(due.saturating_sub(spin_ns) <= soon || chore <= soon);
            }
        }

        #[test]
        fn spinning_never_sleeps(now: u64, due: u64, chore: u64) {
            prop_assert_eq!(Pacer::new(PacerKind::Spin).plan(now, due, chore), Wait::Poll);
        }
    }
}
