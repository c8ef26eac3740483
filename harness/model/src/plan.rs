//! The plan: every trial of a run, in order, with every default filled in. What will happen, not what was written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::define::claim::{CONNECTIONS, Claim, Limit};
use crate::define::untestable::Shown;
use crate::define::workload::Workload;
use crate::machine::Layout;
use crate::names::{ClaimId, ModeName, ParameterName, RuntimeName, ServerName};
use crate::units::Span;

mod adaptive;
mod alone;
mod arms;
mod build;
mod controls;
mod expected;
mod order;
mod profile;

pub use adaptive::{Adaptive, Spending};
pub use alone::ALONE;
pub use arms::resolve;
pub use build::{Controls, Design, Effort, PlanError, PlanRequest, Wanted, plan};
pub use controls::{Hold, LoadKind, SessionControl};
pub use profile::{ERROR_RATE, Profile, ProfileName, SearchEffort};

/// Every trial that a run will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Every random choice of the run comes from this seed.
    pub seed: u64,
    /// The effort.
    pub profile: Profile,
    /// The experiments, in the order in which they begin.
    pub experiments: Vec<Experiment>,
    /// The trials, in the order in which they run.
    pub trials: Vec<Trial>,
    /// Which processors do what, by the number of server cores.
    pub layouts: BTreeMap<u16, Layout>,
    /// The claims that this machine cannot test, and why.
    pub not_testable: Vec<NotTestable>,
    /// How long all trials should take.
    pub expected: Span,
    /// The controls of the session; none in records from before there were any, and where there are too few blocks for verdicts.
    #[serde(default)]
    pub controls: Vec<SessionControl>,
    /// How effort adapts; nothing where the number of blocks is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<Adaptive>,
}

impl Plan {
    /// The arm of a trial.
    #[must_use]
    pub fn arm(&self, trial: &Trial) -> Option<&Arm> {
        self.experiments.get(trial.experiment)?.arms.iter().find(|arm| arm.id == trial.arm)
    }
}

/// One workload and the arms compared on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// The workload, with every default.
    pub workload: Workload,
    /// How long load is given before the measurement.
    pub warm_up: Span,
    /// How long is measured.
    pub measure: Span,
    /// How many blocks there are; with adaptive effort, at most.
    pub blocks: u32,
    /// The arms; each that is compared runs once a block, and one that is only a point of a curve in every second block ([`Self::runs_in`]).
    pub arms: Vec<Arm>,
    /// The claims that are judged from it.
    pub claims: Vec<PlannedClaim>,
}

impl Experiment {
    /// Whether an arm runs in a block. What a verdict needs runs in each; a level between those, which only a curve shows, in the first and
    /// every second after it.
    #[must_use]
    pub fn runs_in(&self, arm: &ArmId, block: u32) -> bool {
        let is_compared = |planned: &PlannedClaim| planned.baseline == *arm || planned.treatment == *arm;
        let is_level = |planned: &PlannedClaim| planned.levels.iter().any(|level| level.arm == *arm);
        let only_drawn = self.claims.iter().any(is_level) && !self.claims.iter().any(is_compared);
        !only_drawn || block.is_multiple_of(2)
    }
}

/// A claim as registered, with the arms it compares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedClaim {
    /// The claim.
    pub claim: Claim,
    /// SHA-256 of the claim's file, in hexadecimal: its registration.
    pub sha256: String,
    /// The arm compared with.
    pub baseline: ArmId,
    /// The arm the claim is about.
    pub treatment: ArmId,
    /// The levels of the scaling curve, in rising order; empty where the claim has none.
    pub levels: Vec<Level>,
}

/// One point of a scaling curve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The parameter's value.
    pub value: u32,
    /// The arm that has it.
    pub arm: ArmId,
}

/// An arm's name, made of all it is: `flask:threads(threads=4)@gil/2-cores`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArmId(pub String);

impl std::fmt::Display for ArmId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// One server, mode, runtime and parameters in an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its name.
    pub id: ArmId,
    /// Its label for readers: "Flask, 4 threads, free-threaded".
    pub label: String,
    /// The server.
    pub server: ServerName,
    /// The mode.
    pub mode: ModeName,
    /// The runtime.
    pub runtime: RuntimeName,
    /// The runtime's version, x.y.z, with a `t` behind it where it is free-threaded.
    pub runtime_version: String,
    /// All parameters, the defaults included.
    pub parameters: BTreeMap<ParameterName, u32>,
    /// How many cores the server may use.
    pub cores: u16,
    /// How many processes serve.
    pub processes: u32,
    /// What bounds it when it is loaded to the full.
    pub limit: Limit,
    /// The command with its parameters filled in; `{python}`, `{port}` and the like are still to fill.
    pub command: Vec<String>,
    /// Further environment variables, likewise.
    pub env: BTreeMap<String, String>,
}

impl Arm {
    /// The connections that it is loaded over, where it says so itself.
    #[must_use]
    pub fn connections(&self) -> Option<u32> {
        self.parameters.iter().find(|(name, _)| name.as_str() == CONNECTIONS).map(|(_, value)| *value)
    }
}

/// One arm in one block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The place in the whole run, from 0.
    pub index: u32,
    /// The experiment, as an index into the plan's.
    pub experiment: usize,
    /// The block, from 0.
    pub block: u32,
    /// The place in the block, from 0.
    pub position: u32,
    /// The arm.
    pub arm: ArmId,
    /// The seed of this trial's random choices.
    pub seed: u64,
}

/// A claim that this machine cannot test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotTestable {
    /// The claim.
    pub claim: ClaimId,
    /// The sentence that would have been tested.
    pub statement: String,
    /// Its family.
    pub family: crate::names::FamilyName,
    /// What is missing.
    pub reason: String,
    /// What would mend it; empty where nothing would.
    pub remedy: String,
    /// What is shown of it instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
}
