//! The analysis: one number for each arm, block and metric, estimates with intervals, and the gates. Made from a
//! record alone, and enough to judge and to draw from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::names::{ClaimId, StreamName};
use crate::plan::ArmId;

/// What a record says, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// One for each experiment of the plan, in its order.
    pub experiments: Vec<ExperimentAnalysis>,
}

/// One experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExperimentAnalysis {
    /// The arms, in the plan's order.
    pub arms: Vec<ArmAnalysis>,
    /// One for each claim of the experiment, in the plan's order.
    pub comparisons: Vec<Comparison>,
}

/// One arm over all blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmAnalysis {
    /// The arm.
    pub arm: ArmId,
    /// Each stream over all blocks, in the workload's order.
    pub streams: Vec<StreamAnalysis>,
    /// Cores used by the server while measured.
    pub cores_used: Option<Spread>,
    /// Peak resident memory in MiB.
    pub rss_mib: Option<Spread>,
    /// CPU of the server's processes for each right answer, in µs, where one stream alone loads it at one rate.
    #[serde(default)]
    pub cpu_us_per_request: Option<Spread>,
    /// The greatest rate within the objective, in requests/s, where the workload searches for it.
    pub capacity_per_s: Option<Spread>,
    /// The trial whose series are drawn: the one with the median of the first measured stream's throughput.
    pub typical: Option<u32>,
    /// How the runs went (Barrett et al. 2017): how many blocks of each class.
    pub steadiness: Steadiness,
    /// The blocks without an observation, and why.
    pub missing: Vec<MissingBlock>,
}

/// One stream of one arm over all blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamAnalysis {
    /// The stream.
    pub stream: StreamName,
    /// Right answers a second.
    pub throughput_per_s: Option<Spread>,
    /// Response time by quantile, in rising order; only quantiles that enough requests support.
    pub response_time: Vec<QuantilePoint>,
    /// Right answers in all blocks.
    pub completed: u64,
    /// Requests that went wrong in all blocks.
    pub errors: u64,
    /// Requests unsent or unanswered at the ends of the windows.
    pub censored: u64,
}

/// A number over the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// How many blocks gave a number.
    pub blocks: u32,
}

/// Response time at one quantile, over the blocks, in µs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantilePoint {
    /// The quantile, in 0..1.
    pub quantile: f64,
    /// The median of the blocks' values.
    pub median_us: f64,
    /// The least.
    pub min_us: f64,
    /// The greatest.
    pub max_us: f64,
}

/// How many runs were of which class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steadiness {
    /// Flat from the beginning.
    pub flat: u32,
    /// Getting faster, then flat.
    pub warming: u32,
    /// Getting slower.
    pub slowing: u32,
    /// No steady state.
    pub no_steady_state: u32,
    /// Too short to tell.
    pub too_short: u32,
}

/// A block without a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingBlock {
    /// The block.
    pub block: u32,
    /// Why.
    pub reason: String,
}

/// What a claim compares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The claim.
    pub claim: ClaimId,
    /// The blocks in which both arms gave a number.
    pub pairs: Vec<Pair>,
    /// The blocks in which one did not, and why.
    pub missing: Vec<MissingBlock>,
    /// The effect, if it can be estimated.
    pub estimate: Option<Estimate>,
    /// Every gate.
    pub gates: Vec<GateResult>,
    /// What the session's arms that were measured twice say of it (gate G8); none where the run has no such arms.
    #[serde(default)]
    pub same_arm: Vec<SameArm>,
    /// The scaling curve, where the claim has levels.
    pub curve: Vec<CurvePoint>,
    /// The laws fitted to the curve, where it begins at level 1; they say nothing beyond the levels that were measured.
    #[serde(default)]
    pub scaling: Option<ScalingFit>,
}

/// By how much something other than the arms may have moved an effect at most, as log-ratios; nothing where there is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shift {
    /// Upwards.
    pub raised: Option<f64>,
    /// Downwards.
    pub lowered: Option<f64>,
}

