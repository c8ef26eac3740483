//! How the requests of a stream arrive: in a closed loop, at a rate, or at the greatest rate that holds an objective.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{PerSecond, Quantile, Span};

/// How the requests of a stream arrive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Load {
    /// Each connection sends its next request once the last was answered (for capacity).
    Closed(ClosedLoad),
    /// Requests are due on a schedule, whatever the server does (for latency).
    Open(OpenLoad),
    /// The greatest open-loop rate that holds an objective is searched for.
    Search(SearchLoad),
}

/// Closed-loop load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedLoad {
    /// Connections, each with one request in flight.
    pub connections: u32,
    /// The pause between an answer and the next request.
    #[serde(default)]
    pub think: Span,
}

/// Open-loop load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenLoad {
    /// Requests due a second.
    pub rate: PerSecond,
    /// How they are spaced.
    #[serde(default)]
    pub arrival: Spacing,
    /// The most connections that may be open.
    pub connections: u32,
}

/// How open-loop requests are spaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// Evenly: due(n) = start + n / rate.
    #[default]
    Constant,
    /// With independent exponential gaps from the trial's seed.
    Poisson,
}

/// A search for the greatest rate within an objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchLoad {
    /// What a rate must hold to count.
    pub objective: Objective,
    /// How requests are spaced.
    #[serde(default)]
    pub arrival: Spacing,
    /// The most connections that may be open.
    pub connections: u32,
    /// How long each rate is held during the search.
    #[serde(default = "default_search_step")]
    pub step: Span,
}

const fn default_search_step() -> Span {
    Span::from_secs(1)
}

/// An objective: a latency quantile and a share of errors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// The quantile of response time that is judged.
    pub quantile: Quantile,
    /// The response time it may reach.
    pub at_most: Span,
    /// The greatest share of requests that may fail.
    pub errors_at_most: f64,
}

impl Load {
    /// Its connections.
    #[must_use]
    pub const fn connections(&self) -> u32 {
        match self {
            Self::Closed(load) => load.connections,
            Self::Open(load) => load.connections,
            Self::Search(load) => load.connections,
        }
    }

    pub(super) const fn set_connections(&mut self, connections: u32) {
        match self {
            Self::Closed(load) => load.connections = connections,
            Self::Open(load) => load.connections = connections,
            Self::Search(load) => load.connections = connections,
        }
    }
}
