//! The other load generators: how each is started, and where its output says how many answers it got.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::Value;

use crate::role::Role;

/// What every generator is told.
pub(crate) struct Load<'a> {
    pub(crate) url: &'a str,
    pub(crate) connections: u32,
    pub(crate) time: Duration,
    pub(crate) pace: Pace,
}

/// When requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As soon as the last was answered.
    Closed,
    /// At this even rate, in requests/s.
    Open(u32),
}

/// A load generator.
pub(crate) struct Generator {
    pub(crate) name: &'static str,
    /// Prints its version or help and ends; what shows that it is there.
    probe: &'static [&'static str],
    /// Nothing where it cannot.
    arguments: fn(&Load<'_>) -> Option<Vec<String>>,
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
const WRK2_RATE: u32 = 1_000_000;

impl Generator {
    /// Whether it is installed.
    pub(crate) fn is_there(&self) -> bool {
        let mut probe = Command::new(self.probe[0]);
        let quiet = probe.args(&self.probe[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // wrk and hey end with an error after their help.
        quiet.status().is_ok()
    }

    /// The command for a load, if it can make one such.
    pub(crate) fn command(&self, load: &Load<'_>) -> Option<Command> {
        let mut command = Command::new(self.name);
        command.args((self.arguments)(load)?);
        Some(command)
    }

    pub(crate) fn answers(&self, output: &str) -> anyhow::Result<u64> {
        let answers = (self.answers)(output).filter(|answers| *answers > 0);
        answers.ok_or_else(|| anyhow!("{} does not say how many answers it got: {output}", self.name))
    }
}

/// Ours, as a process of its own: this executable's `drive`, recording and verifying every body.
pub(crate) fn ours(load: &Load<'_>, body: &str) -> anyhow::Result<Command> {
    let mut command = Role::Generator.command()?;
    command.args(["drive", load.url, "--json", "--quiet", "--warm-up", "0s", "--expect-body", body]);
    match load.pace {
        Pace::Closed => command.args(["--connections", &load.connections.to_string()]),
        Pace::Open(rate) => command.args(["--rate", &rate.to_string()]),
    };
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
fn seconds(load: &Load<'_>) -> String {
    load.time.as_secs_f64().ceil().to_string()
}

fn wrk(load: &Load<'_>) -> Option<Vec<String>> {
    let connections = format!("-c{}", load.connections);
    let arguments = words(&["-t1", &connections, &format!("-d{}s", seconds(load)), load.url]);
    (load.pace == Pace::Closed).then_some(arguments)
}

fn wrk2(load: &Load<'_>) -> Option<Vec<String>> {
    let mut arguments = wrk(&Load { pace: Pace::Closed, ..*load })?;
    let rate = if let Pace::Open(rate) = load.pace { rate } else { WRK2_RATE };
    arguments.extend(words(&["-R", &rate.to_string()]));
    Some(arguments)
}

fn oha(load: &Load<'_>) -> Option<Vec<String>> {
    let (connections, time) = (load.connections.to_string(), format!("{}s", seconds(load)));
    let mut arguments = words(&["--no-tui", "--output-format", "json", "-c", &connections, "-z", &time]);
    if let Pace::Open(rate) = load.pace {
        arguments.extend(words(&["-q", &rate.to_string()]));
    }
    arguments.push(load.url.to_owned());
    Some(arguments)
}

fn h2load(load: &Load<'_>) -> Option<Vec<String>> {
    let (connections, time) = (load.connections.to_string(), seconds(load));
    let mut arguments = words(&["--h1", "-t1", "-c", &connections, "-D", &time]);
    if let Pace::Open(rate) = load.pace {
        arguments.push(format!("--rps={}", per_connection(rate, load)));
    }
    arguments.push(load.url.to_owned());
    Some(arguments)
}

fn autocannon(load: &Load<'_>) -> Option<Vec<String>> {
    let mut arguments = words(&["--json", "-c", &load.connections.to_string(), "-d", &seconds(load)]);
    if let Pace::Open(rate) = load.pace {
        arguments.extend(words(&["-R", &rate.to_string()]));
    }
    arguments.push(load.url.to_owned());
    Some(arguments)
}

fn hey(load: &Load<'_>) -> Option<Vec<String>> {
    let mut arguments =
        words(&["-cpus", "1", "-c", &load.connections.to_string(), "-z", &format!("{}s", seconds(load))]);
    if let Pace::Open(rate) = load.pace {
        arguments.extend(words(&["-q", &per_connection(rate, load).to_string()]));
    }
    arguments.push(load.url.to_owned());
    Some(arguments)
}

/// The rate of one connection, for generators that pace each by itself.
fn per_connection(rate: u32, load: &Load<'_>) -> f64 {
    f64::from(rate) / f64::from(load.connections)
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
