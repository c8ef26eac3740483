//! What differs between operating systems: topology, pinning, `/proc`, pressure. Linux comes first; elsewhere a portable
//! fallback runs the suite with a doubt attached.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::{
    HostReading, cpu_mask, cpu_pressure_us, cpus, descendants, facts, host_reading, members, monotonic, pin_thread,
    prefer_thread, proportional_bytes, raise_priority, read_process, sleep_until, switches,
};

#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::{
    HostReading, cpu_mask, cpu_pressure_us, cpus, descendants, facts, host_reading, members, monotonic, pin_thread,
    prefer_thread, proportional_bytes, raise_priority, read_process, sleep_until, switches,
};

/// What a thread above ordinary priority does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// Drives the load.
    Driving,
    /// Watches the host, before anything else.
    Watching,
}

/// What the operating system says of the machine.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The processor's model.
    pub(crate) cpu_model: String,
    /// Main memory.
    pub(crate) memory_bytes: u64,
    /// The system and its release.
    pub(crate) os: String,
    /// Whether it runs on a hypervisor.
    pub(crate) virtual_machine: bool,
    /// What is missing here, in words.
    pub(crate) doubts: Vec<String>,
}

/// Time of one processor since boot, in clock ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuTicks {
    /// Neither idle nor waiting for a disk.
    pub(crate) busy: u64,
    /// Taken by the hypervisor.
    pub(crate) stolen: u64,
    /// All of it.
    pub(crate) total: u64,
}
