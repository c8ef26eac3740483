//! What the author of a claim registers in `workloads/claims/<id>.toml`, before any data is taken.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::names::{ClaimId, FamilyName, ModeName, ParameterName, RuntimeName, ServerName, StreamName, WorkloadName};
use crate::units::Quantile;

/// A registered, falsifiable statement with its decision rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The id, the same as the file's name.
    pub id: ClaimId,
    /// Claims of one family are corrected together (Holm).
    pub family: FamilyName,
    /// Whether the article states it, or it is a control that must come out as stated.
    #[serde(default)]
    pub role: ClaimRole,
    /// The statement as it is tested, in a sentence.
    pub statement: String,
    /// What the article says, in our words.
    pub article: String,
    /// The section of the article.
    pub section: String,
    /// How the statement is read, and what the reading leaves out.
    pub reading: String,
    /// The workload.
    pub workload: WorkloadName,
    /// The number each trial yields.
    pub metric: Metric,
    /// The arm compared with.
    pub baseline: ArmChoice,
    /// The arm the statement is about; the effect is treatment over baseline.
    pub treatment: ArmChoice,
    /// Further levels of one parameter of the treatment, for the scaling curve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Levels>,
    /// What alone may differ between the two arms.
    pub factors: Vec<Factor>,
    /// The decision rule.
    pub decision: Decision,
    /// Claims that must be supported in the same run, else this one gets no verdict.
    #[serde(default)]
    pub controls: Vec<ClaimId>,
}

/// What a claim is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimRole {
    /// A statement under test.
    #[default]
    Claim,
    /// A control: its family gets no verdict unless it is supported.
    Control,
}

/// The number that a trial yields. Where no stream is named, the workload's only measured one is meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Metric {
    /// Right answers a second.
    Throughput(OfStream),
    /// A quantile of response time: done minus due.
    ResponseTime(QuantileOf),
    /// The greatest rate that holds the workload's objective.
    Capacity(OfStream),
    /// CPU seconds of the server's processes for each right answer.
    CpuPerRequest(OfStream),
    /// A quantile of the time from when a message to a room was due to when a member had it, over all deliveries.
    DeliveryTime(QuantileOf),
    /// A quantile of the time from when a message was due to when its own sender had it back.
    AcknowledgementTime(QuantileOf),
    /// The share of the deliveries due that came.
    Reach(OfStream),
    /// A quantile of the time between one event of a stream and the next.
    EventGap(QuantileOf),
    /// Bytes that the clients received and sent, for each CPU second of the server's processes.
    BytesPerCpuSecond(OfStream),
    /// Jain's index of the bytes that the connections received: 1 where all got the same.
    Fairness(OfStream),
    /// Memory that the server's processes gained for each connection that they held: of their proportional set size, in which shared pages
    /// count once; of their resident memory in records that lack it.
    MemoryPerConnection(OfStream),
    /// Time from the server's start to its first right answer.
    StartUp(OfStream),
    /// Time from the server's start until it answers at nine tenths of its steady rate: to its first right answer, and from there on under
    /// closed-loop load that begins with the measurement.
    TimeToSteadyRate(OfStream),
    /// Time from when a server under load is told to start one process more to that process's first answer.
    TimeToAddedProcess(OfStream),
    /// Memory of the server's processes at the end of the load: their proportional set size, in which shared pages count once.
    Memory(OfStream),
    /// How many of the stream's attacks were answered as a safe server answers.
    AttacksStopped(OfStream),
}

/// What becomes of a metric when the server, or the host under it, is slower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenSlower {
    /// It falls, like a rate.
    Falls,
    /// It rises, like a time.
    Rises,
    /// It stays, like a size.
    Stays,
}

/// Which stream a metric is read from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfStream {
    /// The stream; the only measured one where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamName>,
}

/// Which quantile of which stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuantileOf {
    /// The quantile, such as 0.99.
    pub quantile: Quantile,
    /// The stream; the only measured one where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamName>,
}

impl Metric {
    /// The stream the metric names, if it names one.
    #[must_use]
    pub const fn stream(&self) -> Option<&StreamName> {
        match self {
            Self::Throughput(of)
            | Self::Capacity(of)
            | Self::CpuPerRequest(of)
            | Self::Reach(of)
            | Self::BytesPerCpuSecond(of)
            | Self::Fairness(of)
            | Self::MemoryPerConnection(of)
            | Self::StartUp(of)
            | Self::TimeToSteadyRate(of)
            | Self::TimeToAddedProcess(of)
            | Self::Memory(of)
            | Self::AttacksStopped(of) => of.stream.as_ref(),
            Self::ResponseTime(of) | Self::DeliveryTime(of) | Self::AcknowledgementTime(of) | Self::EventGap(of) => {
                of.stream.as_ref()
            }
        }
    }

