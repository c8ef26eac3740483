//! Any other Unix: what there is without Linux's calls, and a doubt for what there is not.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use model::machine::Cpu;

use crate::platform::{CpuTicks, Facts, Urgency};

/// Nothing can be pinned here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuMask;

/// The ticks of each processor; never told here.
pub(crate) type HostReading = BTreeMap<u16, CpuTicks>;

/// What a process used and has; never told here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ProcessReading {
    /// CPU seconds.
    pub(crate) cpu_s: f64,
    /// Resident memory.
    pub(crate) resident_bytes: u64,
    /// Threads.
    pub(crate) threads: u32,
}

pub(crate) fn cpus() -> Vec<Cpu> {
    let count = std::thread::available_parallelism().map_or(1, |count| u16::try_from(count.get()).unwrap_or(u16::MAX));
    (0..count).map(|id| Cpu { id, core: id, socket: 0 }).collect()
}

pub(crate) fn facts() -> Facts {
    Facts {
        cpu_model: std::env::consts::ARCH.to_owned(),
        memory_bytes: 0,
        os: std::env::consts::OS.to_owned(),
        virtual_machine: false,
        doubts: vec![
            "only Linux lets processes be pinned to cores and tells what they use; results from here carry that doubt"
                .to_owned(),
        ],
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Linux")]
pub(crate) fn cpu_mask(_: &[u16]) -> Result<CpuMask, String> {
    Ok(CpuMask)
}

#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Linux")]
pub(crate) fn pin_thread(_: &CpuMask) -> std::io::Result<()> {
    Ok(())
}

pub(crate) fn raise_priority(_: Urgency) -> bool {
    false
}

pub(crate) fn prefer_thread() -> bool {
    false
}

pub(crate) fn monotonic() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

pub(crate) fn sleep_until(due: Duration) -> Duration {
    std::thread::sleep(due.saturating_sub(monotonic()));
    monotonic().saturating_sub(due)
}

/// Whether the groups still run is all that can be asked.
pub(crate) fn members(leaders: &[i32]) -> Vec<i32> {
    let runs = |leader: &i32| nix::sys::signal::killpg(nix::unistd::Pid::from_raw(*leader), None).is_ok();
    leaders.iter().copied().filter(runs).collect()
}

pub(crate) fn descendants(leaders: &[i32]) -> Vec<i32> {
    leaders.to_vec()
}

pub(crate) fn read_process(_: i32) -> Option<ProcessReading> {
    None
}

pub(crate) fn switches(_: i32) -> Option<u64> {
    None
}

pub(crate) fn proportional_bytes(_: i32) -> Option<u64> {
    None
}

pub(crate) fn host_reading() -> Option<HostReading> {
    None
}

pub(crate) fn cpu_pressure_us() -> Option<u64> {
    None
}
