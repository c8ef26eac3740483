//! Folders for the state of servers and services: in memory where there is room, removed with their owner, and swept where a harness was
//! killed before it could.

use std::path::{Path, PathBuf};
use std::sync::Once;

use nix::errno::Errno;
use nix::sys::statvfs::statvfs;
use tempfile::TempDir;

use crate::services::{Remnant, remove_remnant};

/// Memory that looks like a disk: what is kept there never waits for a real one.
const MEMORY_FOLDER: &str = "/dev/shm";
/// How the folders begin.
const STATE_PREFIX: &str = "claimbench-server-";

/// How much room a folder shall have, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room(u64);

impl Room {
    /// For counters and the like: a server's own, or those of a service that stores nothing.
    pub(crate) const LITTLE: Self = Self(8 << 20);

    /// For these bytes.
    pub(crate) const fn of(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Whether a folder's file system has it; a container's memory folder has 64 MB where nobody asked for more.
    fn is_in(self, folder: &Path) -> bool {
        let free = |found: nix::sys::statvfs::Statvfs| found.blocks_available().saturating_mul(found.fragment_size());
        statvfs(folder).is_ok_and(|found| free(found) >= self.0)
    }
}

/// A folder for the state of a server or service, named by the harness's process: a killed one cannot remove its own.
pub(crate) fn state_folder(room: Room) -> std::io::Result<TempDir> {
    static SWEPT: Once = Once::new();
    SWEPT.call_once(sweep);
    folder_in(Path::new(MEMORY_FOLDER), room)
}

fn folder_in(memory: &Path, room: Room) -> std::io::Result<TempDir> {
    let prefix = format!("{STATE_PREFIX}{}-", std::process::id());
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix(&prefix);
    if room.is_in(memory) { builder.tempdir_in(memory).or_else(|_| builder.tempdir()) } else { builder.tempdir() }
}

/// Removes what dead harnesses left, wherever it may lie.
pub(crate) fn sweep() {
    for within in [PathBuf::from(MEMORY_FOLDER), std::env::temp_dir()] {
        remove_folders_of_the_dead(&within);
    }
}

fn remove_folders_of_the_dead(within: &Path) {
    for entry in within.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let rest = name.to_str().and_then(|name| name.strip_prefix(STATE_PREFIX));
        let owner = rest.and_then(|rest| rest.split('-').next()?.parse::<i32>().ok());
        let is_dead = |owner| nix::sys::signal::kill(nix::unistd::Pid::from_raw(owner), None) == Err(Errno::ESRCH);
        // A folder that tells of memory which is about to be let go of is the next sweep's.
        if owner.is_some_and(is_dead) && remove_remnant(&entry.path()) == Remnant::None {
            // What cannot be removed is another user's.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_dead_harnesses_are_removed_and_others_kept() {
        let within = tempfile::tempdir().expect("a folder");
        let own = format!("{STATE_PREFIX}{}-a", std::process::id());
        // Far above every kernel's greatest process id.
        let dead = format!("{STATE_PREFIX}{}-b", i32::MAX);
        for name in [own.as_str(), &dead, "claimbench-server-words", "other"] {
            std::fs::create_dir(within.path().join(name)).expect("writable");
        }
        remove_folders_of_the_dead(within.path());
        assert!(!within.path().join(dead).exists());
        assert_eq!(within.path().read_dir().expect("readable").count(), 3);
    }

    #[test]
    fn the_sweep_goes_wherever_a_folder_may_lie() {
        let name = format!("{STATE_PREFIX}{}-{}", i32::MAX, std::process::id());
        let places = [PathBuf::from(MEMORY_FOLDER), std::env::temp_dir()];
        let dead: Vec<PathBuf> = places.iter().filter(|place| place.is_dir()).map(|place| place.join(&name)).collect();
        for folder in &dead {
            std::fs::create_dir(folder).expect("writable");
        }
        sweep();
        assert!(dead.iter().all(|folder| !folder.exists()), "{dead:?}");
    }

    #[test]
    fn what_has_no_room_in_memory_goes_where_temporary_files_go() {
        let memory = tempfile::tempdir().expect("a folder");
        let lies_in = |room| {
            let folder = folder_in(memory.path(), room).expect("a folder");
            folder.path().parent().expect("it lies somewhere").to_owned()
        };
        assert_eq!(lies_in(Room::of(1)), memory.path());
        assert_eq!(lies_in(Room::of(u64::MAX)), std::env::temp_dir());
    }
}
