//! Whether the generator's memory stays flat over time at 50,000/s.

use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use serde_json::Value;

use crate::manner::Manner;
use crate::options::Options;
use crate::place::Place;
use crate::role::Role;
use crate::running::Running;
use crate::table::{Bound, Row, Table};

/// As in load.md.
const RATE_PER_S: u32 = 50_000;
/// Between two looks at the process.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The share of the run after which it has what it will ever need.
const SETTLED: f64 = 0.2;
/// The most that it may grow from then on, in KiB: below a hundredth of what it has. The series of a whole day, which is set aside at
/// the start and filled as time goes on, takes some of it.
const GROWTH_KIB_MAX: f64 = 256.0;
/// A run that leaves more than this of what is due unsent says nothing of 50,000/s.
const UNSENT_PERCENT_MAX: f64 = 1.0;

/// Watches a run of `drive`.
pub(crate) fn measure(options: &Options, place: &Place, table: &mut Table) -> anyhow::Result<()> {
    let server = Running::start(place, Manner::Plain)?;
    place.go_to_generator()?;
    let time = options.memory();
    let mut command = Role::Generator.command()?;
    command.args(["drive", &server.url, "--quiet", "--json", "--warm-up", "0s", "--rate", &RATE_PER_S.to_string()]);
    command.args(["--duration", &format!("{}ms", time.as_millis())]);
    let began = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let (looks, said) = watch(child, time)?;
    let summary: Value = serde_json::from_str(&said).with_context(|| said.clone())?;
    let number = |member: &Value| member.as_f64().with_context(|| format!("the summary says {member}"));
    let (answered_per_s, sent_share) = (number(&summary["rate"])?, number(&summary["self_check"]["sent_share"])?);
    let settled = looks.iter().find(|(at, _)| at.duration_since(began).as_secs_f64() >= time.as_secs_f64() * SETTLED);
    let (_, settled_kib) = settled.or(looks.first()).ok_or_else(|| anyhow!("the run ended before it was looked at"))?;
    let most_kib = looks.iter().map(|(_, kib)| *kib).fold(*settled_kib, f64::max);
    table.row(Row {
        what: format!("memory of `drive` at 50,000/s over {time:?}: growth after the first fifth, in KiB"),
        measured: format!("{:.0} of {settled_kib:.0}", most_kib - settled_kib),
        bound: Bound::AtMost { value: most_kib - settled_kib, most: GROWTH_KIB_MAX },
    });
    let unsent_percent = (1.0 - sent_share) * 100.0;
    table.row(Row {
        what: "the same run: what was due and not sent, in %".to_owned(),
        measured: format!("{unsent_percent:.2}; {answered_per_s:.0}/s were answered"),
        bound: Bound::AtMost { value: unsent_percent, most: UNSENT_PERCENT_MAX },
    });
    Ok(())
}

/// The process's resident memory in KiB until its end or for about this time, and what it said.
pub(crate) fn watch(mut child: Child, time: Duration) -> anyhow::Result<(Vec<(Instant, f64)>, String)> {
    let until = Instant::now() + time;
    let mut looks = Vec::new();
    while Instant::now() < until && child.try_wait()?.is_none() {
        // A process that has just ended has no memory.
        looks.extend(resident_kib(child.id()).map(|kib| (Instant::now(), kib)));
        thread::sleep(LOOK_EVERY);
    }
    let output = child.wait_with_output().context("the run cannot be waited for")?;
    Ok((looks, String::from_utf8_lossy(&output.stdout).into_owned()))
}

fn resident_kib(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
