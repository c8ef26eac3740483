//! The run record: one header line, then one line for each trial and event, as JSON, only ever appended to.
//!
//! Format history: 1 — the first (2026-11); later members are optional and left out where nothing was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::define::server::Server;
use crate::machine::{Machine, Runtimes};
use crate::names::{ClaimId, ServerName, StreamName};
use crate::plan::{Plan, Trial};
use crate::proxies::ServerProxies;

mod quiet;
mod read;
mod samples;
mod transport;

pub use quiet::ATTEMPTS_MAX;
pub use read::{RecordError, read_record};
pub use samples::{Contention, Hiccups, PssPoint, Samples};
pub use transport::{
    ConnectionsObservation, ConnectionsPoint, DeliveriesObservation, EventsObservation, RoomObservation, RoomPoint,
    TransferObservation, TransportObservation,
};

/// The newest format that this version writes and reads.
pub const FORMAT: u32 = 1;

/// All trials of a run with the facts of the machine.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// What the run set out to do, and on what.
    pub header: Header,
    /// The calibrations, one for each core layout; the newest of a layout counts.
    pub calibrations: Vec<Calibration>,
    /// What became of the trials that ran, each once, in the order in which they first ran. Of several attempts at one, the one
    /// from which the host took least.
    pub trials: Vec<TrialRecord>,
    /// The other attempts: of trials that were run again because the host had disturbed them.
    pub repeats: Vec<TrialRecord>,
    /// How the time was spent, if the run came to its end.
    pub finished: Option<Finished>,
    /// Claims of which no verdict comes any more, since a fault of their measurement was found afterwards.
    pub withdrawn: Vec<Withdrawn>,
    /// Whether the last line was cut off, as by a full disk or a killed harness.
    pub cut_off: bool,
}

/// One line of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// The first line.
    Header(Box<Header>),
    /// What the generator can show in one core layout.
    Calibration(Calibration),
    /// What became of a trial.
    Trial(Box<TrialRecord>),
    /// The run came to its end.
    Finished(Finished),
    /// A fault of the measurement was found after the run.
    Withdrawn(Withdrawn),
}

/// What the run set out to do, and on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The format's version.
    pub format: u32,
    /// claimbench's own version.
    pub claimbench: String,
    /// The git commit of the definitions, if known, with `-dirty` behind it where files had changed.
    pub commit: Option<String>,
    /// When the run began (RFC 3339, UTC).
    pub began: String,
    /// The machine.
    pub machine: Machine,
    /// The runtimes that were found.
    pub runtimes: Runtimes,
    /// The servers as defined.
    pub servers: BTreeMap<ServerName, Server>,
    /// The plan.
    pub plan: Plan,
    /// The command that repeats the run.
    pub command: String,
    /// Proxies for the effort that the servers took, of which no verdict comes; none in records from before they were counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proxies: Vec<ServerProxies>,
}

/// The floor below which no latency and the ceiling above which no rate is believed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The number of server cores whose layout was calibrated.
    pub server_cores: u16,
    /// Response time of the null server at a low rate, in µs.
    pub floor_us_p50: f64,
    /// The same, 99th percentile.
    pub floor_us_p99: f64,
    /// Send lag at that rate, in µs.
    pub send_lag_us_p50: f64,
    /// The same, 99th percentile.
    pub send_lag_us_p99: f64,
    /// The greatest closed-loop rate against the null server, in requests/s.
    pub ceiling_per_s: f64,
    /// CPU of the generator for each request at that rate, in µs.
    pub generator_cpu_us_per_request: f64,
    /// Variance to mean of the requests in each 100 µs at an even 10,000/s: 0 is perfectly regular, 1 is Poisson. Absent in records from
    /// before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fano_factor: Option<f64>,
}

/// What became of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// The trial, as planned.
    pub trial: Trial,
    /// What it gave.
    pub outcome: TrialOutcome,
}

/// What a trial gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrialOutcome {
    /// It ran.
    Observed(Box<Observation>),
    /// It failed.
    Failed(TrialFailure),
}

/// Why a trial failed: a fact like any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialFailure {
    /// The stage in which it failed.
    pub stage: Stage,
    /// What happened, in words.
    pub reason: String,
    /// The last lines of the server's log.
    pub log_tail: String,
}

/// The stages of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Runtime, dependencies and backing services.
    SetUp,
    /// From spawning to readiness.
    StartUp,
    /// The contract's cases before the load.
    ContractCheck,
    /// The load itself.
    Drive,
    /// The contract's cases and the server's own count after the load.
    AfterCheck,
}

/// What a trial measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// When the trial began, in seconds since the run began.
    pub began_s: f64,
    /// How long each part took.
    pub phases: PhaseTimes,
    /// What the running server said of itself (`/stats`), once before and once after the load.
    pub server: ServerReport,
    /// Each stream's measurements.
    pub streams: Vec<StreamObservation>,
    /// The measured streams once more, after that and without the background's load ([`ALONE`](crate::plan::ALONE)); none where the workload
    /// has no background, and in records from before it was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alone: Vec<StreamObservation>,
    /// The search for the greatest rate, where the workload asks for one.
    pub search: Option<CapacitySearch>,
    /// What the generator used of the machine.
    pub generator: GeneratorUse,
    /// Server and host, ten times a second, on the generator's clock (0 is the start of the measuring window).
    pub samples: Samples,
    /// Stalls of the host during the measuring window, by processor.
    pub hiccups: Vec<Hiccups>,
    /// The delay that was injected, where the plan asks for one (gate G11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injected: Option<Injected>,
    /// The process that was added, where the workload adds one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<AddedProcess>,
}

