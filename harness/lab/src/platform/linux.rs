//! Linux: the scheduler's calls and the files under `/proc` and `/sys`.

mod facts;
mod host;
mod process;
mod thread;

pub(crate) use facts::{cpus, facts};
pub(crate) use host::{HostReading, cpu_pressure_us, host_reading};
pub(crate) use process::{descendants, members, proportional_bytes, read_process, switches};
pub(crate) use thread::{cpu_mask, monotonic, pin_thread, prefer_thread, raise_priority, sleep_until};
