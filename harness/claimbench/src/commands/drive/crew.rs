//! Which cores the generator's workers take, and how they wait there.

use std::num::NonZeroU32;

use load::arrival::Arrival;
use load::fleet::Fleet;
use load::pacer::PacerKind;
use model::machine::{Machine, lay_out};

/// The generator's workers.
pub(super) struct Crew {
    workers: NonZeroU32,
    /// Processors in the order in which workers take them; the one that is left to the server for longest is last.
    cpus: Vec<u16>,
    pacer: PacerKind,
}

impl Crew {
    /// As many workers as asked for. Each spins where there is a schedule to keep and the machine has a core beyond theirs for the
    /// server; else it sleeps while it waits.
    pub(super) fn call(workers: NonZeroU32, arrival: &Arrival) -> Self {
        let cpus = order(&lab::machine::look());
        let scheduled = !matches!(arrival, Arrival::Closed { .. });
        let room = (workers.get() as usize) < cpus.len();
        let pacer = if scheduled && room { PacerKind::Spin } else { PacerKind::shared_core() };
        Self { workers, cpus, pacer }
    }

    pub(super) fn workers(&self) -> u32 {
        self.workers.get()
    }

    pub(super) fn pacer(&self) -> PacerKind {
        self.pacer
    }

    pub(super) fn fleet<'a>(&self, settle: &'a (dyn Fn(u32) -> std::io::Result<()> + Sync)) -> Fleet<'a> {
        Fleet { workers: self.workers, settle }
    }

    /// Pins the calling thread as this worker. Where the system has no pinning, the scheduler decides, and the send lag shows it.
    pub(super) fn settle(&self, worker: u32) -> std::io::Result<()> {
        let Some(cpu) = self.cpus.get(worker as usize % self.cpus.len().max(1)) else { return Ok(()) };
        match lab::machine::pin_current_thread(&[*cpu]) {
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => Ok(()),
            pinned => pinned,
        }
    }
}

/// The layout's own generator core first, its server core last.
fn order(machine: &Machine) -> Vec<u16> {
    let Some(layout) = lay_out(machine, 1) else { return Vec::new() };
    let (first, last) = (layout.generator.first(), layout.server.first());
    let others = machine.cpus.iter().map(|cpu| &cpu.id).filter(|id| Some(*id) != first && Some(*id) != last);
    let last = last.filter(|id| Some(*id) != first);
    first.into_iter().chain(others).chain(last).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::machine::Cpu;

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
    fn workers_take_the_servers_core_last() {
        assert_eq!(order(&machine(&[(0, 0), (1, 1)])), [0, 1]);
        // Two cores of two threads each: the server's is the other core.
        assert_eq!(order(&machine(&[(0, 0), (1, 0), (2, 1), (3, 1)])), [0, 1, 3, 2]);
        assert_eq!(order(&machine(&[(5, 0)])), [5]);
    }
}
