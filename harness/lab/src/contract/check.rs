//! Runs the contract's cases and dialogues against a running server and gathers in words what is wrong.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use model::define::workload::is_on;
use model::plan::Arm;
use serde_json::Value;

use super::{Case, Contract, Dialogue, converse, expect};
use crate::http::{Answer, Client, Framing, Request};
use crate::loopback::Patience;
use crate::services::Addresses;

/// How long one case may take; the slowest computes for some tenths of a second.
const CASE_LIMIT: Duration = Duration::from_secs(10);
/// How long all of them may take together; the whole contract takes some seconds.
const CHECK_LIMIT: Duration = Duration::from_secs(120);
/// Sent with each case, so that a server that would compress is seen to.
const ACCEPT_ENCODING: (&str, &str) = ("accept-encoding", "gzip, deflate, br, zstd");

/// A server that runs and is checked.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The port it listens on.
    pub port: u16,
    /// The arm it runs.
    pub arm: &'a Arm,
    /// The routes that it is checked for.
    pub routes: &'a [String],
    /// The services that run beside it.
    pub services: &'a Addresses,
}

impl Subject<'_> {
    /// Its mode, as the contract names it.
    fn mode(&self) -> String {
        format!("{}:{}", self.arm.server, self.arm.mode)
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many cases ran.
    pub cases: usize,
    /// Each failure in words.
    pub failures: Vec<String>,
}

/// The check was interrupted: nothing is known of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// What is run, one after the other.
enum Part<'a> {
    Case(&'a Case),
    Dialogue(&'a Dialogue),
}

impl Contract {
    /// Runs every case that concerns a server. Cases of routes that it is not checked for are left out, and so are those that need a
    /// service that does not run. A server that hangs again and again is given up after two minutes, which is a failure.
    ///
    /// # Errors
    /// When the flag is set meanwhile.
    pub fn check(&self, server: &Subject<'_>, interrupted: &AtomicBool) -> Result<Checked, Interrupted> {
        self.check_with(server, Patience::until_interrupted(interrupted).at_most(CHECK_LIMIT))
    }

    fn check_with(&self, server: &Subject<'_>, patience: Patience<'_>) -> Result<Checked, Interrupted> {
        let mut client = Client::patient(server.port, CASE_LIMIT, patience);
        let mut kept = BTreeMap::new();
        let nowhere = self.nowhere_on(server);
        let mut checked = Checked::default();
        let cases = self.cases_for(server).map(Part::Case);
        let parts: Vec<Part<'_>> = cases.chain(self.dialogues_for(server).map(Part::Dialogue)).collect();
        for part in &parts {
            if patience.is_over() {
                let left = parts.len() - checked.cases;
                checked.failures.push(format!("it took too long: {left} of {} cases did not run", parts.len()));
                break;
            }
            let wrong = match part {
                Part::Case(case) => run(case, &mut client, &mut kept, &nowhere)
                    .map(|wrong| format!("“{}” ({} {}): {wrong}", case.name, case.method.as_str(), case.path)),
                Part::Dialogue(dialogue) => converse::wrong(dialogue, server.port, patience.at_most(CASE_LIMIT))
                    .map(|wrong| format!("“{}” (WebSocket {}): {wrong}", dialogue.name, dialogue.path)),
            };
            // What an interrupt broke off is no fault of the server.
            if patience.is_interrupted() {
                return Err(Interrupted);
            }
            checked.cases += 1;
            checked.failures.extend(wrong);
        }
        Ok(checked)
    }

    /// The headers that no answer of the server may have.
    fn nowhere_on(&self, server: &Subject<'_>) -> Vec<&str> {
        let mode = server.mode();
        self.nowhere.iter().filter(|(_, not_on)| !not_on.contains(&mode)).map(|(name, _)| name.as_str()).collect()
    }

    /// The dialogues on offered routes whose services run.
    fn dialogues_for<'a>(&'a self, server: &'a Subject<'_>) -> impl Iterator<Item = &'a Dialogue> {
        let offered = move |path: &str| server.routes.iter().any(|route| is_on(path, route));
        self.dialogues
            .iter()
            .filter(move |dialogue| offered(&dialogue.path) && self.is_served(&dialogue.path, server.services))
    }

    /// Whether the services run that a path needs.
    fn is_served(&self, path: &str, services: &Addresses) -> bool {
        let mut needs = self.needs.iter().filter(|(route, _)| is_on(path, route)).flat_map(|(_, needs)| needs);
        needs.all(|service| services.has(*service))
    }

    /// The cases on offered routes, those on no route of the contract at all (unknown paths), and those whose answers the others use
    /// (a login).
    fn cases_for<'a>(&'a self, server: &'a Subject<'_>) -> impl Iterator<Item = &'a Case> {
        let mode = server.mode();
        let concerned = move |case: &Case| !case.not_on.contains(&mode);
        let chosen = move |case: &Case| {
            let offered = server.routes.iter().any(|route| is_on(&case.path, route));
            let unknown = !self.routes.iter().any(|route| is_on(&case.path, route));
            (offered || unknown) && self.is_served(&case.path, server.services)
        };
        let used = move |name: &String| self.cases.iter().any(|case| chosen(case) && case.uses(name));
        self.cases.iter().filter(move |case| concerned(case) && (chosen(case) || case.keep.keys().any(used)))
    }
}

/// Runs one case; what it keeps goes to the later ones.
fn run(case: &Case, client: &mut Client<'_>, kept: &mut BTreeMap<String, String>, nowhere: &[&str]) -> Option<String> {
    let path = filled(&case.path, kept);
    let headers: Vec<(&str, String)> =
        case.headers.iter().map(|(name, value)| (name.as_str(), filled(value, kept))).collect();
    let headers = headers.iter().map(|(name, value)| (*name, value.as_str())).chain([ACCEPT_ENCODING]);
    let body = body(case, kept);
    let request = Request {
        method: case.method,
        path: &path,
        headers: headers.collect(),
        body: body.as_deref(),
        framing: if case.chunked { Framing::Chunked } else { Framing::Length },
    };
    let answer = match client.ask(&request) {
        Ok(answer) => answer,
        Err(error) => return Some(format!("no answer: {error}")),
    };
    let wrong = case.expect.wrong(&answer).or_else(|| expect::unwanted(&answer, nowhere));
    let wrong = wrong.or_else(|| keep(case, &answer, kept));
    wrong.or_else(|| case.expect.wrong_headers(&answer, |value| filled(value, kept)))
}

fn body(case: &Case, kept: &BTreeMap<String, String>) -> Option<String> {
    let times =
        |count: Option<u32>, default| count.map_or(default, |count| usize::try_from(count).unwrap_or(usize::MAX));
    let blanks = " ".repeat(times(case.blanks, 0));
    case.body.as_ref().map(|body| filled(body, kept).repeat(times(case.repeat, 1)) + &blanks)
}

/// A text with what earlier cases kept in place of its names in braces.
fn filled(text: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Keeps what a case asks for, or says what the answer lacks.
fn keep(case: &Case, answer: &Answer, kept: &mut BTreeMap<String, String>) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    case.keep.iter().find_map(|(name, member)| {
        let value = match body.get(member) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => return Some(format!("the body lacks `{member}`, which later cases need")),
        };
        kept.insert(name.clone(), value);
        None
    })
}

#[cfg(test)]
mod tests;
