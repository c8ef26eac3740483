//! Runs the contract's cases against a running server and says in words what is wrong.

use std::time::Duration;

use model::define::workload::{Expect, json_contains};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Case, Contract};
use crate::http::{Answer, Client, Request};

/// How long one case may take; the slowest computes for some tenths of a second.
const CASE_LIMIT: Duration = Duration::from_secs(10);
/// How much of a wrong body is shown.
const SHOWN_CHARACTERS: usize = 120;
/// The route that needs an upstream.
const UPSTREAM_ROUTE: &str = "/upstream";

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many cases ran.
    pub cases: usize,
    /// Each failure in words.
    pub failures: Vec<String>,
}

impl Contract {
    /// Runs every case that concerns a server on `port` with these routes. Cases of routes it does not offer are left
    /// out, and so are those that need an upstream where none runs.
    #[must_use]
    pub fn check(&self, port: u16, routes: &[String], upstream_runs: bool) -> Checked {
        let mut client = Client::new(port, CASE_LIMIT);
        let mut checked = Checked::default();
        for case in self.cases_for(routes, upstream_runs) {
            checked.cases += 1;
            if let Some(wrong) = run(case, &mut client) {
                let method = case.method.as_str();
                checked.failures.push(format!("“{}” ({method} {}): {wrong}", case.name, case.path));
            }
        }
        checked
    }

    /// The cases on offered routes, and those on no route of the contract at all (unknown paths).
    fn cases_for<'a>(&'a self, routes: &'a [String], upstream_runs: bool) -> impl Iterator<Item = &'a Case> {
        self.cases.iter().filter(move |case| {
            let offered = routes.iter().any(|route| is_on(case, route));
            let unknown = !self.routes.iter().any(|route| is_on(case, route));
            (offered || unknown) && (upstream_runs || !is_on(case, UPSTREAM_ROUTE))
        })
    }
}

fn is_on(case: &Case, route: &str) -> bool {
    let path = case.path.split('?').next().unwrap_or_default();
    path.strip_prefix(route).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn run(case: &Case, client: &mut Client) -> Option<String> {
    let request = Request {
        method: case.method,
        path: &case.path,
        headers: case.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        body: case.body.as_deref(),
    };
    match client.ask(&request) {
        Ok(answer) => wrong(&answer, &case.expect),
        Err(error) => Some(format!("no answer: {error}")),
    }
}

/// What is wrong with an answer; nothing if it is right.
fn wrong(answer: &Answer, expect: &Expect) -> Option<String> {
    if answer.status != expect.status {
        return Some(format!("status {} instead of {}, with the body {}", answer.status, expect.status, shown(answer)));
    }
    if let Some(wanted) = &expect.content_type
        && answer.content_type.as_ref() != Some(wanted)
    {
        let found = answer.content_type.as_deref().unwrap_or("none");
        return Some(format!("content type {found} instead of {wanted}"));
    }
    if let Some(wanted) = &expect.body
        && answer.body != wanted.as_bytes()
    {
        return Some(format!("the body is {} instead of `{wanted}`", shown(answer)));
    }
    if let Some(wanted) = expect.length
        && u64::try_from(answer.body.len()) != Ok(wanted)
    {
        return Some(format!("the body has {} bytes instead of {wanted}", answer.body.len()));
    }
    if let Some(wanted) = &expect.sha256 {
        let found: String = Sha256::digest(&answer.body).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != *wanted {
            return Some(format!("the body has the SHA-256 {found} instead of {wanted}"));
        }
    }
    wrong_json(answer, expect)
}

fn wrong_json(answer: &Answer, expect: &Expect) -> Option<String> {
    if expect.json.is_none() && expect.json_types.is_empty() {
        return None;
    }
    let Ok(found) = serde_json::from_slice::<Value>(&answer.body) else {
        return Some(format!("the body is no JSON: {}", shown(answer)));
    };
    if let Some(wanted) = &expect.json
        && !json_contains(&found, wanted)
    {
        return Some(format!("the body {} lacks {wanted}", shown(answer)));
    }
    expect.json_types.iter().find_map(|(name, wanted)| match found.get(name) {
        None => Some(format!("the body lacks `{name}`")),
        Some(value) if !wanted.holds(value) => {
            Some(format!("`{name}` is {value}, which is no {wanted:?}").to_lowercase())
        }
        Some(_) => None,
    })
}

fn shown(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let short: String = text.chars().take(SHOWN_CHARACTERS).collect();
    let more = if short.len() < text.len() { " …" } else { "" };
    format!("`{short}{more}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_held_to_its_hash() {
        let digits = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let expect = Expect { sha256: Some(digits.to_owned()), ..Expect::default() };
        assert_eq!(wrong(&answer("hello"), &expect), None);
        assert!(wrong(&answer("hello!"), &expect).is_some_and(|wrong| wrong.contains(digits)));
    }

    fn answer(body: &str) -> Answer {
        Answer { status: 200, content_type: Some("application/json".to_owned()), body: body.as_bytes().to_vec() }
    }

    fn expect(text: &str) -> Expect {
        toml::from_str(text).expect("an expectation")
    }

    #[test]
    fn each_part_of_an_expectation_must_hold() {
        let right = answer(r#"{"n":1,"inner":{"a":[1,2],"b":2}}"#);
        for holds in [
            "content_type = 'application/json'",
            "json = { inner = { a = [1, 2] } }",
            "json_types = { n = 'integer', inner = 'object' }",
            "length = 33",
        ] {
            assert_eq!(wrong(&right, &expect(holds)), None, "{holds}");
        }
        for fails in [
            "status = 201",
            "content_type = 'text/plain'",
            "body = '{}'",
            "json = { inner = { a = [1] } }",
            "json_types = { n = 'string' }",
            "json_types = { m = 'string' }",
            "length = 34",
        ] {
            assert!(wrong(&right, &expect(fails)).is_some(), "{fails}");
        }
        assert!(wrong(&answer("<html>"), &expect("json = { }")).is_some_and(|text| text.contains("no JSON")));
    }

    #[test]
    fn cases_are_chosen_by_what_the_server_offers() {
        let case = |path: &str| Case {
            name: path.to_owned(),
            method: Default::default(),
            path: path.to_owned(),
            headers: Default::default(),
            body: None,
            expect: Expect::default(),
        };
        let contract = Contract {
            routes: ["/plain", "/cpu", "/cpu-released", "/upstream"].map(str::to_owned).to_vec(),
            cases: ["/plain", "/cpu/x?n=1", "/cpu-released", "/upstream?calls=2", "/nowhere"].map(case).to_vec(),
        };
        let routes = ["/cpu".to_owned(), "/upstream".to_owned()];
        let chosen = |upstream_runs| -> Vec<&str> {
            contract.cases_for(&routes, upstream_runs).map(|case| case.name.as_str()).collect()
        };
        assert_eq!(chosen(false), ["/cpu/x?n=1", "/nowhere"]);
        assert_eq!(chosen(true), ["/cpu/x?n=1", "/upstream?calls=2", "/nowhere"]);
    }
}
