//! One reading: what the process trees have used so far, and the host's counters.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Proportional, Sampling};
use crate::platform::{self, HostReading};

/// Every how many readings the trees are looked through for new processes.
const TREE_EVERY: u32 = 10;
/// Every how many readings context switches are read: a file for each thread.
const SWITCHES_EVERY: u32 = 5;
/// Every how many readings the proportional set size is read, where it is.
const PROPORTIONAL_EVERY: u32 = 10;
/// Bytes of a MiB.
const MIB: f64 = 1024.0 * 1024.0;

/// What was read at one moment; times count from the first reading.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    pub(super) at: Duration,
    pub(super) server_cpu_s: f64,
    pub(super) server_rss_mib: f64,
    /// Where it was read.
    pub(super) server_pss_mib: Option<f64>,
    pub(super) server_threads: u32,
    /// The rate since they were last read.
    pub(super) server_switches_per_s: f64,
    pub(super) services_cpu_s: f64,
    pub(super) host: HostReading,
    pub(super) pressure_us: Option<u64>,
}

/// Reads again and again.
pub(super) struct Reader {
    server: Tree,
    services: Tree,
    count: u32,
    switches: Switches,
    proportional: Proportional,
}

/// A process tree and the CPU time of each of its processes, so that one that ends takes nothing away.
struct Tree {
    leaders: Vec<i32>,
    pids: Vec<i32>,
    last_cpu_s: BTreeMap<i32, f64>,
    cpu_s: f64,
}

/// Context switches at the last time they were read.
#[derive(Default)]
struct Switches {
    last: Option<(Duration, u64)>,
    per_s: f64,
}

#[derive(Default)]
struct TreeReading {
    rss_bytes: u64,
    threads: u32,
}

impl Reader {
    pub(super) fn new(sampling: &Sampling) -> Self {
        Self {
            server: Tree::new(vec![sampling.server]),
            services: Tree::new(sampling.services.clone()),
            count: 0,
            switches: Switches::default(),
            proportional: sampling.proportional,
        }
    }

    pub(super) fn read(&mut self) -> Reading {
        if self.count.is_multiple_of(TREE_EVERY) {
            self.server.look();
            self.services.look();
        }
        let at = platform::monotonic();
        let server = self.server.read();
        self.services.read();
        if self.count.is_multiple_of(SWITCHES_EVERY) {
            self.switches.read(at, &self.server.pids);
        }
        let asked = self.proportional == Proportional::EachSecond && self.count.is_multiple_of(PROPORTIONAL_EVERY);
        self.count += 1;
        Reading {
            at,
            server_cpu_s: self.server.cpu_s,
            server_rss_mib: server.rss_bytes as f64 / MIB,
            server_pss_mib: asked.then(|| proportional_of(&self.server.pids)).flatten(),
            server_threads: server.threads,
            server_switches_per_s: self.switches.per_s,
            services_cpu_s: self.services.cpu_s,
            host: platform::host_reading().unwrap_or_default(),
            pressure_us: platform::cpu_pressure_us(),
        }
    }
}

impl Tree {
    fn new(leaders: Vec<i32>) -> Self {
        // The first look finds even those that left their parents.
        let pids = platform::members(&leaders);
        Self { leaders, pids, last_cpu_s: BTreeMap::new(), cpu_s: 0.0 }
    }

    fn look(&mut self) {
        let mut pids = platform::descendants(&self.leaders);
        pids.extend(&self.pids);
        pids.sort_unstable();
        pids.dedup();
        self.pids = pids;
    }

    fn read(&mut self) -> TreeReading {
        let mut sum = TreeReading::default();
        let (last_cpu_s, cpu_s) = (&mut self.last_cpu_s, &mut self.cpu_s);
        self.pids.retain(|&pid| {
            let Some(reading) = platform::read_process(pid) else { return false };
            // What a process used before it was first seen does not count.
            let before = last_cpu_s.insert(pid, reading.cpu_s).unwrap_or(reading.cpu_s);
            *cpu_s += (reading.cpu_s - before).max(0.0);
            sum.rss_bytes += reading.resident_bytes;
            sum.threads += reading.threads;
            true
        });
        sum
    }
}

impl Switches {
    fn read(&mut self, at: Duration, pids: &[i32]) {
        let count: u64 = pids.iter().filter_map(|&pid| platform::switches(pid)).sum();
        if let Some((before, last)) = self.last {
            // A thread that ended takes its count along.
            self.per_s = count.saturating_sub(last) as f64 / (at - before).as_secs_f64();
        }
        self.last = Some((at, count));
    }
}

/// Proportional set size of a server's processes in MiB, where the kernel tells; takes milliseconds.
pub(super) fn proportional_mib(server: i32) -> Option<f64> {
    proportional_of(&platform::members(&[server]))
}

fn proportional_of(pids: &[i32]) -> Option<f64> {
    let sizes: Vec<u64> = pids.iter().copied().filter_map(platform::proportional_bytes).collect();
    (!sizes.is_empty()).then(|| sizes.iter().sum::<u64>() as f64 / MIB)
}
