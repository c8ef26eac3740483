//! What the author of a workload writes in `workloads/<name>.toml`: what is sent, and how.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::define::attack::Attack;
use crate::define::protocol::Protocol;
use crate::names::{StreamName, WorkloadName};
use crate::units::Span;

mod load;

pub use load::{ClosedLoad, Load, Objective, OpenLoad, SearchLoad, Spacing};

/// A workload: one or more streams of requests that run at the same time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// The name, the same as the file's.
    pub name: WorkloadName,
    /// The name as readers see it.
    pub title: String,
    /// What it stands for in an application, in a sentence or two.
    pub about: String,
    /// How long load is given before the measurement, in the quick profile.
    #[serde(default = "default_warm_up")]
    pub warm_up: Span,
    /// What load the warm-up is.
    #[serde(default, skip_serializing_if = "WarmUpLoad::is_default")]
    pub warm_up_load: WarmUpLoad,
    /// How long is measured, in the quick profile; other profiles scale it.
    #[serde(default = "default_measure")]
    pub measure: Span,
    /// What the workload needs beside the server.
    #[serde(default)]
    pub services: Vec<Service>,
    /// Whether the server is told to start one process more while it is measured; the measurement ends once that one has answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adds_process: bool,
    /// The streams.
    #[serde(rename = "stream")]
    pub streams: Vec<Stream>,
}

const fn default_warm_up() -> Span {
    Span::from_millis(400)
}

const fn default_measure() -> Span {
    Span::from_secs(2)
}

/// What load a warm-up is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WarmUpLoad {
    /// The load that is measured, from its first request on.
    #[default]
    AsMeasured,
    /// Slices of closed-loop load, each as long as `warm_up`, until the server's rate no longer rises, as before a search; then the load that is
    /// measured, briefly. For a rate so low that a just-in-time compiler would not be done with its work before the measurement.
    Closed,
}

impl WarmUpLoad {
    /// Whether it need not be said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A service that runs beside the server under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// The calibration server as the upstream that a route awaits.
    Upstream,
    /// PostgreSQL with the seeded database of CONTRACT.md.
    Postgres,
    /// Redis, empty.
    Redis,
    /// nginx, which a mode of a server starts in front of itself.
    Nginx,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 4] = [Self::Upstream, Self::Postgres, Self::Redis, Self::Nginx];

    /// The service as definitions name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Nginx => "nginx",
        }
    }
}

/// Requests of one kind with one load shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// The name that metrics refer to.
    pub name: StreamName,
    /// Whether it is measured or only there as load.
    #[serde(default)]
    pub role: Role,
    /// How requests arrive.
    pub load: Load,
    /// After how long a request counts as failed.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
    /// What it speaks; HTTP/1.1 where nothing is said.
    #[serde(default, skip_serializing_if = "Protocol::is_default")]
    pub protocol: Protocol,
    /// Attacks that are tried instead, once each; a stream of them stands alone in its workload.
    #[serde(rename = "attack", default, skip_serializing_if = "Vec::is_empty")]
    pub attacks: Vec<Attack>,
    /// The requests, sent in rotation; none where the protocol says what is sent.
    #[serde(rename = "step", default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

impl Stream {
    /// Path and query of everything that it asks for.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let attacks = self.attacks.iter().map(|attack| attack.path.as_str());
        self.steps.iter().map(|step| step.path.as_str()).chain(self.protocol.path()).chain(attacks)
    }
}

impl Workload {
    /// Whether its connections begin with a handshake of WebSocket.
    #[must_use]
    pub fn shakes_hands(&self) -> bool {
        self.streams.iter().any(|stream| stream.protocol.is_websocket())
    }

    /// The same with other connections of its only stream.
    #[must_use]
    pub fn over(&self, connections: u32) -> Self {
        let mut other = self.clone();
        if let [only] = other.streams.as_mut_slice() {
            only.load.set_connections(connections);
        }
        other
    }
}

/// The path without its query.
#[must_use]
pub fn path_only(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// Whether a path is on a route, such as `/cpu` for `/cpu/sieve?n=3`.
#[must_use]
pub fn is_on(path: &str, route: &str) -> bool {
    path_only(path).strip_prefix(route).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

const fn default_timeout() -> Span {
    Span::from_secs(10)
}

/// What a stream is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Its responses are the result.
    #[default]
    Measured,
    /// It only loads the server.
    Background,
}

/// One request and what a right answer to it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// Path and query; the path's beginning must be a route that the server offers.
    pub path: String,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body by its length alone: bytes of the pattern `0123456789abcdef`, again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<u64>,
    /// What a right answer is.
    #[serde(default)]
    pub expect: Expect,
}

/// Request methods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET
    #[default]
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl Method {
    /// The method as it goes over the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a right answer is; every part that is given must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The status code.
    #[serde(default = "default_status")]
    pub status: u16,
    /// The media type, without its parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The exact body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Members that the JSON body must have with these values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// Types that members of the JSON body must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub json_types: BTreeMap<String, JsonType>,
    /// The length of the body in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// The SHA-256 of the body, in lower-case hexadecimal digits; hashing costs the generator time for each byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

const fn default_status() -> u16 {
    200
}

impl Default for Expect {
    fn default() -> Self {
        Self {
            status: default_status(),
            content_type: None,
            body: None,
            json: None,
            json_types: BTreeMap::new(),
            length: None,
            sha256: None,
        }
    }
}

/// Types of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JsonType {
    /// A string.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl JsonType {
    /// Whether a value has this type.
    #[must_use]
    pub fn holds(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

/// Whether `found` has everything that `wanted` has: objects member by member, all else exactly.
#[must_use]
pub fn json_contains(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            wanted.iter().all(|(name, value)| found.get(name).is_some_and(|found| json_contains(found, value)))
        }
        _ => found == wanted,
    }
}