/// An arm that was measured twice in each block, beside a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SameArm {
    /// The arm's label.
    pub label: String,
    /// ln of its second number over its first, by block.
    pub log_ratios: Vec<f64>,
    /// Where it is one of the claim's own arms: the claim's pairs with its second number in place of the first.
    pub instead: Vec<Pair>,
}

/// Laws of scaling fitted to each block on its own, as means over the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalingFit {
    /// Amdahl's serial fraction: 0 grows in step with the level, 1 does not grow.
    pub serial_fraction: FittedParameter,
    /// Contention σ of the Universal Scalability Law, from three levels on.
    pub contention: Option<FittedParameter>,
    /// Coherency κ of the same.
    pub coherency: Option<FittedParameter>,
}

/// A fitted parameter with its 95 % interval over the blocks; without unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedParameter {
    /// The mean of the blocks' fits.
    pub estimate: f64,
    /// The lower end; nothing from a single block.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// Both arms' numbers of one block, in the metric's unit.
///
/// Where requests were unsent or unanswered when the window ended, or a search ended at the generator's own limit, the
/// number is the least that the truth can be, and `…_at_most` the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The block.
    pub block: u32,
    /// The baseline's number.
    pub baseline: f64,
    /// The treatment's number.
    pub treatment: f64,
    /// The greatest that the baseline's number can be: the number itself where it is exact, nothing where it is open.
    pub baseline_at_most: Option<f64>,
    /// The greatest that the treatment's number can be, likewise.
    pub treatment_at_most: Option<f64>,
}

/// An estimated effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// θ: the mean log-ratio over the blocks.
    pub log_ratio: f64,
    /// The standard deviation of the log-ratios between blocks.
    pub log_ratio_sd: f64,
    /// How the interval was made: "t", or "t and BCa" from 20 blocks on.
    pub method: String,
    /// The one-sided p-value of θ ≤ border of the region, by Student's t, widened for skewness.
    pub p_inside: f64,
    /// The one-sided p-value of the complement.
    pub p_outside: f64,
    /// The exact sign-flip test's one-sided p-value for the side on which the estimate lies.
    pub p_sign_flip: f64,
}

/// One level of a scaling curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The parameter's value.
    pub level: u32,
    /// The arm.
    pub arm: ArmId,
    /// The metric.
    pub value: Spread,
    /// Cores used by the server.
    pub cores_used: Option<Spread>,
}

/// One gate's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateResult {
    /// The gate.
    pub gate: Gate,
    /// Whether it lets the verdict pass.
    pub pass: bool,
    /// What was seen, with the numbers; or why the gate does not apply.
    pub detail: String,
    /// By how much what the gate looks at may have moved the effect; nothing where its answer does not hang on that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<Shift>,
}

impl GateResult {
    /// An answer that hangs on nothing but what was seen.
    #[must_use]
    pub fn new(gate: Gate, pass: bool, detail: impl Into<String>) -> Self {
        Self { gate, pass, detail: detail.into(), shift: None }
    }
}

/// The validity checks of method.md; a failed one withholds the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Gate {
    /// Little's law.
    G1,
    /// Schedule kept.
    G2,
    /// Generator free.
    G3,
    /// Saturated.
    G4,
    /// Right answers.
    G5,
    /// Errors.
    G6,
    /// Steady.
    G7,
    /// A/A.
    G8,
    /// One factor.
    G9,
    /// Order.
    G10,
    /// Sensitivity.
    G11,
    /// Sanity.
    G12,
    /// Quiet host.
    G13,
}

impl Gate {
    /// The gate's name in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::G1 => "Little's law",
            Self::G2 => "schedule kept",
            Self::G3 => "generator free",
            Self::G4 => "saturated",
            Self::G5 => "right answers",
            Self::G6 => "errors",
            Self::G7 => "steady",
            Self::G8 => "A/A",
            Self::G9 => "one factor",
            Self::G10 => "order",
            Self::G11 => "sensitivity",
            Self::G12 => "sanity",
            Self::G13 => "quiet host",
        }
    }
}
