//! Checks a workload: streams, steps and load shapes that can be driven.

use std::collections::BTreeSet;

use super::Findings;
use super::protocol::check_protocol;
use crate::define::attack::SafeAnswer;
use crate::define::catalog::Found;
use crate::define::mistake::Mistake;
use crate::define::protocol::Protocol;
use crate::define::workload::{Load, Role, Step, Stream, WarmUpLoad, Workload};
use crate::units::Span;

/// The most connections of a stream: what one process can hold with the usual raised file limit.
pub(super) const MOST_CONNECTIONS: u32 = 20_000;

/// Longest body of a request that is given by its length: held once in memory by the generator.
const BODY_BYTES_MAX: u64 = 256 * 1024 * 1024;

pub(crate) fn workload(found: &Found<'_, Workload>) -> Vec<Mistake> {
    let mut findings = Findings::new(found);
    let workload = &found.value;
    findings.name_is("name", workload.name.as_str());
    if workload.streams.iter().all(|stream| stream.role != Role::Measured) {
        findings.report(
            &["stream"],
            "no stream is measured".to_owned(),
            "leave `role` out of the stream that is the result",
        );
    }
    if workload.measure == Span::default() {
        findings.report(&["measure"], "nothing is measured in no time".to_owned(), "write `measure = \"2s\"`");
    }
    let searches = workload.streams.iter().filter(|stream| matches!(stream.load, Load::Search(_))).count();
    if searches > 1 || (searches == 1 && workload.streams.len() > 1) {
        findings.report(
            &["stream"],
            "a search for the greatest rate must be the only stream".to_owned(),
            "put the other streams into a workload of their own",
        );
    }
    check_warm_up(&mut findings);
    let mut names = BTreeSet::new();
    for (at, stream) in workload.streams.iter().enumerate() {
        let at = at.to_string();
        let path = ["stream", at.as_str()];
        if !names.insert(&stream.name) {
            findings.report(
                &[path[0], path[1], "name"],
                format!("a second stream `{}`", stream.name),
                "give each stream a name of its own",
            );
        }
        check_protocol(&mut findings, &at, stream);
        check_load(&mut findings, &at, &stream.load);
        check_attacks(&mut findings, &at, stream);
        for (number, step) in stream.steps.iter().enumerate() {
            check_bodies(&mut findings, &at, number, step);
            if !step.path.starts_with('/') || step.path.contains(char::is_whitespace) {
                let number = number.to_string();
                findings.report(
                    &["stream", &at, "step", &number, "path"],
                    format!("`{}` is no path", step.path),
                    "begin it with `/` and encode spaces as `%20`",
                );
            }
        }
    }
    findings.mistakes
}

/// A closed-loop warm-up: of one stream at a rate, in HTTP.
fn check_warm_up(findings: &mut Findings<'_, '_, Workload>) {
    let workload = &findings.found.value;
    let at_a_rate = |stream: &Stream| matches!(stream.load, Load::Open(_)) && stream.protocol == Protocol::default();
    let can = matches!(workload.streams.as_slice(), [only] if at_a_rate(only) && only.attacks.is_empty());
    if workload.warm_up_load == WarmUpLoad::Closed && (!can || workload.warm_up == Span::default()) {
        let what = "a closed-loop warm-up of something else than one HTTP stream at a rate";
        let help = "leave `warm_up_load` out, or give the only stream `load.open` and the workload a `warm_up`";
        findings.report(&["warm_up_load"], what.to_owned(), help);
    }
}

/// Attacks: alone, each with a name of its own and a path.
fn check_attacks(findings: &mut Findings<'_, '_, Workload>, at: &str, stream: &Stream) {
    if stream.attacks.is_empty() {
        return;
    }
    if findings.found.value.streams.len() > 1 || !stream.steps.is_empty() || stream.protocol != Protocol::default() {
        let help = "put the other requests into a workload of their own";
        findings.report(&["stream", at], "attacks stand alone in a workload".to_owned(), help);
    }
    let mut names = BTreeSet::new();
    for (number, attack) in stream.attacks.iter().enumerate() {
        let number = number.to_string();
        if !names.insert(&attack.name) {
            let path = ["stream", at, "attack", &number, "name"];
            findings.report(&path, format!("a second attack `{}`", attack.name), "give each attack a name of its own");
        }
        if !attack.path.starts_with('/') || !attack.path.bytes().all(|byte| byte.is_ascii_graphic()) {
            let help = "begin it with `/` and percent-encode spaces and other characters";
            findings.report(&["stream", at, "attack", &number, "path"], format!("`{}` is no path", attack.path), help);
        }
        if attack.safe == SafeAnswer::default() {
            let help = "say what a safe server answers: `safe.status = [403]`";
            findings.report(&["stream", at, "attack", &number, "safe"], "anything is safe".to_owned(), help);
        }
    }
}

/// Bodies by length or hash.
fn check_bodies(findings: &mut Findings<'_, '_, Workload>, stream: &str, number: usize, step: &Step) {
    let number = number.to_string();
    let path = ["stream", stream, "step", &number];
    if step.body.is_some() && step.body_bytes.is_some() {
        findings.report(&path, "a body and the length of another".to_owned(), "keep either `body` or `body_bytes`");
    }
    if step.body_bytes.is_some_and(|bytes| bytes > BODY_BYTES_MAX) {
        findings.report(&path, "a body beyond 256 MiB".to_owned(), "take a smaller `body_bytes`");
    }
    if let Some(hash) = &step.expect.sha256 {
        if hash.len() != 64 || !hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            findings.report(&path, format!("`{hash}` is no SHA-256"), "write its 64 hexadecimal digits in lower case");
        }
        if step.expect.body.is_some() || step.expect.json.is_some() || !step.expect.json_types.is_empty() {
            findings.report(&path, "a hash beside a body".to_owned(), "keep either `sha256` or the body's contents");
        }
    }
}

fn check_load(findings: &mut Findings<'_, '_, Workload>, stream: &str, load: &Load) {
    let connections = load.connections();
    let kind = match load {
        Load::Closed(_) => "closed",
        Load::Open(_) => "open",
        Load::Search(_) => "search",
    };
    if connections == 0 || connections > MOST_CONNECTIONS {
        let path = ["stream", stream, "load", kind, "connections"];
        findings.report(&path, format!("{connections} connections"), format!("take 1 to {MOST_CONNECTIONS}"));
    }
    if let Load::Search(load) = load
        && !(0.0..1.0).contains(&load.objective.errors_at_most)
    {
        let path = ["stream", stream, "load", kind, "objective", "errors_at_most"];
        findings.report(&path, "a share of errors lies between 0 and 1".to_owned(), "write 0.001 for 0.1 %");
    }
}