/// A process that a server was told to start while it was measured; times in seconds since the measuring window began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddedProcess {
    /// When it was asked for.
    pub asked_s: f64,
    /// When its first answer came; nothing where none came in time.
    pub answered_s: Option<f64>,
}

/// A delay that was injected into a server, over the measuring window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Injected {
    /// How often the server was stopped.
    pub stops: u32,
    /// How long it stood still in all, in seconds.
    pub stopped_s: f64,
}

/// How long each part of a trial took, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseTimes {
    /// From spawning to the first right answer.
    pub start_up_s: f64,
    /// The contract's cases, before and after.
    pub contract_check_s: f64,
    /// Load before the measurement.
    pub warm_up_s: f64,
    /// The measuring window (for a search: all its steps and the confirming run).
    pub measure_s: f64,
    /// Waiting for outstanding answers and stopping the server.
    pub shut_down_s: f64,
}

/// What the running server said of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerReport {
    /// `/stats` before the load.
    pub before: Value,
    /// `/stats` after the load.
    pub after: Value,
    /// Requests that the server counted during the load (its count after, minus before, minus the checker's own).
    pub requests_counted: u64,
    /// Requests that the generator sent in that time and that were answered.
    pub requests_answered: u64,
    /// Requests of the run that was measured, its warm-up and drain included, whose answer had not come when it ended.
    #[serde(default)]
    pub requests_unanswered: u64,
}

/// What one stream measured. Every histogram is a base64 text of the HdrHistogram V2 DEFLATE encoding, of whole
/// nanoseconds with three significant digits, over the measuring window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamObservation {
    /// The stream.
    pub stream: StreamName,
    /// Length of the measuring window, in seconds.
    pub window_s: f64,
    /// Requests that were due in the window (closed loop: the same as sent).
    pub due: u64,
    /// Requests that left.
    pub sent: u64,
    /// Right answers within the window.
    pub completed: u64,
    /// Due but not sent when the window ended.
    pub unsent: u64,
    /// Sent but not answered when the window ended.
    pub unanswered: u64,
    /// Requests that went wrong, by class (`timeout`, `wrong-status`, `wrong-body`, `reset`, …).
    pub errors: BTreeMap<String, u64>,
    /// Done minus due, of right answers, with unsent and unanswered requests kept as "at least this long".
    pub response_time: String,
    /// Done minus sent, of right answers.
    pub service_time: String,
    /// First byte minus sent, of right answers.
    pub first_byte: String,
    /// Sent minus due.
    pub send_lag: String,
    /// Mean number of requests in flight over the window: N of Little's law.
    pub in_flight_mean: f64,
    /// One point a second.
    pub seconds: Vec<SecondPoint>,
    /// Right answers in each tenth of a second, of the window's first minute; nothing in records from before they were counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenths: Vec<u32>,
    /// What its transport gave beside that; nothing in records from before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport: Option<TransportObservation>,
}

/// One second of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondPoint {
    /// The end of the interval, in seconds since the window began (the last one may be shorter than a second).
    pub until_s: f64,
    /// Right answers in it.
    pub completed: u64,
    /// Requests that went wrong in it.
    pub errors: u64,
    /// Median response time in µs; nothing where nothing completed.
    pub response_us_p50: Option<f64>,
    /// 99th percentile of response time in µs; nothing where nothing completed.
    pub response_us_p99: Option<f64>,
}

/// The search for the greatest rate that holds an objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapacitySearch {
    /// The rates that were tried, in order.
    pub steps: Vec<SearchStep>,
    /// The greatest rate that held and was confirmed in a longer run, in requests/s; nothing where none held.
    pub greatest_per_s: Option<f64>,
    /// Whether the search ended at the generator's own limit or its bound, so that the true value may be greater.
    pub bounded_by_generator: bool,
}

/// One rate of a search.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchStep {
    /// Requests due a second.
    pub rate_per_s: f64,
    /// The objective's quantile of response time, in µs.
    pub response_us: f64,
    /// Share of requests that failed.
    pub error_share: f64,
    /// Whether the objective held.
    pub held: bool,
    /// Whether this was the longer, confirming run.
    pub confirming: bool,
}

/// What the generator used of the machine during the measuring window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GeneratorUse {
    /// CPU seconds of its own threads, spinning left out (waiting for the next due time is idle time that yields nothing to others).
    pub busy_s: f64,
    /// CPU seconds of its own threads, spinning included.
    pub cpu_s: f64,
    /// Wall-clock seconds.
    pub wall_s: f64,
    /// Cores it had.
    pub cores: u16,
    /// Whether it shared a core with the server.
    pub shares_core: bool,
    /// CPU seconds of the backing services that ran beside it on its cores.
    pub services_cpu_s: f64,
    /// Busy CPU time for each request, in µs.
    pub cpu_us_per_request: f64,
}

/// That no verdict comes of a claim any more: a fault of its measurement was found after the run, which no gate had seen. It can take a
/// verdict away and never give one; what was measured stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The claim.
    pub claim: ClaimId,
    /// The fault, as a reader of the verdict is told.
    pub reason: String,
    /// When it was withdrawn (RFC 3339, UTC).
    pub on: String,
}

/// How a run's time was spent, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// From the beginning of the session that came to the end (the last one, where a run was gone on with) to its end.
    pub wall_s: f64,
    /// Setting up: what the servers need is installed. It comes before what a plan foretells. Records before 2026-11-30 have it in the calibration.
    #[serde(default)]
    pub set_up_s: f64,
    /// Calibration.
    pub calibration_s: f64,
    /// The sums over all trials of that session.
    pub phases: PhaseTimes,
}
