//! What one claim compares: its pairs, block by block, the effect, the gates and the scaling curve.

use model::analysis::{Comparison, MissingBlock, Pair};
use model::plan::{Arm, ArmId, Experiment, PlannedClaim};
use model::record::{Calibration, RunRecord};

use crate::curve::{curve, scaling};
use crate::effect::Effect;
use crate::gates::same_arm::seen;
use crate::gates::{Evidence, gates};
use crate::number::{Number, number};
use crate::region::Borders;
use crate::runs::{Runs, arm_of};

/// An experiment of a record, with its trials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'r> {
    pub(crate) record: &'r RunRecord,
    pub(crate) runs: &'r Runs<'r>,
    /// Its place in the plan.
    pub(crate) index: usize,
    pub(crate) experiment: &'r Experiment,
    /// The blocks that count.
    pub(crate) blocks: u32,
}

impl Scene<'_> {
    /// An arm's label; its name where the plan does not hold it.
    pub(crate) fn label(&self, arm: &ArmId) -> String {
        arm_of(self.experiment, arm).map_or_else(|| arm.to_string(), |arm| arm.label.clone())
    }

    /// What the generator can show in the core layout of an arm: the newest calibration of it.
    pub(crate) fn calibration(&self, arm: &Arm) -> Option<&Calibration> {
        self.record.calibrations.iter().rev().find(|calibration| calibration.server_cores == arm.cores)
    }
}

/// Compares the two arms of a claim.
pub(crate) fn compare(scene: &Scene<'_>, planned: &PlannedClaim) -> Comparison {
    let (pairs, missing) = pairs(scene, planned);
    let effect = Effect::of(&pairs, scene.record.header.plan.seed);
    let borders = Borders::of(&planned.claim.decision);
    let evidence = Evidence { scene, planned, pairs: &pairs, missing: &missing, effect: effect.as_ref() };
    Comparison {
        claim: planned.claim.id.clone(),
        estimate: effect.as_ref().map(|effect| effect.estimate(&borders)),
        gates: gates(&evidence),
        same_arm: seen(&evidence).unwrap_or_default(),
        curve: curve(scene, planned),
        scaling: scaling(scene, planned),
        pairs,
        missing,
    }
}

fn pairs(scene: &Scene<'_>, planned: &PlannedClaim) -> (Vec<Pair>, Vec<MissingBlock>) {
    let (mut pairs, mut missing) = (Vec::new(), Vec::new());
    for block in 0..scene.blocks {
        let of = |arm: &ArmId| {
            let run = scene.runs.get(scene.index, arm, block);
            number(&planned.claim.metric, &scene.experiment.workload, run)
                .map_err(|why| format!("{}: {why}", scene.label(arm)))
        };
        match (of(&planned.baseline), of(&planned.treatment)) {
            (Ok(baseline), Ok(treatment)) => pairs.push(pair(block, baseline, treatment)),
            (baseline, treatment) => {
                let reasons: Vec<String> = [baseline.err(), treatment.err()].into_iter().flatten().collect();
                missing.push(MissingBlock { block, reason: reasons.join("; ") });
            }
        }
    }
    (pairs, missing)
}

fn pair(block: u32, baseline: Number, treatment: Number) -> Pair {
    Pair {
        block,
        baseline: baseline.least,
        treatment: treatment.least,
        baseline_at_most: baseline.most,
        treatment_at_most: treatment.most,
    }
}
