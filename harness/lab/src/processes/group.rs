//! A server's or tool's processes: a session of their own on the cores they were given, and none left when they are
//! stopped.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, setsid};

use super::log::Log;
use super::watchdog::{self, Watchdog};
use crate::platform;

/// How long a server may take to end after SIGTERM; CONTRACT.md gives it two seconds.
const TERM_LIMIT: Duration = Duration::from_secs(3);
/// How long the kernel may take to end a killed process.
const KILL_LIMIT: Duration = Duration::from_secs(2);
/// How long the output of a group that ended may take to arrive.
const OUTPUT_LIMIT: Duration = Duration::from_secs(1);
/// How often is looked whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The running processes of one server or tool. Dropping it stops them all.
#[derive(Debug)]
pub(crate) struct ProcessGroup {
    child: Child,
    leader: i32,
    log: Log,
    watchdog: &'static Watchdog,
    /// The signal that asks it to end.
    asks: Signal,
    stopped: bool,
}

/// How a group ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// By itself, or after SIGTERM.
    Asked,
    /// Only after SIGKILL.
    Killed,
}

impl ProcessGroup {
    /// Starts a program as the leader of its own session, on some processors or wherever the harness may run.
    pub(crate) fn spawn(mut command: Command, cpus: Option<&[u16]>) -> std::io::Result<Self> {
        let watchdog = Watchdog::of_this_process()?;
        let (log, writer) = Log::open()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mask = cpus.map(platform::cpu_mask).transpose().map_err(std::io::Error::other)?;
        let (mut born, tell) = std::io::pipe()?;
        let prepare = move || {
            setsid()?;
            watchdog::announce(watchdog.pipe())?;
            watchdog::tell_parent(&tell)?;
            mask.as_ref().map_or(Ok(()), platform::pin_thread)
        };
        #[expect(unsafe_code, reason = "a session and a mask can only be set between fork and exec")]
        // SAFETY: `prepare` makes four system calls on memory that was set up before the fork; it takes no lock and
        // allocates nothing (an error is built from its number alone).
        unsafe {
            command.pre_exec(prepare)
        };
        let spawned = command.spawn();
        // Closes the writing ends that the command holds, so that the log can end and `born` can be read.
        drop(command);
        match spawned {
            Ok(child) => {
                let leader = i32::try_from(child.id()).map_err(std::io::Error::other)?;
                Ok(Self { child, leader, log, watchdog, asks: Signal::SIGTERM, stopped: false })
            }
            Err(error) => {
                let mut pid = [0; size_of::<i32>()];
                if born.read_exact(&mut pid).is_ok() {
                    watchdog.forget(i32::from_ne_bytes(pid));
                }
                Err(error)
            }
        }
    }

    /// The same group, asked to end by another signal than SIGTERM.
    #[must_use]
    pub(crate) const fn stopped_by(mut self, signal: Signal) -> Self {
        self.asks = signal;
        self
    }

    /// The leader's process id, which is also the group's and the session's.
    #[must_use]
    pub(crate) const fn leader(&self) -> i32 {
        self.leader
    }

    /// The last lines it wrote.
    #[must_use]
    pub(crate) fn log_tail(&self) -> String {
        self.log.tail()
    }

    /// All that it wrote and that was kept, once it has ended: the last words may still be on their way.
    pub(crate) fn output(&self) -> String {
        let deadline = Instant::now() + OUTPUT_LIMIT;
        while !self.log.is_complete() && Instant::now() < deadline {
            std::thread::sleep(LOOK_EVERY);
        }
        self.log.text()
    }

    /// Whether its leader has ended, and how.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Stops every process: asks, waits a bounded time, then kills.
    pub(crate) fn stop(&mut self) -> Stopped {
        self.end(true)
    }

    /// Kills every process without asking.
    pub(crate) fn stop_at_once(&mut self) {
        self.end(false);
    }

    fn end(&mut self, asks: bool) -> Stopped {
        if self.stopped {
            return Stopped::Asked;
        }
        self.stopped = true;
        // Taken down now, since a process that left the session is found only as long as its parent lives.
        let members = platform::members(&[self.leader]);
        let mut how = Stopped::Asked;
        if self.ended().is_none() || !members.is_empty() {
            if asks {
                let _ = killpg(Pid::from_raw(self.leader), self.asks);
            }
            if !asks || !self.all_gone(&members, TERM_LIMIT) {
                how = Stopped::Killed;
                self.kill(&members);
            }
        }
        self.watchdog.forget(self.leader);
        how
    }

    fn kill(&mut self, members: &[i32]) {
        let _ = killpg(Pid::from_raw(self.leader), Signal::SIGKILL);
        for member in still_running(self.leader, members) {
            let _ = kill(Pid::from_raw(member), Signal::SIGKILL);
        }
        self.all_gone(members, KILL_LIMIT);
    }

    fn all_gone(&mut self, members: &[i32], limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        loop {
            // The leader is waited for first: looking through all processes costs a millisecond.
            if self.ended().is_some() && still_running(self.leader, members).is_empty() {
                return true;
            }
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

/// The server's processes that run now: those of its session, and those taken down before with what descends from them.
fn still_running(leader: i32, members: &[i32]) -> Vec<i32> {
    let leaders: Vec<i32> = members.iter().copied().chain([leader]).collect();
    platform::members(&leaders)
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.stop();
    }
}
