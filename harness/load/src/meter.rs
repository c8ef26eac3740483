//! What the generator itself uses: CPU time of its thread, with the spinning told apart from the work.

use crate::clock::{Clock, MonotonicClock, thread_cpu_ns};

/// Longest turn of the loop without work that counts as spinning; a longer one was not ours, but the host's.
const SPIN_TURN_NS_MAX: u64 = 20_000;
/// A turn of the loop without work that took this long is a hiccup of the host.
const HICCUP_NS: u64 = 1_000_000;

/// What the generator's thread used during the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GeneratorUse {
    /// CPU time, spinning included, in nanoseconds.
    pub cpu_ns: u64,
    /// Of that, time spent looking for something to do, in nanoseconds.
    pub spin_ns: u64,
    /// Wall-clock time, in nanoseconds: of several workers, of all of them together.
    pub wall_ns: u64,
    /// How often the spinning thread stood still for more than a millisecond. A sleeping one cannot tell.
    pub hiccups: u64,
    /// How long it stood still in all of them, in nanoseconds.
    pub hiccups_ns: u64,
}

impl GeneratorUse {
    /// CPU time of the work itself, in nanoseconds.
    #[must_use]
    pub const fn busy_ns(&self) -> u64 {
        self.cpu_ns.saturating_sub(self.spin_ns)
    }

    /// Adds what another worker used.
    pub(crate) const fn add(&mut self, other: &Self) {
        self.cpu_ns += other.cpu_ns;
        self.spin_ns += other.spin_ns;
        self.wall_ns += other.wall_ns;
        self.hiccups += other.hiccups;
        self.hiccups_ns += other.hiccups_ns;
    }

    /// Share of the window in which it worked; of several workers, on average.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn busy_share(&self) -> f64 {
        self.busy_ns() as f64 / self.wall_ns.max(1) as f64
    }
}

/// Measures the worker's own loop.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    window: GeneratorUse,
    used: GeneratorUse,
    turn_start_ns: u64,
    turn: Turn,
    cpu_start_ns: u64,
    wall_start_ns: u64,
}

/// What a turn of the loop did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Turn {
    #[default]
    Worked,
    FoundNothing,
}

impl Meter {
    /// A turn of the loop begins.
    #[inline]
    pub(crate) fn iterate(&mut self, now_ns: u64) {
        if self.turn == Turn::FoundNothing {
            let turn_ns = now_ns.saturating_sub(self.turn_start_ns);
            self.used.spin_ns += turn_ns.min(SPIN_TURN_NS_MAX);
            if turn_ns > HICCUP_NS {
                self.used.hiccups += 1;
                self.used.hiccups_ns += turn_ns;
            }
        }
        self.turn = Turn::Worked;
        self.turn_start_ns = now_ns;
    }

    /// The turn looked for something to do, without sleeping, and found nothing.
    #[inline]
    pub(crate) fn found_nothing(&mut self) {
        self.turn = Turn::FoundNothing;
    }

    pub(crate) fn start_window(&mut self) {
        self.used = GeneratorUse::default();
        self.cpu_start_ns = thread_cpu_ns();
        self.wall_start_ns = MonotonicClock.now_ns();
    }

    /// CPU time of the work itself since the window began, in nanoseconds.
    pub(crate) fn busy_so_far_ns(&self) -> u64 {
        (thread_cpu_ns() - self.cpu_start_ns).saturating_sub(self.used.spin_ns)
    }

    pub(crate) fn end_window(&mut self) {
        self.used.cpu_ns = thread_cpu_ns() - self.cpu_start_ns;
        self.used.wall_ns = MonotonicClock.now_ns() - self.wall_start_ns;
        self.used.spin_ns = self.used.spin_ns.min(self.used.cpu_ns);
        self.window = self.used;
    }

    /// What the window used, once it has ended.
    pub(crate) const fn window(&self) -> GeneratorUse {
        self.window
    }
}
