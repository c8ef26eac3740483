//! A case of the contract: one request and what is expected of its answer. Only its words; `check` runs it.

use std::collections::BTreeMap;

use model::define::workload::Method;
use serde::Deserialize;

use super::Expect;

/// One request and what is expected of its answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: Option<String>,
    /// How many times the body is repeated, for long ones.
    #[serde(default)]
    pub repeat: Option<u32>,
    /// How many blanks follow the body, for long ones that stay the JSON they are.
    #[serde(default)]
    pub blanks: Option<u32>,
    /// Whether the body comes in chunks, without its length.
    #[serde(default)]
    pub chunked: bool,
    /// The modes that it does not concern, each as `server:mode`.
    #[serde(default)]
    pub not_on: Vec<String>,
    /// Members of the JSON answer to keep, each with its name: later cases write it in braces in path, headers or body.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// What a right answer is.
    pub expect: Expect,
}

impl Case {
    /// Whether it has what an earlier case kept under this name in its request.
    pub(super) fn uses(&self, name: &str) -> bool {
        let texts = [&self.path].into_iter().chain(self.headers.values()).chain(&self.body);
        let mark = format!("{{{name}}}");
        texts.into_iter().any(|text| text.contains(&mark))
    }
}
