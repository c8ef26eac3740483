//! What an attack is: one request that no honest client sends, and what a safe server answers to it.
//!
//! Attacks are tried once each, one after the other, and counted. They are no load: nothing about time is read from them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::define::workload::Method;

/// One attack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// What is tried, in a few words that no other attack of its stream has; the record names it so where it was not stopped.
    pub name: String,
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// Path and query; the path's beginning must be a route that the server offers.
    pub path: String,
    /// Headers; `host` in place of the usual one.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How many times the body is repeated; once where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<u32>,
    /// How many blanks follow the body: JSON stays what it is, whatever its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blanks: Option<u32>,
    /// What a safe server answers.
    pub safe: SafeAnswer,
}

/// What a safe server answers; every part that is given must hold. No answer at all is not safe: a server that can be made to fall silent
/// has been hit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafeAnswer {
    /// The statuses that are safe; any where none is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// Headers of which the answer must have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_header_of: Vec<String>,
    /// What the body must not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<String>,
    /// Members that the JSON body must have with these values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
}
