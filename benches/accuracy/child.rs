//! A process that is waited for, with the CPU time that it took.

use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// What a process that came to its end used and said.
pub(crate) struct Ended {
    /// Time on a processor in user and kernel mode, of all its threads, from its start to its end.
    pub(crate) cpu: Duration,
    /// Its standard output.
    pub(crate) output: String,
    status: ExitStatus,
    complaint: String,
}

impl Ended {
    /// Its output, where it ended well.
    pub(crate) fn well(&self) -> anyhow::Result<&str> {
        if !self.status.success() {
            bail!("a generator failed ({}): {}{}", self.status, self.complaint, self.output);
        }
        Ok(&self.output)
    }
}

/// Runs a command to its end. No other child may end meanwhile.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Ended> {
    let name = command.get_program().to_string_lossy().into_owned();
    let before = children_cpu()?;
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {name}"))?;
    let cpu = children_cpu()?.saturating_sub(before);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Ended { cpu, output: text, status: output.status, complaint })
}

/// CPU time of all children that were waited for.
fn children_cpu() -> anyhow::Result<Duration> {
    let used = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(duration(used.user_time()) + duration(used.system_time()))
}

fn duration(time: TimeVal) -> Duration {
    let micros = i128::from(time.tv_sec()) * 1_000_000 + i128::from(time.tv_usec());
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
