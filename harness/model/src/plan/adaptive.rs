//! Adaptive effort as registered in the plan: when an experiment may end early, and how much longer than the profile it may take.

use serde::{Deserialize, Serialize};

use crate::plan::Profile;

/// Method.md, "Design of an experiment", 3: never fewer blocks.
const FIRST_LOOK: u32 = 6;
/// The share of the error rate that is spent by the profile's last block; the rest is kept for the extra blocks.
const SPENT_BY_PROFILE: f64 = 0.75;
/// The share that is spent in all. Boundaries are those of a normal deviate applied to *t* tests, which with six blocks err a little more
/// often than they say: up to 1.13 times in the examination.
const SPENT_IN_ALL: f64 = 0.85;
/// At most half as many blocks again: beyond that a claim that straddles is as good as on the border.
const EXTRA_PARTS: u32 = 2;

/// A registered group-sequential design: after each block from the first look on, an experiment ends if all its claims are decided.
/// The error rate is spent by a function of the O'Brien-Fleming type (Lan and DeMets 1983) over the profile's blocks, and evenly over
/// the extra ones, which are only run in time that early ends have saved.
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
        })
    }

    /// The most blocks of an experiment.
    #[must_use]
    pub const fn blocks_max(&self) -> u32 {
        self.blocks.saturating_add(self.extra)
    }
}
