//! Adaptive effort as registered in the plan: when an experiment may end early, and how much longer than the profile it may take.

use serde::{Deserialize, Serialize};

use crate::plan::Profile;

/// Method.md, "Design of an experiment", 3: never fewer blocks.
const FIRST_LOOK: u32 = 6;
/// The share of the error rate that is spent by the profile's last block; the rest is kept for the extra blocks.
const SPENT_BY_PROFILE: f64 = 0.9;
/// The share that is spent in all. Boundaries are those of a normal deviate applied to *t* tests, which with six blocks err up to 1.13 times as
/// often as they say; the judge's bounds, which are wider than those of *t*, more than make up for it (the examination shows both).
const SPENT_IN_ALL: f64 = 1.0;
/// At most half as many blocks again: beyond that a claim that straddles is as good as on the border.
const EXTRA_PARTS: u32 = 2;

/// A registered group-sequential design: after each block from the first look on, an experiment ends if all its claims are decided.
/// The error rate is spent by a function of the share of the profile's blocks ([`Spending`]), and evenly over the extra ones, which are only run in time that early ends have saved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adaptive {
    /// Blocks before the first look.
    pub first_look: u32,
    /// The profile's blocks.
    pub blocks: u32,
    /// Blocks beyond the profile's, at most.
    pub extra: u32,
    /// The share of the error rate that is spent by the profile's last block.
    pub spent_by_profile: f64,
    /// The share of the error rate that is spent in all.
    pub spent_in_all: f64,
    /// How it is spent over the profile's blocks; records from before this was named are of the O'Brien-Fleming type.
    #[serde(default)]
    pub spending: Spending,
}

/// How much of the error may have been spent at a share t of the profile's blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spending {
    /// Lan and DeMets' function of the O'Brien-Fleming type: hardly any early, and ever less of a small error.
    #[default]
    OBrienFleming,
    /// α t² (Kim and DeMets 1987, whose t³ is all but O'Brien and Fleming's, and t Pocock's): early looks may use a quarter of it at
    /// half of the blocks, however small the share that a family leaves.
    Square,
}

impl Adaptive {
    /// The design of a profile; nothing where the profile has no block to save.
    #[must_use]
    pub fn of(profile: &Profile) -> Option<Self> {
        (profile.blocks > FIRST_LOOK).then_some(Self {
            first_look: FIRST_LOOK,
            blocks: profile.blocks,
            extra: profile.blocks / EXTRA_PARTS,
            spent_by_profile: SPENT_BY_PROFILE,
            spent_in_all: SPENT_IN_ALL,
            spending: Spending::Square,
        })
    }

    /// The most blocks of an experiment.
    #[must_use]
    pub const fn blocks_max(&self) -> u32 {
        self.blocks.saturating_add(self.extra)
    }
}
