//! Adaptive effort: whether an experiment that is still going on is decided.
//!
//! The engine side asks after each block, through a function that the wiring hands it. An experiment is decided where every claim of it
//! would get a definite verdict now, at the strictest level that Holm's procedure can leave to it, so that what other experiments bring
//! later cannot undo it. The session's own controls (G8, G11) may not have run yet and are left to the end: they can only withhold.

use model::analysis::Gate;
use model::record::RunRecord;
use model::verdict::Outcome;

use crate::comparison::{Scene, compare};
use crate::design::{blocks, level};
use crate::runs::Runs;
use crate::verdicts::{ALPHA, case, rule};

/// Whether all claims of an experiment are decided by the trials so far.
#[must_use]
pub fn is_decided(record: &RunRecord, experiment: usize) -> bool {
    let plan = &record.header.plan;
    let (Some(planned), Some(adaptive)) = (plan.experiments.get(experiment), plan.adaptive) else { return false };
    let count = blocks(record, experiment);
    if count < adaptive.first_look {
        return false;
    }
    let runs = Runs::of_experiment(record, experiment);
    let scene = Scene { record, runs: &runs, index: experiment, experiment: planned, blocks: count };
    planned.claims.iter().all(|claim| {
        let mut comparison = compare(&scene, claim);
        comparison.gates.retain(|found| !matches!(found.gate, Gate::G8 | Gate::G11));
        let all = plan.experiments.iter().flat_map(|experiment| &experiment.claims);
        let family_size = all.filter(|other| other.claim.family == claim.claim.family).count();
        let mut case = case(record, planned, count, claim, &comparison);
        case.family_size = family_size;
        case.share = case.strictest_level();
        case.level = level(plan, count, case.share);
        debug_assert!(case.share <= ALPHA, "a share of the error is part of it");
        matches!(rule(record, &case).0, Outcome::Supported | Outcome::Refuted)
    })
}
