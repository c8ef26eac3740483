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

/// How much a search for the greatest rate does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchEffort {
    /// It ends once the rates that hold and fail are this close, as a ratio.
    pub precision: f64,
    /// The most runs, the confirming ones left out.
    pub steps_max: u32,
    /// The most slices of closed-loop load before it, each as long as the workload's warm-up.
    pub warm_ups_max: u32,
}

impl Profile {
    /// The profile of a name.
    ///
    /// Six blocks are the fewest with which the exact sign-flip test (2⁻⁶ = 0.0156) can pass Holm's first threshold in
    /// a family of up to three claims (0.05 / 3 = 0.0167); method.md, *Design of an experiment*, 3. Fifteen blocks take about as long as
    /// twelve of twice the length, and it is the spread between blocks, not within them, that bounds what a run can tell: with fifteen, a
    /// truth that lies one and a half margins beyond the border is found in four of five runs also where the A/A is another experiment's
    /// (the judge's examination).
    #[must_use]
    pub const fn of(name: ProfileName) -> Self {
        let (blocks, time_factor) = match name {
            ProfileName::Smoke => (1, 0.15),
            ProfileName::Quick => (6, 1.0),
            ProfileName::Standard => (15, 1.5),
            ProfileName::Full => (20, 4.0),
        };
        Self { name, blocks, time_factor }
    }

    /// How much a search for the greatest rate does.
    #[must_use]
    pub fn search_effort(&self) -> SearchEffort {
        match self.name {
            // Its steps are too short for any overload to show: it only shows that searching works.
            ProfileName::Smoke => SearchEffort { precision: 1.5, steps_max: 3, warm_ups_max: 2 },
            // Confirming goes down in finer steps than this precision, and blocks differ by more.
            _ => SearchEffort { precision: 1.1, steps_max: 14, warm_ups_max: 10 },
        }
    }

    /// Whether the levels of scaling curves are measured. A smoke run shows that everything runs, which the arms that are compared show of a server
    /// and mode.
    #[must_use]
    pub fn draws_curves(&self) -> bool {
        self.name != ProfileName::Smoke
    }

    /// Blocks of an experiment whose largest family has so many claims: those of the profile, and as many more as let Holm's first threshold in that
    /// family be reached at all. A smoke run, which decides nothing, has its one.
    #[must_use]
    pub fn blocks_for(&self, claims: usize) -> u32 {
        if self.name == ProfileName::Smoke {
            return self.blocks;
        }
        let reaches = |blocks: &u32| 0.5_f64.powf(f64::from(*blocks)) * claims as f64 <= ERROR_RATE;
        (self.blocks..BLOCKS_MAX).find(reaches).unwrap_or(BLOCKS_MAX)
    }
}

/// The chance of a wrong definite verdict, which a family shares (method.md, *Verdict*).
pub const ERROR_RATE: f64 = 0.05;
/// Enough for families of more claims than there are.
const BLOCKS_MAX: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_family_has_the_blocks_that_its_threshold_needs() {
        let quick = Profile::of(ProfileName::Quick);
        assert_eq!([1, 3, 4, 5, 6, 7].map(|claims| quick.blocks_for(claims)), [6, 6, 7, 7, 7, 8]);
        assert_eq!(Profile::of(ProfileName::Standard).blocks_for(5), 15);
        assert_eq!(Profile::of(ProfileName::Smoke).blocks_for(5), 1);
    }
}
