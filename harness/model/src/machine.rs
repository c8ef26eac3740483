//! Facts of the machine and of the runtimes found on it, and the core layouts that follow from them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::define::server::RuntimeKind;
use crate::define::workload::Service;
use crate::names::{RuntimeName, ServerName};

/// What the machine is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processors this process may be scheduled on.
    pub cpus: Vec<Cpu>,
    /// The processor's model, as the kernel names it.
    pub cpu_model: String,
    /// Main memory in bytes.
    pub memory_bytes: u64,
    /// The operating system and its release.
    pub os: String,
    /// Whether it runs on a hypervisor.
    pub virtual_machine: bool,
    /// The greatest number of files that may be open, after raising it as far as allowed.
    pub open_files_limit: u64,
    /// What this machine cannot do that the method would like, in words.
    pub doubts: Vec<String>,
}

impl Machine {
    /// The machine in a few words, for charts: processor, cores and system.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("{}, {}", self.kind_in_words(), self.os)
    }

    /// The machine's type: what must be alike for two runs to be compared. The system may be updated.
    #[must_use]
    pub fn kind_in_words(&self) -> String {
        let kind = if self.virtual_machine { " (virtual)" } else { "" };
        format!("{} × {}{kind}", self.cpus.len(), self.cpu_model)
    }
}

/// One processor as the scheduler sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cpu {
    /// Its number.
    pub id: u16,
    /// The physical core; SMT siblings share it.
    pub core: u16,
    /// The socket.
    pub socket: u16,
}

/// Which processors do what while an arm runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Where the load generator runs.
    pub generator: Vec<u16>,
    /// Where the server runs.
    pub server: Vec<u16>,
    /// Where backing services run.
    pub services: Vec<u16>,
}

impl Layout {
    /// Whether the generator shares a processor with the server.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.generator.iter().any(|cpu| self.server.contains(cpu))
    }
}

/// How many server cores one generator core can keep busy: a server here answers at most some 20,000 requests/s on a core, and the generator
/// shows 90,000/s and more.
const SERVER_CORES_A_GENERATOR_CORE: usize = 4;

/// Lays out a generator core for each four of the server's, `server_cores` server cores and the rest for services; `None` where the
/// machine has fewer cores than the server is to have.
///
/// Physical cores are used up before SMT siblings, and the generator keeps a core of its own wherever the
/// machine has one left (method.md, *Small machines*).
#[must_use]
pub fn lay_out(machine: &Machine, server_cores: u16) -> Option<Layout> {
    let cpus = physical_first(machine);
    let wanted = usize::from(server_cores);
    if wanted == 0 || cpus.len() < wanted {
        return None;
    }
    let generators = wanted.div_ceil(SERVER_CORES_A_GENERATOR_CORE).min(cpus.len() - wanted).max(1);
    let generator = cpus[..generators].to_vec();
    let mut server: Vec<u16> = cpus.iter().skip(generators).take(wanted).copied().collect();
    if server.len() < wanted {
        server = cpus.iter().take(wanted).copied().collect();
    }
    let free: Vec<u16> =
        cpus.iter().filter(|cpu| !server.contains(cpu) && !generator.contains(cpu)).take(1).copied().collect();
    let services = if free.is_empty() { generator.clone() } else { free };
    Some(Layout { generator, server, services })
}

fn physical_first(machine: &Machine) -> Vec<u16> {
    let mut seen = std::collections::BTreeSet::new();
    let (first, siblings): (Vec<&Cpu>, Vec<&Cpu>) =
        machine.cpus.iter().partition(|cpu| seen.insert((cpu.socket, cpu.core)));
    first.into_iter().chain(siblings).map(|cpu| cpu.id).collect()
}

/// What is known of each runtime that a server names.
pub type Runtimes = BTreeMap<ServerName, BTreeMap<RuntimeName, RuntimeFound>>;

/// What looking for a runtime gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RuntimeFound {
    /// It is there, or can be installed from its registry package.
    Present(RuntimeFacts),
    /// It is not there.
    Missing(RuntimeMissing),
}

/// A runtime that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeFacts {
    /// Its kind.
    pub kind: RuntimeKind,
    /// Its version, x.y.z.
    pub version: String,
    /// Whether it is a free-threaded build of CPython.
    pub free_threaded: bool,
    /// How it was found: a setting, a name on PATH, a registry package.
    pub source: String,
}

/// The services beside the servers that cannot be had here.
pub type MissingServices = BTreeMap<Service, RuntimeMissing>;

/// A runtime or service that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeMissing {
    /// Why, with what was tried.
    pub reason: String,
    /// What would mend it.
    pub remedy: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(cpus: &[(u16, u16)]) -> Machine {
        Machine {
            cpus: cpus.iter().map(|&(id, core)| Cpu { id, core, socket: 0 }).collect(),
            cpu_model: "test".to_owned(),
            memory_bytes: 1 << 30,
            os: "test".to_owned(),
            virtual_machine: false,
            open_files_limit: 1024,
            doubts: Vec::new(),
        }
    }

    #[test]
    fn two_cores_give_each_side_one() {
        let layout = lay_out(&machine(&[(0, 0), (1, 1)]), 1).expect("two cores suffice");
        assert_eq!((layout.generator, layout.server, layout.services), (vec![0], vec![1], vec![0]));
    }

    #[test]
    fn a_server_on_both_cores_shares_one_with_the_generator() {
        let layout = lay_out(&machine(&[(0, 0), (1, 1)]), 2).expect("two cores suffice");
        assert!(layout.is_shared());
        assert_eq!(layout.server, vec![0, 1]);
        assert!(lay_out(&machine(&[(0, 0), (1, 1)]), 3).is_none());
    }

    #[test]
    fn a_large_server_gets_more_generator_cores_as_far_as_there_are() {
        let cpus: Vec<(u16, u16)> = (0..12).map(|id| (id, id)).collect();
        let layout = lay_out(&machine(&cpus), 4).expect("twelve cores suffice");
        assert_eq!((layout.generator, layout.server.len(), layout.services), (vec![0], 4, vec![5]));
        let layout = lay_out(&machine(&cpus), 8).expect("twelve cores suffice");
        assert_eq!((layout.generator, layout.server.len(), layout.services), (vec![0, 1], 8, vec![10]));
        let layout = lay_out(&machine(&cpus), 11).expect("twelve cores suffice");
        assert_eq!((layout.generator, layout.server.len(), layout.services), (vec![0], 11, vec![0]));
        let layout = lay_out(&machine(&cpus), 12).expect("twelve cores suffice");
        assert!(layout.is_shared() && layout.generator == [0]);
    }

    #[test]
    fn siblings_are_used_last() {
        let layout = lay_out(&machine(&[(0, 0), (1, 0), (2, 1), (3, 1)]), 1).expect("four processors suffice");
        assert_eq!((layout.generator, layout.server, layout.services), (vec![0], vec![2], vec![1]));
    }
}
