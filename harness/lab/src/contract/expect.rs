//! What a case expects of an answer, and in words where the answer differs.

use std::collections::{BTreeMap, BTreeSet};

use model::define::workload::{JsonType, json_contains};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::http::Answer;

/// What `Allow` may name beside the route's methods, since the contract says nothing of these.
const OUTSIDE: [&str; 2] = ["HEAD", "OPTIONS"];
/// How much of a wrong body is shown.
const SHOWN_CHARACTERS: usize = 120;

/// What a right answer is; every part that is given must hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The status code.
    #[serde(default = "ok")]
    pub status: u16,
    /// The media type, without its parameters.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Headers with their values; of `allow`, the methods in any order.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The exact body.
    #[serde(default)]
    pub body: Option<String>,
    /// Members that the JSON body must have with these values.
    #[serde(default)]
    pub json: Option<Value>,
    /// Types that members of the JSON body must have.
    #[serde(default)]
    pub json_types: BTreeMap<String, JsonType>,
    /// The length of the body in bytes.
    #[serde(default)]
    pub length: Option<u64>,
    /// The SHA-256 of the body, in lower-case hexadecimal digits.
    #[serde(default)]
    pub sha256: Option<String>,
}

const fn ok() -> u16 {
    200
}

impl Expect {
    /// What is wrong with an answer, its headers aside; nothing if it is right.
    pub(super) fn wrong(&self, answer: &Answer) -> Option<String> {
        if answer.status != self.status {
            return Some(format!(
                "status {} instead of {}, with the body {}",
                answer.status,
                self.status,
                shown(answer)
            ));
        }
        if let Some(wanted) = &self.content_type
            && answer.content_type.as_ref() != Some(wanted)
        {
            let found = answer.content_type.as_deref().unwrap_or("none");
            return Some(format!("content type {found} instead of {wanted}"));
        }
        if let Some(wanted) = &self.body
            && answer.body != wanted.as_bytes()
        {
            return Some(format!("the body is {} instead of `{wanted}`", shown(answer)));
        }
        if let Some(wanted) = self.length
            && u64::try_from(answer.body.len()) != Ok(wanted)
        {
            return Some(format!("the body has {} bytes instead of {wanted}", answer.body.len()));
        }
        if let Some(wanted) = &self.sha256 {
            let found: String = Sha256::digest(&answer.body).iter().map(|byte| format!("{byte:02x}")).collect();
            if found != *wanted {
                return Some(format!("the body has the SHA-256 {found} instead of {wanted}"));
            }
        }
        self.wrong_json(answer)
    }

    fn wrong_json(&self, answer: &Answer) -> Option<String> {
        if self.json.is_none() && self.json_types.is_empty() {
            return None;
        }
        let Ok(found) = serde_json::from_slice::<Value>(&answer.body) else {
            return Some(format!("the body is no JSON: {}", shown(answer)));
        };
        if let Some(wanted) = &self.json
            && !json_contains(&found, wanted)
        {
            return Some(format!("the body {} lacks {wanted}", shown(answer)));
        }
        self.json_types.iter().find_map(|(name, wanted)| match found.get(name) {
            None => Some(format!("the body lacks `{name}`")),
            Some(value) if !wanted.holds(value) => {
                Some(format!("`{name}` is {value}, which is no {wanted:?}").to_lowercase())
            }
            Some(_) => None,
        })
    }

    /// What is wrong with an answer's headers; `fill` writes what cases kept in place of its names.
    pub(super) fn wrong_headers(&self, answer: &Answer, fill: impl Fn(&str) -> String) -> Option<String> {
        self.headers.iter().find_map(|(name, wanted)| {
            let wanted = fill(wanted);
            match header(answer, name) {
                None => Some(format!("it lacks the header `{name}: {wanted}`")),
                Some(found) if is_same(name, &found, &wanted) => None,
                Some(found) => Some(format!("the header `{name}` is `{found}` instead of `{wanted}`")),
            }
        })
    }
}

/// The first of the headers that no answer may have which this one has, in words.
pub(super) fn unwanted(answer: &Answer, nowhere: &[&str]) -> Option<String> {
    let found = nowhere.iter().find_map(|name| Some((name, header(answer, name)?)));
    found.map(|(name, value)| format!("it has the header `{name}: {value}`, which no answer has"))
}

/// The value of a header, or all its values where it comes several times.
fn header(answer: &Answer, name: &str) -> Option<String> {
    let named = answer.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
    let values: Vec<&str> = named.map(|(_, value)| value.trim()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn is_same(name: &str, found: &str, wanted: &str) -> bool {
    if name.eq_ignore_ascii_case("allow") { methods(found) == methods(wanted) } else { found == wanted }
}

/// The methods of a list, but for those that are outside the contract.
fn methods(list: &str) -> BTreeSet<&str> {
    list.split(',').map(str::trim).filter(|method| !method.is_empty() && !OUTSIDE.contains(method)).collect()
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
            assert_eq!(expect(holds).wrong(&right), None, "{holds}");
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
            assert!(expect(fails).wrong(&right).is_some(), "{fails}");
        }
        assert!(expect("json = { }").wrong(&answer("<html>")).is_some_and(|text| text.contains("no JSON")));
    }

    #[test]
    fn a_body_is_held_to_its_hash() {
        let digits = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let expect = expect(&format!("sha256 = '{digits}'"));
        assert_eq!(expect.wrong(&answer("hello")), None);
        assert!(expect.wrong(&answer("hello!")).is_some_and(|wrong| wrong.contains(digits)));
    }

    fn with(headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { headers, ..answer("") }
    }

    #[test]
    fn headers_have_their_values() {
        let wrong = |text: &str, headers: &[(&str, &str)]| expect(text).wrong_headers(&with(headers), str::to_owned);
        let bearer = "headers = { www-authenticate = 'Bearer' }";
        assert_eq!(wrong(bearer, &[("WWW-Authenticate", "Bearer ")]), None);
        assert!(wrong(bearer, &[]).is_some_and(|text| text.contains("lacks the header `www-authenticate: Bearer`")));
        assert!(wrong(bearer, &[("www-authenticate", "Basic")]).is_some_and(|text| text.contains("`Basic`")));
        let filled = expect("headers = { location = '/tasks/{made}' }");
        let location = with(&[("location", "/tasks/7")]);
        assert_eq!(filled.wrong_headers(&location, |text| text.replace("{made}", "7")), None);
        assert!(filled.wrong_headers(&location, |text| text.replace("{made}", "8")).is_some());
    }

    #[test]
    fn allowed_methods_are_a_set() {
        let wrong = |found: &str| {
            expect("headers = { allow = 'GET, PUT' }").wrong_headers(&with(&[("Allow", found)]), str::to_owned)
        };
        for same in ["GET, PUT", "PUT,GET", "HEAD, GET, OPTIONS, PUT"] {
            assert_eq!(wrong(same), None, "{same}");
        }
        for other in ["GET", "GET, PUT, DELETE", ""] {
            assert!(wrong(other).is_some(), "{other}");
        }
        let twice = with(&[("allow", "GET"), ("allow", "PUT")]);
        assert_eq!(expect("headers = { allow = 'GET, PUT' }").wrong_headers(&twice, str::to_owned), None);
    }

    #[test]
    fn no_answer_has_what_none_has() {
        let wrong = |name| unwanted(&with(&[(name, "x")]), &["etag", "set-cookie"]);
        for name in ["ETag", "Set-Cookie"] {
            assert!(wrong(name).is_some_and(|text| text.contains("which no answer has")), "{name}");
        }
        assert_eq!(wrong("Date"), None);
    }
}
