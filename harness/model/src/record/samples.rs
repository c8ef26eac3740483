//! What was sampled of server and host beside the load.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Server and host, sampled ten times a second; all vectors have the length of `at_s`, and rates belong to the
/// interval that ends there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// Seconds since the measuring window began (negative: warm-up).
    pub at_s: Vec<f64>,
    /// Cores used by the server's process tree.
    pub server_cores: Vec<f64>,
    /// Resident memory of the process tree, in MiB.
    pub server_rss_mib: Vec<f64>,
    /// Threads of the process tree.
    pub server_threads: Vec<u32>,
    /// Context switches a second of the process tree, voluntary and not.
    pub server_switches_per_s: Vec<f64>,
    /// For each processor, the share of time it was busy.
    pub busy: BTreeMap<u16, Vec<f64>>,
    /// For each processor, the share of time that the hypervisor took.
    pub stolen: BTreeMap<u16, Vec<f64>>,
    /// Share of time in which some task waited for a processor (PSI), where the kernel tells.
    pub cpu_pressure: Vec<f64>,
    /// Proportional set size of the process tree at the end, in MiB, where the kernel tells.
    pub server_pss_mib: Option<f64>,
    /// Proportional set size of the process tree, from before the first connection on and once a second, where a claim is about the memory
    /// of connections and the kernel tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_pss: Vec<PssPoint>,
}

/// The proportional set size of a process tree at a moment: memory that processes share is counted once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PssPoint {
    /// Seconds since the measuring window began (negative: before it).
    pub at_s: f64,
    /// The size, in MiB.
    pub mib: f64,
}

/// Stalls on one processor, as seen by a thread that wakes every few milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hiccups {
    /// The processor.
    pub cpu: u16,
    /// How often it woke.
    pub wakes: u64,
    /// The longest delay of a waking, in µs.
    pub max_us: f64,
    /// 99th percentile of the delays, in µs.
    pub p99_us: f64,
    /// Seconds lost in delays of more than a millisecond.
    pub lost_s: f64,
    /// Whether the thread ran above ordinary priority; if not, the server's own load shows as delay.
    pub real_time: bool,
    /// Whether something else used the processor's core; nothing where it was not busy enough to tell, or not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contention: Option<Contention>,
}

/// How a fixed piece of work, timed again and again on a busy processor, fared against what it takes when nothing else uses the core:
/// a host that runs another thread on the same core slows it, and no counter of the guest shows that.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contention {
    /// How often the work was timed while the processor was busy.
    pub timings: u64,
    /// The share of the timings that were slower than an undisturbed core is.
    pub slowed_share: f64,
    /// What the work took on average, in µs.
    pub mean_us: f64,
    /// What it takes undisturbed, in µs.
    pub own_us: f64,
}
