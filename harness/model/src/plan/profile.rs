//! Profiles: how much effort a run makes, fixed before the first request.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileName {
    /// Shows that everything runs; too few blocks for any verdict.
    Smoke,
    /// The fewest blocks that can give a verdict.
    Quick,
    /// What a published result should have.
    Standard,
    /// For small effects and noisy machines.
    Full,
}

/// How much effort a run makes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: ProfileName,
    /// Blocks of every experiment.
    pub blocks: u32,
    /// By how much a workload's warm-up and measuring time are multiplied.
    pub time_factor: f64,
}

impl Profile {
    /// The profile of a name.
    ///
    /// Six blocks are the fewest with which the exact sign-flip test (2⁻⁶ = 0.0156) can pass Holm's first threshold in
    /// a family of up to three claims (0.05 / 3 = 0.0167); method.md, *Design of an experiment*, 3.
    #[must_use]
    pub const fn of(name: ProfileName) -> Self {
        let (blocks, time_factor) = match name {
            ProfileName::Smoke => (1, 0.25),
            ProfileName::Quick => (6, 1.0),
            ProfileName::Standard => (12, 2.0),
            ProfileName::Full => (20, 4.0),
        };
        Self { name, blocks, time_factor }
    }
}