    /// The quantile that it is, where it is one of a time.
    #[must_use]
    pub const fn quantile(&self) -> Option<Quantile> {
        match self {
            Self::ResponseTime(of) | Self::DeliveryTime(of) | Self::AcknowledgementTime(of) | Self::EventGap(of) => {
                Some(of.quantile)
            }
            _ => None,
        }
    }

    /// What becomes of it when the server is slower.
    #[must_use]
    pub const fn when_slower(&self) -> WhenSlower {
        match self {
            Self::Throughput(_) | Self::Capacity(_) | Self::Reach(_) | Self::BytesPerCpuSecond(_) => WhenSlower::Falls,
            Self::ResponseTime(_)
            | Self::CpuPerRequest(_)
            | Self::DeliveryTime(_)
            | Self::AcknowledgementTime(_)
            | Self::EventGap(_)
            | Self::StartUp(_)
            | Self::TimeToSteadyRate(_)
            | Self::TimeToAddedProcess(_) => WhenSlower::Rises,
            Self::Fairness(_) | Self::MemoryPerConnection(_) | Self::Memory(_) | Self::AttacksStopped(_) => {
                WhenSlower::Stays
            }
        }
    }

    /// The metric in words, with its unit.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Throughput(_) => "throughput (right answers/s)".to_owned(),
            Self::ResponseTime(of) => format!("{} response time (µs)", of.quantile),
            Self::Capacity(_) => "greatest rate within the objective (requests/s)".to_owned(),
            Self::CpuPerRequest(_) => "server CPU per right answer (µs)".to_owned(),
            Self::DeliveryTime(of) => format!("{} delivery time (µs)", of.quantile),
            Self::AcknowledgementTime(of) => format!("{} acknowledgement time (µs)", of.quantile),
            Self::Reach(_) => "reach (share of deliveries)".to_owned(),
            Self::EventGap(of) => format!("{} gap between events (µs)", of.quantile),
            Self::BytesPerCpuSecond(_) => "bytes per CPU second of the server (B/s)".to_owned(),
            Self::Fairness(_) => "fairness among readers (Jain's index)".to_owned(),
            Self::MemoryPerConnection(_) => "server memory per connection (B)".to_owned(),
            Self::StartUp(_) => "time to the first right answer (µs)".to_owned(),
            Self::TimeToSteadyRate(_) => "time to nine tenths of the steady rate (µs)".to_owned(),
            Self::TimeToAddedProcess(_) => "time to the first answer of an added process (µs)".to_owned(),
            Self::Memory(_) => "memory of the server (MiB)".to_owned(),
            Self::AttacksStopped(_) => "attacks stopped (of those tried)".to_owned(),
        }
    }
}

/// An arm as a claim names it: what is left out takes the server's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArmChoice {
    /// The server.
    pub server: ServerName,
    /// The mode; the server's default where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ModeName>,
    /// The runtime; the server's default where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeName>,
    /// Parameters of the mode; its defaults where left out. `connections` is one of every mode: it sets the connections of the workload's
    /// only stream.
    #[serde(default)]
    pub parameters: BTreeMap<ParameterName, u32>,
    /// How many cores the server may use.
    #[serde(default = "one_core")]
    pub cores: u16,
    /// What bounds this arm when it is loaded to the full (gate G4).
    #[serde(default)]
    pub limit: Limit,
}

const fn one_core() -> u16 {
    1
}

/// The parameter of every mode that sets the connections of the load, and nothing of the server.
pub const CONNECTIONS: &str = "connections";

/// What bounds a loaded server; gate G4 checks that the bound was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// All cores it may use.
    #[default]
    ServerCores,
    /// The work of one core: an event loop, or threads under the GIL.
    OneCore,
    /// The requests it works on at once, all of them waiting.
    Concurrency,
    /// Nothing: the metric is no capacity.
    None,
}

/// Further values of one parameter of the treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// The parameter.
    pub parameter: ParameterName,
    /// Its values.
    pub values: Vec<u32>,
}

/// What differs between the arms of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Factor {
    /// The whole server: framework, language and runtime.
    Server,
    /// The mode of one server.
    Mode,
    /// The runtime build of one server.
    Runtime,
    /// The cores the server may use.
    Cores,
    /// One parameter of the mode.
    Parameter(ParameterName),
}

/// When the claim counts as supported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Where the ratio treatment / baseline must lie.
    pub region: Region,
    /// The smallest effect that matters, as a share: 0.5 means a ratio of 1.5 (or its inverse).
    pub margin: f64,
    /// Why this margin.
    pub reason: String,
}

impl Decision {
    /// d = ln(1 + the smallest effect that matters).
    #[must_use]
    pub fn log_margin(&self) -> f64 {
        self.margin.ln_1p()
    }
}

/// The region S of the verdict rule, for θ = the mean log-ratio and d = ln(1 + margin).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// (d, ∞)
    Greater,
    /// (−∞, d)
    AtMost,
    /// (−d, d)
    Equivalent,
    /// (−d, ∞)
    NonInferior,
}
