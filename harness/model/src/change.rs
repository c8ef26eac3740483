//! What changed between two runs: one line for each arm and number that both measured.

use serde::{Deserialize, Serialize};

use crate::names::WorkloadName;
use crate::plan::ArmId;

/// What became of one number of one arm from one run to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The workload.
    pub workload: WorkloadName,
    /// The arm.
    pub arm: ArmId,
    /// The number, in words with its unit.
    pub metric: String,
    /// What became of it.
    pub outcome: Changed,
    /// The ratio, second run over first.
    pub ratio: Option<f64>,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The two-sided confidence of the interval, corrected for the number of comparisons.
    pub confidence: Option<f64>,
    /// The smallest change that matters, as a share: the smallest margin of the claims that compare the arm by this number.
    pub margin: f64,
    /// Why, in words.
    pub reason: String,
}

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// By more than the margin.
    Changed,
    /// By less than the margin.
    Equivalent,
    /// The interval lies on both sides of the margin, or there is none.
    CannotTell,
}

impl Changed {
    /// The outcome as readers see it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Equivalent => "equivalent",
            Self::CannotTell => "can't tell",
        }
    }
}
