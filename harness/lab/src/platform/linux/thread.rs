//! Where and how threads run: pinning, real-time priority, waking at a set time.

use std::time::Duration;

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_nanosleep};
use nix::unistd::Pid;

use crate::platform::Urgency;

/// A set of processors as the scheduler takes it.
pub(crate) type CpuMask = CpuSet;

/// The least real-time priority: above every ordinary thread, below everything that asked for more.
const DRIVING: i32 = 1;
/// Above the generator, whose work must not look like a stall of the host.
const WATCHING: i32 = 2;

/// The nice value that outweighs ordinary threads by about 87 to 1 (sched(7)).
const GREATEST_SHARE: i32 = -20;

/// The mask of some processors.
pub(crate) fn cpu_mask(cpus: &[u16]) -> Result<CpuMask, String> {
    let mut mask = CpuSet::new();
    for &cpu in cpus {
        mask.set(usize::from(cpu)).map_err(|error| format!("processor {cpu} cannot be chosen: {error}"))?;
    }
    Ok(mask)
}

/// Pins the calling thread.
pub(crate) fn pin_thread(mask: &CpuMask) -> std::io::Result<()> {
    Ok(sched_setaffinity(Pid::from_raw(0), mask)?)
}

/// Raises the calling thread above ordinary priority; `false` where that is not allowed.
pub(crate) fn raise_priority(urgency: Urgency) -> bool {
    let sched_priority = match urgency {
        Urgency::Driving => DRIVING,
        Urgency::Watching => WATCHING,
    };
    let priority = nix::libc::sched_param { sched_priority };
    #[expect(unsafe_code, reason = "no safe wrapper offers sched_setscheduler")]
    // SAFETY: the pointer is to a live, initialised sched_param, which the call only reads; thread 0 is the caller.
    let result = unsafe { nix::libc::sched_setscheduler(0, nix::libc::SCHED_FIFO, &raw const priority) };
    result == 0
}

/// Gives the calling thread the greatest share of its processor that an ordinary thread can have; `false` where that is not allowed.
pub(crate) fn prefer_thread() -> bool {
    #[expect(unsafe_code, reason = "no safe wrapper offers setpriority for one thread")]
    // SAFETY: the call takes and keeps no pointers; of process 0 it means the calling thread.
    let result = unsafe { nix::libc::setpriority(nix::libc::PRIO_PROCESS, 0, GREATEST_SHARE) };
    result == 0
}

/// Sleeps until a time on the clock of [`monotonic`] and gives by how much the waking was late.
pub(crate) fn sleep_until(due: Duration) -> Duration {
    let request = TimeSpec::from_duration(due);
    while clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::TIMER_ABSTIME, &request)
        .is_err_and(|error| error == nix::errno::Errno::EINTR)
    {}
    monotonic().saturating_sub(due)
}

/// Time since some fixed point in the past; the clock that `Instant` uses.
pub(crate) fn monotonic() -> Duration {
    ClockId::CLOCK_MONOTONIC.now().map_or(Duration::ZERO, Duration::from)
}
