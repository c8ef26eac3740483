//! What a PostgreSQL that was killed leaves beside its folder: a small segment of System V shared memory, with which it makes sure that
//! no other one serves the same data (PostgreSQL documentation, Shared Memory and Semaphores). All else it maps without a name, or
//! keeps in its folder.

use std::mem::MaybeUninit;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::libc;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::postgres::DATA;

/// Whether memory is left once the state of a dead harness's service is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remnant {
    /// Nothing is.
    None,
    /// The service's last processes are ending just now and still hold it.
    Held,
}

/// What `postmaster.pid` says of a running PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    postmaster: i32,
    key: libc::key_t,
    id: libc::c_int,
}

/// Removes the segment that the state of a dead harness's service names, where no process holds it.
pub(crate) fn remove_remnant(state: &Path) -> Remnant {
    let file = state.join(DATA).join("postmaster.pid");
    let Ok(facts) = file.symlink_metadata() else { return Remnant::None };
    let Some(told) = std::fs::read_to_string(&file).ok().and_then(|text| told(&text)) else { return Remnant::None };
    match holders(told, facts.uid()) {
        Some(0) => {
            remove(told.id);
            Remnant::None
        }
        // One that still runs ends by itself soon after its folder is gone, and takes its segment along.
        Some(_) if kill(Pid::from_raw(told.postmaster), None).is_err() => Remnant::Held,
        _ => Remnant::None,
    }
}

/// The first line is the postmaster's process, and the seventh the segment's key and number, both without a sign.
fn told(text: &str) -> Option<Told> {
    let mut lines = text.lines();
    let postmaster = lines.next()?.trim().parse().ok()?;
    let mut segment = lines.nth(5)?.split_ascii_whitespace();
    let mut number = || i32::try_from(segment.next()?.parse::<u64>().ok()?.cast_signed()).ok();
    Some(Told { postmaster, key: number()?, id: number()? })
}

/// How many processes hold a segment, if it still has its key and belongs to this user: numbers are given anew after a reboot.
fn holders(told: Told, user: u32) -> Option<libc::shmatt_t> {
    #[expect(unsafe_code, reason = "no safe wrapper offers shmget")]
    // SAFETY: takes whole numbers only; without IPC_CREAT it makes nothing.
    let found = unsafe { libc::shmget(told.key, 0, 0) };
    if found != told.id {
        return None;
    }
    let mut facts = MaybeUninit::<libc::shmid_ds>::zeroed();
    #[expect(unsafe_code, reason = "no safe wrapper offers shmctl")]
    // SAFETY: IPC_STAT writes one shmid_ds, for which there is room; all zeros are a valid one, should it write none.
    let facts = unsafe {
        let asked = libc::shmctl(told.id, libc::IPC_STAT, facts.as_mut_ptr());
        (asked == 0).then(|| facts.assume_init())
    }?;
    (facts.shm_perm.uid == user).then_some(facts.shm_nattch)
}

fn remove(id: libc::c_int) {
    #[expect(unsafe_code, reason = "no safe wrapper offers shmctl")]
    // SAFETY: IPC_RMID reads no memory of ours, and no process has the segment mapped.
    let _ = unsafe { libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_segment_is_read_from_the_seventh_line() {
        let text = "4711\n/dev/shm/x/data\n1700000000\n20123\n\n127.0.0.1\n  1024468    491520\nready   \n";
        assert_eq!(told(text), Some(Told { postmaster: 4711, key: 1_024_468, id: 491_520 }));
        let negative = text.replace("1024468", "18446744073709551615");
        assert_eq!(told(&negative).map(|told| told.key), Some(-1));
        assert_eq!(told("4711\n/dev/shm/x/data\n1700000000\n20123\n"), None, "it is starting");
    }
}
