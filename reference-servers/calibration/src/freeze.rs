//! Freezes the whole server for a known time at a known interval: the test of coordinated omission.

use std::rc::Rc;
use std::time::Duration;

use anyhow::ensure;

use crate::timer::{self, Timer};

/// The flags of a freeze: both or neither.
#[derive(clap::Args)]
pub(crate) struct FreezeArguments {
    /// Freeze the whole server once in this many milliseconds.
    #[arg(long, requires = "freeze_for_ms", value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    freeze_every_ms: Option<u64>,
    /// Freeze it for this many milliseconds each time; less than the interval.
    #[arg(long, requires = "freeze_every_ms")]
    freeze_for_ms: Option<u64>,
}

/// When the server freezes: at every multiple of `every_ns` after its start, for `length`.
pub(crate) struct Schedule {
    every_ns: u64,
    length: Duration,
}

impl FreezeArguments {
    /// The schedule, if the flags ask for one.
    pub(crate) fn schedule(&self) -> anyhow::Result<Option<Schedule>> {
        let (Some(every_ms), Some(for_ms)) = (self.freeze_every_ms, self.freeze_for_ms) else {
            return Ok(None);
        };
        ensure!(for_ms < every_ms, "--freeze-for-ms must be less than --freeze-every-ms");
        Ok(Some(Schedule { every_ns: every_ms * 1_000_000, length: Duration::from_millis(for_ms) }))
    }
}

/// Freezes for ever. Blocking the only thread is what it is for.
pub(crate) async fn freeze(timer: Rc<Timer>, schedule: Schedule) {
    let start_ns = timer::now_ns();
    for round in 1_u64.. {
        timer.wait_until(start_ns + round * schedule.every_ns).await;
        std::thread::sleep(schedule.length);
    }
}
