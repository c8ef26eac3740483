//! Verdicts: what a claim came to, with all that a reader needs to doubt it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::analysis::GateResult;
use crate::names::{ClaimId, FamilyName};

/// What a claim came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The claim.
    pub claim: ClaimId,
    /// Its family.
    pub family: FamilyName,
    /// The sentence that was tested.
    pub statement: String,
    /// The outcome.
    #[serde(rename = "verdict")]
    pub outcome: Outcome,
    /// The estimated ratio treatment / baseline.
    pub effect: Option<f64>,
    /// The lower end of the ratio's interval.
    pub low: Option<f64>,
    /// The upper end of the ratio's interval.
    pub high: Option<f64>,
    /// The two-sided confidence of the interval, after Holm's correction: 1 − 2α.
    pub confidence: Option<f64>,
    /// The region as ratios: lower and upper end, nothing where it is open.
    pub region: RegionBounds,
    /// How many blocks gave a pair.
    pub blocks: u32,
    /// The exact sign-flip test's p-value, beside the interval.
    pub p_sign_flip: Option<f64>,
    /// Why, in words for a reader who is no statistician.
    pub reason: String,
    /// What weakens it without withholding it, in words, each with what to do.
    pub doubts: Vec<String>,
    /// Every gate.
    pub gates: Vec<GateResult>,
    /// Why the verdict is exploratory: the claim on disk is not the one that was registered before the data. Nothing where it is, or where
    /// that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploratory: Option<String>,
}

/// What a claim can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The interval lies inside the region, and all gates pass.
    Supported,
    /// It lies inside the complement, and all gates pass.
    Refuted,
    /// Neither, or a gate failed.
    Inconclusive,
    /// This machine cannot test it.
    NotTestable,
}

impl Outcome {
    /// The outcome as readers see it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Refuted => "refuted",
            Self::Inconclusive => "inconclusive",
            Self::NotTestable => "not testable here",
        }
    }
}

/// The ends of the decision region, as ratios.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RegionBounds {
    /// The ratio must be above this.
    pub above: Option<f64>,
    /// The ratio must be below this.
    pub below: Option<f64>,
}
