//! The watchdog: a forked process that outlives the harness by a moment and kills every server group left behind.
//!
//! A parent-death signal would reach a server but not its workers, and the harness cannot act when it is killed itself.
//! So one small process, forked once, reads a pipe of which only the harness holds the other end. Each server
//! announces its own group on that pipe before it executes its program; the harness takes the group off the list once
//! it has ended. When the pipe reports its end, the harness is gone in whatever way, and the groups still on the list
//! are killed.

use std::io::{PipeWriter, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use nix::libc;
use nix::sys::signal::{SigHandler, Signal, killpg, signal};
use nix::unistd::{ForkResult, Pid, fork, read, setsid, write};

/// Groups that may run at once: a server, its upstream and services, times the tests of one process.
const GROUPS_MAX: usize = 256;
/// Bytes of one message: a process group's number, negative to take it off the list. Far below `PIPE_BUF`, so that
/// writes of several processes never mix.
const MESSAGE_BYTES: usize = size_of::<i32>();

/// The harness's end of the pipe.
#[derive(Debug)]
pub(crate) struct Watchdog {
    pipe: OwnedFd,
}

impl Watchdog {
    /// The watchdog of this process, forked at the first call.
    pub(crate) fn of_this_process() -> std::io::Result<&'static Self> {
        static ONE: OnceLock<Result<Watchdog, nix::errno::Errno>> = OnceLock::new();
        ONE.get_or_init(Self::fork).as_ref().map_err(|&error| error.into())
    }

    /// The descriptor on which a server announces itself between fork and exec.
    pub(crate) fn pipe(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }

    /// Takes a group off the list, since it has ended.
    pub(crate) fn forget(&self, group: i32) {
        // The pipe cannot be full: the watchdog does nothing but read it. If it was killed, there is nothing to do.
        let _ = write(&self.pipe, &(-group).to_ne_bytes());
    }

    fn fork() -> nix::Result<Self> {
        let (reader, writer) = std::io::pipe().map_err(|_| nix::errno::Errno::last())?;
        #[expect(unsafe_code, reason = "no safe wrapper can promise what a forked child does")]
        // SAFETY: the child runs only `watch`, which neither allocates nor locks nor unwinds and never returns, so that
        // state which other threads held at the fork is never touched.
        match unsafe { fork() }? {
            ForkResult::Child => {
                // Its own copy of the harness's end would keep the pipe from ever ending.
                drop(writer);
                watch(reader.as_raw_fd())
            }
            ForkResult::Parent { .. } => Ok(Self { pipe: writer.into() }),
        }
    }
}

/// Announces the calling process as the leader of a group; for use between fork and exec.
pub(crate) fn announce(pipe: BorrowedFd<'_>) -> std::io::Result<()> {
    write(pipe, &std::process::id().to_ne_bytes())?;
    Ok(())
}

/// The watchdog's whole life. Async-signal-safe calls only.
fn watch(pipe: libc::c_int) -> ! {
    // A session of its own: an interrupt typed at the terminal must not end it before the harness.
    let _ = setsid();
    ignore_signals();
    close_all_but(pipe);
    let mut groups = [0_i32; GROUPS_MAX];
    let mut message = [0; MESSAGE_BYTES];
    #[expect(unsafe_code, reason = "a descriptor known by its number")]
    // SAFETY: the descriptor was inherited open, nothing in this process closes it.
    let pipe = unsafe { BorrowedFd::borrow_raw(pipe) };
    loop {
        match read(pipe, &mut message) {
            Ok(MESSAGE_BYTES) => note(&mut groups, i32::from_ne_bytes(message)),
            Err(nix::errno::Errno::EINTR) => {}
            _ => break,
        }
    }
    for &group in groups.iter().filter(|&&group| group > 1) {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    #[expect(unsafe_code, reason = "the forked child must not run the harness's exit handlers")]
    // SAFETY: ends the process; nothing of it is used afterwards.
    unsafe {
        libc::_exit(0)
    }
}

fn note(groups: &mut [i32; GROUPS_MAX], message: i32) {
    let (wanted, value) = if message > 0 { (0, message) } else { (message.wrapping_neg(), 0) };
    if let Some(slot) = groups.iter_mut().find(|slot| **slot == wanted) {
        *slot = value;
    }
}

fn ignore_signals() {
    for number in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGPIPE] {
        #[expect(unsafe_code, reason = "signal handlers are process-wide")]
        // SAFETY: this process has one thread, and ignoring runs no handler.
        let _ = unsafe { signal(number, SigHandler::SigIgn) };
    }
}

/// Closes what was inherited: whoever waits for the harness's output to end must not wait for the watchdog.
fn close_all_but(kept: libc::c_int) {
    /// Descriptors closed one by one, where no call closes a range; a young harness has far fewer.
    const CLOSED_MAX: libc::c_int = 1024;
    for descriptor in (0..CLOSED_MAX).filter(|&descriptor| descriptor != kept) {
        #[expect(unsafe_code, reason = "descriptors known by their numbers only")]
        // SAFETY: takes a whole number only; no descriptor but `kept` is used again in this process.
        let _ = unsafe { libc::close(descriptor) };
    }
}

/// Writes this process's number, for a parent that must know it even when exec fails.
pub(crate) fn tell_parent(mut pipe: &PipeWriter) -> std::io::Result<()> {
    pipe.write_all(&std::process::id().to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_noted_and_forgotten() {
        let mut groups = [0; GROUPS_MAX];
        note(&mut groups, 41);
        note(&mut groups, 42);
        note(&mut groups, -41);
        note(&mut groups, -7);
        note(&mut groups, 43);
        assert_eq!(&groups[..3], [43, 42, 0]);
    }
}
