//! Runs the contract's cases against a running server and says in words what is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use model::define::workload::{Expect, is_on, json_contains};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Case, Contract, Dialogue, converse};
use crate::http::{Answer, Client, Request};
use crate::services::Addresses;

/// How long one case may take; the slowest computes for some tenths of a second.
const CASE_LIMIT: Duration = Duration::from_secs(10);
/// How much of a wrong body is shown.
const SHOWN_CHARACTERS: usize = 120;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many cases ran.
    pub cases: usize,
    /// Each failure in words.
    pub failures: Vec<String>,
}

impl Contract {
    /// Runs every case that concerns a server on `port` with these routes. Cases of other routes are left out, and so are those
    /// that need a service that does not run.
    #[must_use]
    pub fn check(&self, port: u16, routes: &[String], services: &Addresses) -> Checked {
        let mut client = Client::new(port, CASE_LIMIT);
        let mut checked = Checked::default();
        let mut kept = BTreeMap::new();
        for case in self.cases_for(routes, services) {
            checked.cases += 1;
            if let Some(wrong) = run(case, &mut client, &mut kept) {
                let method = case.method.as_str();
                checked.failures.push(format!("“{}” ({method} {}): {wrong}", case.name, case.path));
            }
        }
        for dialogue in self.dialogues_for(routes, services) {
            checked.cases += 1;
            if let Some(wrong) = converse::wrong(dialogue, port, CASE_LIMIT) {
                checked.failures.push(format!("“{}” (WebSocket {}): {wrong}", dialogue.name, dialogue.path));
            }
        }
        checked
    }

    /// The dialogues on offered routes whose services run.
    fn dialogues_for<'a>(
        &'a self,
        routes: &'a [String],
        services: &'a Addresses,
    ) -> impl Iterator<Item = &'a Dialogue> {
        let offered = move |path: &str| routes.iter().any(|route| is_on(path, route));
        self.dialogues
            .iter()
            .filter(move |dialogue| offered(&dialogue.path) && self.is_served(&dialogue.path, services))
    }

    /// Whether the services run that a path needs.
    fn is_served(&self, path: &str, services: &Addresses) -> bool {
        let mut needs = self.needs.iter().filter(|(route, _)| is_on(path, route)).flat_map(|(_, needs)| needs);
        needs.all(|service| services.has(*service))
    }

    /// The cases on offered routes, those on no route of the contract at all (unknown paths), and those whose answers the others use
    /// (a login).
    fn cases_for<'a>(&'a self, routes: &'a [String], services: &'a Addresses) -> impl Iterator<Item = &'a Case> {
        let chosen = move |case: &Case| {
            let offered = routes.iter().any(|route| is_on(&case.path, route));
            let unknown = !self.routes.iter().any(|route| is_on(&case.path, route));
            (offered || unknown) && self.is_served(&case.path, services)
        };
        let used = move |name: &String| self.cases.iter().any(|case| chosen(case) && uses(case, name));
        self.cases.iter().filter(move |case| chosen(case) || case.keep.keys().any(used))
    }
}

/// Whether a case has what an earlier one kept under this name in its request.
fn uses(case: &Case, name: &str) -> bool {
    let texts = [&case.path].into_iter().chain(case.headers.values()).chain(&case.body);
    let mark = format!("{{{name}}}");
    texts.into_iter().any(|text| text.contains(&mark))
}

/// Runs one case; what it keeps goes to the later ones.
fn run(case: &Case, client: &mut Client, kept: &mut BTreeMap<String, String>) -> Option<String> {
    let path = filled(&case.path, kept);
    let headers: Vec<(&str, String)> =
        case.headers.iter().map(|(name, value)| (name.as_str(), filled(value, kept))).collect();
    let times = usize::try_from(case.repeat.unwrap_or(1)).unwrap_or(usize::MAX);
    let body = case.body.as_ref().map(|body| filled(body, kept).repeat(times));
    let request = Request {
        method: case.method,
        path: &path,
        headers: headers.iter().map(|(name, value)| (*name, value.as_str())).collect(),
        body: body.as_deref(),
    };
    match client.ask(&request) {
        Ok(answer) => wrong(&answer, &case.expect).or_else(|| keep(case, &answer, kept)),
        Err(error) => Some(format!("no answer: {error}")),
    }
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
    use model::define::workload::Service;

    #[test]
    fn a_body_is_held_to_its_hash() {
        let digits = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let expect = Expect { sha256: Some(digits.to_owned()), ..Expect::default() };
        assert_eq!(wrong(&answer("hello"), &expect), None);
        assert!(wrong(&answer("hello!"), &expect).is_some_and(|wrong| wrong.contains(digits)));
    }

    fn answer(body: &str) -> Answer {
        Answer {
            status: 200,
            content_type: Some("application/json".to_owned()),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }
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
            repeat: None,
            keep: Default::default(),
            expect: Expect::default(),
        };
        let contract = Contract {
            routes: ["/plain", "/cpu", "/cpu-released", "/upstream"].map(str::to_owned).to_vec(),
            cases: ["/plain", "/cpu/x?n=1", "/cpu-released", "/upstream?calls=2", "/nowhere"].map(case).to_vec(),
            dialogues: Vec::new(),
            needs: [("/upstream".to_owned(), vec![Service::Upstream])].into(),
        };
        let routes = ["/cpu".to_owned(), "/upstream".to_owned()];
        let chosen = |upstream| -> Vec<String> {
            let services = Addresses { upstream, ..Addresses::default() };
            contract.cases_for(&routes, &services).map(|case| case.name.clone()).collect()
        };
        assert_eq!(chosen(None), ["/cpu/x?n=1", "/nowhere"]);
        assert_eq!(chosen(Some(80)), ["/cpu/x?n=1", "/upstream?calls=2", "/nowhere"]);
    }

    #[test]
    fn a_case_whose_answer_others_use_comes_along() {
        let text = "## POST /login\n## GET /tasks\n```toml\n[[case]]\nname = 'in'\npath = '/login'\nkeep = { token = 't' }\nexpect = { \
                    }\n[[case]]\nname = 'wrong'\npath = '/login'\nexpect = { }\n[[case]]\nname = 'tasks'\npath = '/tasks'\nheaders = { \
                    a = 'Bearer {token}' }\nexpect = { }\n```\n";
        let contract = Contract::parse("CONTRACT.md", text).expect("it is right");
        let chosen = |route: &str| -> Vec<String> {
            let (routes, services) = ([route.to_owned()], Addresses::default());
            contract.cases_for(&routes, &services).map(|case| case.name.clone()).collect()
        };
        assert_eq!(chosen("/tasks"), ["in", "tasks"]);
        assert_eq!(chosen("/other"), Vec::<String>::new());
    }

    #[test]
    fn what_a_case_keeps_is_filled_into_later_ones() {
        let case: Case = toml::from_str("name = 'n'\npath = '/'\nkeep = { id = 'n' }\nexpect = { }").expect("a case");
        let mut kept = BTreeMap::new();
        assert_eq!(keep(&case, &answer(r#"{"n":7}"#), &mut kept), None);
        assert_eq!(filled("/items/{id}?x={other}", &kept), "/items/7?x={other}");
        assert!(keep(&case, &answer("{}"), &mut kept).is_some_and(|text| text.contains("`n`")));
    }
}
