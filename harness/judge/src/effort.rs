//! Adaptive effort: whether an experiment that is still going on is decided.
//!
//! The engine side asks after each block, through a function that the wiring hands it. An experiment is decided where every claim of it
//! would get a definite verdict now, at the level that Holm's procedure leaves to it: what members of its family that are decided themselves
//! no longer need is passed on to it (Maurer and Bretz 2013), and those that have not been measured yet count as undecided. Whether the verdict stands
//! is settled at the end, from all that was measured then, at levels that hold whenever an experiment ended. The session's own
//! controls (G8, G11) may not have run yet and are left to the end: they can only withhold.

use std::collections::BTreeSet;

use model::analysis::{Comparison, Gate};
use model::names::FamilyName;
use model::plan::PlannedClaim;
use model::record::RunRecord;
use model::verdict::Outcome;

use crate::comparison::{Scene, compare};
use crate::design::blocks;
use crate::runs::Runs;
use crate::verdicts::{Case, case, rule, share_alpha};

/// Whether all claims of an experiment are decided by the trials so far.
#[must_use]
pub fn is_decided(record: &RunRecord, experiment: usize) -> bool {
    let plan = &record.header.plan;
    let (Some(planned), Some(adaptive)) = (plan.experiments.get(experiment), plan.adaptive) else { return false };
    if blocks(record, experiment) < adaptive.first_look {
        return false;
    }
    let families: BTreeSet<&FamilyName> = planned.claims.iter().map(|claim| &claim.claim.family).collect();
    let members: Vec<Member<'_>> =
        (0..plan.experiments.len()).flat_map(|index| members(record, index, &families)).collect();
    let mut cases: Vec<Case<'_>> = members.iter().map(|member| member.case(record)).collect();
    share_alpha(plan, &mut cases);
    let mut own = members.iter().zip(&cases).filter(|(member, _)| member.experiment == experiment);
    own.all(|(_, case)| matches!(rule(record, case).0, Outcome::Supported | Outcome::Refuted))
}

/// A claim of one of the families in question, with what its experiment has shown so far.
struct Member<'r> {
    experiment: usize,
    blocks: u32,
    claim: &'r PlannedClaim,
    comparison: Comparison,
}

fn members<'r>(record: &'r RunRecord, index: usize, families: &BTreeSet<&FamilyName>) -> Vec<Member<'r>> {
    let Some(experiment) = record.header.plan.experiments.get(index) else { return Vec::new() };
    let of_family = |claim: &&PlannedClaim| families.contains(&claim.claim.family);
    let claims: Vec<&PlannedClaim> = experiment.claims.iter().filter(of_family).collect();
    if claims.is_empty() {
        return Vec::new();
    }
    let (runs, blocks) = (Runs::of_experiment(record, index), blocks(record, index));
    let scene = Scene { record, runs: &runs, index, experiment, blocks };
    let member = |claim| {
        let mut comparison = compare(&scene, claim);
        comparison.gates.retain(|found| !matches!(found.gate, Gate::G8 | Gate::G11));
        Member { experiment: index, blocks, claim, comparison }
    };
    claims.into_iter().map(member).collect()
}

impl Member<'_> {
    fn case<'m>(&'m self, record: &'m RunRecord) -> Case<'m> {
        let experiment = &record.header.plan.experiments[self.experiment];
        case(record, experiment, self.blocks, self.claim, &self.comparison)
    }
}
