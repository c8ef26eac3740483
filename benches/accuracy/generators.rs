//! The other load generators: how each is started, and where its output says how many answers it got.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::Value;

use crate::role::Role;

/// What every generator is told: a closed loop over some connections for some time.
pub(crate) struct ClosedLoop<'a> {
    pub(crate) url: &'a str,
    pub(crate) connections: u32,
    pub(crate) time: Duration,
}

/// A load generator.
pub(crate) struct Generator {
    pub(crate) name: &'static str,
    /// Prints its version or help and ends; what shows that it is there.
    probe: &'static [&'static str],
    arguments: fn(&ClosedLoop<'_>) -> Vec<String>,
    /// How many answers it got, from its output.
    answers: fn(&str) -> Option<u64>,
}

/// All that are known; the ones that are installed are measured.
pub(crate) const OTHERS: &[Generator] = &[
    Generator { name: "wrk", probe: &["wrk", "-v"], arguments: wrk, answers: wrk_answers },
    Generator { name: "oha", probe: &["oha", "--version"], arguments: oha, answers: oha_answers },
    Generator { name: "h2load", probe: &["h2load", "--version"], arguments: h2load, answers: h2load_answers },
    Generator { name: "wrk2", probe: &["wrk2", "-v"], arguments: wrk2, answers: wrk_answers },
    Generator {
        name: "autocannon",
        probe: &["autocannon", "--version"],
        arguments: autocannon,
        answers: autocannon_answers,
    },
    Generator { name: "hey", probe: &["hey", "-h"], arguments: hey, answers: hey_answers },
];

/// Faster than any server here: wrk2 has no closed loop, and is one where it cannot keep up.
const WRK2_RATE: &str = "1000000";

impl Generator {
    /// Whether it is installed.
    pub(crate) fn is_there(&self) -> bool {
        let mut probe = Command::new(self.probe[0]);
        let quiet = probe.args(&self.probe[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // wrk and hey end with an error after their help.
        quiet.status().is_ok()
    }

    pub(crate) fn command(&self, load: &ClosedLoop<'_>) -> Command {
        let mut command = Command::new(self.name);
        command.args((self.arguments)(load));
        command
    }

    pub(crate) fn answers(&self, output: &str) -> anyhow::Result<u64> {
        let answers = (self.answers)(output).filter(|answers| *answers > 0);
        answers.ok_or_else(|| anyhow!("{} does not say how many answers it got: {output}", self.name))
    }
}

/// Ours, as a process of its own: this executable's `drive`, recording and verifying every body.
pub(crate) fn ours(load: &ClosedLoop<'_>, body: &str) -> anyhow::Result<Command> {
    let mut command = Role::Generator.command()?;
    command.args(["drive", load.url, "--json", "--quiet", "--warm-up", "0s", "--expect-body", body]);
    command.args(["--connections", &load.connections.to_string()]);
    command.args(["--duration", &format!("{}ms", load.time.as_millis())]);
    Ok(command)
}

/// How many answers `drive --json` counted.
pub(crate) fn our_answers(output: &str) -> anyhow::Result<u64> {
    let summary: Value = serde_json::from_str(output).with_context(|| output.to_owned())?;
    match (summary["completed"].as_u64(), summary["errors"].as_u64()) {
        (Some(completed @ 1..), Some(0)) => Ok(completed),
        _ => Err(anyhow!("not all answers were right: {output}")),
    }
}

/// Whole seconds, of which most generators take nothing else.
fn seconds(load: &ClosedLoop<'_>) -> String {
    load.time.as_secs_f64().ceil().to_string()
}

fn wrk(load: &ClosedLoop<'_>) -> Vec<String> {
    words(&["-t1", &format!("-c{}", load.connections), &format!("-d{}s", seconds(load)), load.url])
}

fn wrk2(load: &ClosedLoop<'_>) -> Vec<String> {
    let mut arguments = wrk(load);
    arguments.extend(words(&["-R", WRK2_RATE]));
    arguments
}

fn oha(load: &ClosedLoop<'_>) -> Vec<String> {
    let (connections, time) = (load.connections.to_string(), format!("{}s", seconds(load)));
    words(&["--no-tui", "--output-format", "json", "-c", &connections, "-z", &time, load.url])
}

fn h2load(load: &ClosedLoop<'_>) -> Vec<String> {
    let (connections, time) = (load.connections.to_string(), seconds(load));
    words(&["--h1", "-t1", "-c", &connections, "-D", &time, load.url])
}

fn autocannon(load: &ClosedLoop<'_>) -> Vec<String> {
    words(&["--json", "-c", &load.connections.to_string(), "-d", &seconds(load), load.url])
}

fn hey(load: &ClosedLoop<'_>) -> Vec<String> {
    words(&["-cpus", "1", "-c", &load.connections.to_string(), "-z", &format!("{}s", seconds(load)), load.url])
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// `  123456 requests in 3.00s, 15.07MB read`
fn wrk_answers(output: &str) -> Option<u64> {
    output.lines().find_map(|line| line.split_once(" requests in ")?.0.trim().parse().ok())
}

/// `requests: 10 total, 10 started, 10 done, 9 succeeded, 1 failed, …`
fn h2load_answers(output: &str) -> Option<u64> {
    let line = output.lines().find(|line| line.starts_with("requests: "))?;
    line.split(", ").find_map(|part| part.strip_suffix(" succeeded")?.parse().ok())
}

/// `  [200]  123456 responses`
fn hey_answers(output: &str) -> Option<u64> {
    let line = output.lines().find(|line| line.trim_start().starts_with("[200]"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn oha_answers(output: &str) -> Option<u64> {
    serde_json::from_str::<Value>(output).ok()?["statusCodeDistribution"]["200"].as_u64()
}

fn autocannon_answers(output: &str) -> Option<u64> {
    serde_json::from_str::<Value>(output).ok()?["2xx"].as_u64()
}
