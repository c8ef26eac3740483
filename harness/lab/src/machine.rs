//! What the machine is, as the record states it; and its limit of open files, raised as far as allowed.

use std::sync::OnceLock;

use model::machine::Machine;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::platform;

/// Open files that a run can need: ten thousand connections on both sides, and some.
const OPEN_FILES_WANTED: u64 = 21_000;

/// Reads the machine's facts, raising the limit of open files on the way.
#[must_use]
pub fn look() -> Machine {
    let facts = platform::facts();
    let cpus = platform::cpus();
    let open_files_limit = raise_open_files_limit();
    let mut doubts = facts.doubts;
    if cpus.len() < 2 {
        doubts.push("there is one processor: the generator and the server always share it".to_owned());
    }
    if open_files_limit < OPEN_FILES_WANTED {
        doubts.push(format!(
            "{open_files_limit} files may be open, {OPEN_FILES_WANTED} are wanted for the largest workloads; raise \
             the hard limit (`ulimit -Hn`)"
        ));
    }
    Machine {
        cpus,
        cpu_model: facts.cpu_model,
        memory_bytes: facts.memory_bytes,
        os: facts.os,
        virtual_machine: facts.virtual_machine,
        open_files_limit,
        doubts,
    }
}

/// Raises the limit of open files to the hard limit and gives what holds now.
fn raise_open_files_limit() -> u64 {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 0 };
    match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        Err(_) => soft,
    }
}

/// Whether this is a guest, whose processors the host moves from core to core. Looked at once.
pub(crate) fn is_virtual() -> bool {
    static VIRTUAL: OnceLock<bool> = OnceLock::new();
    *VIRTUAL.get_or_init(|| platform::facts().virtual_machine)
}

/// Pins the calling thread to some processors; threads and processes that it starts later inherit this.
///
/// # Errors
/// When the system refuses, or a processor is not among those allowed.
pub fn pin_current_thread(cpus: &[u16]) -> std::io::Result<()> {
    let mask = platform::cpu_mask(cpus).map_err(std::io::Error::other)?;
    platform::pin_thread(&mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_told() {
        let machine = look();
        assert!(!machine.cpus.is_empty());
        assert!(machine.open_files_limit > 0);
        assert_eq!(machine.doubts.iter().any(|doubt| doubt.contains("files")), machine.open_files_limit < 21_000);
    }

    #[test]
    fn a_thread_can_be_pinned_where_it_may_run_and_nowhere_else() {
        let first = look().cpus[0].id;
        std::thread::spawn(move || {
            pin_current_thread(&[first]).expect("the processor is allowed");
            assert_eq!(look().cpus.len(), 1);
        })
        .join()
        .expect("the thread ends well");
        assert!(pin_current_thread(&[60_000]).is_err());
    }
}
