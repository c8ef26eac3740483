//! The controls of the session that stand for a claim, and what they measured.

use std::collections::BTreeSet;

use model::plan::{ArmId, LoadKind, SessionControl};
use stats::mean::MeanEstimate;

use super::Evidence;
use crate::comparison::Scene;
use crate::number::{Number, number};
use crate::runs::arm_of;

/// Fewer pairs than this say nothing of a control: the fewest that a verdict needs.
const FEWEST: usize = 5;

/// A control arm beside the arm that it copies.
#[derive(Debug)]
pub(super) struct Readings {
    /// The log-ratios by block, copy over plain.
    pub(super) log_ratios: Vec<f64>,
    /// Their mean.
    pub(super) estimate: MeanEstimate,
    /// The label of the plain arm.
    pub(super) label: String,
    /// The copy's numbers, with their blocks.
    pub(super) copy: Vec<(u32, Number)>,
    /// The share of the window for which the copy was held up, in the mean.
    pub(super) held_share: f64,
}

impl Readings {
    /// Reads a control in all blocks that have it; says why where there are too few.
    pub(super) fn of(scene: &Scene<'_>, control: &SessionControl, copy: &ArmId) -> Result<Self, String> {
        let plan = &scene.record.header.plan;
        let experiment =
            plan.experiments.get(control.experiment).ok_or("the plan does not hold the session's control")?;
        let (mut logs, mut copies, mut held) = (Vec::new(), Vec::new(), Vec::new());
        let mut why = "it is not in the record".to_owned();
        for block in 0..experiment.blocks {
            let run = |arm| scene.runs.get(control.experiment, arm, block);
            let read = |arm| number(&control.metric, &experiment.workload, run(arm));
            match (read(&control.plain), read(copy)) {
                (Ok(plain), Ok(again)) => {
                    logs.push((again.least / plain.least).ln());
                    copies.push((block, again));
                    held.push(run(copy).and_then(held_share).unwrap_or(0.0));
                }
                (Err(missing), _) | (_, Err(missing)) if run(copy).is_some() => why = missing.to_string(),
                _ => {}
            }
        }
        let label = arm_of(experiment, &control.plain).map_or_else(|| copy.to_string(), |arm| arm.label.clone());
        if logs.len() < FEWEST {
            return Err(format!("the control of {label} gave {} numbers of {FEWEST} at least: {why}", logs.len()));
        }
        let estimate = MeanEstimate::of(&logs).map_err(|error| format!("the control of {label}: {error}"))?;
        let held_share = held.iter().sum::<f64>() / held.len() as f64;
        Ok(Self { log_ratios: logs, estimate, label, copy: copies, held_share })
    }
}

fn held_share(run: &crate::runs::Run<'_>) -> Option<f64> {
    let observation = run.measured()?.observation;
    Some(observation.injected?.stopped_s / observation.phases.measure_s)
}

/// The controls that stand for a claim: of its kind of load, in the core layouts of both arms. None where the run has no controls at all.
pub(super) fn controls_of<'e>(evidence: &Evidence<'e>) -> Result<Vec<&'e SessionControl>, String> {
    let controls = &evidence.scene.record.header.plan.controls;
    let (Some(baseline), Some(treatment)) = evidence.arms() else {
        return Err("the plan does not hold both arms of the claim".to_owned());
    };
    if controls.is_empty() {
        return Ok(Vec::new());
    }
    let load = LoadKind::of(&evidence.planned.claim.metric, &evidence.scene.experiment.workload);
    if load.is_none() {
        return Ok(Vec::new());
    }
    let cores = BTreeSet::from([baseline.cores, treatment.cores]);
    let find = |cores: u16| {
        let of = |wanted| controls.iter().find(|control| Some(control.load) == wanted && control.cores == cores);
        // A search is a row of open-loop runs.
        let found = of(load).or_else(|| if load == Some(LoadKind::Search) { of(Some(LoadKind::Open)) } else { None });
        found.ok_or_else(|| format!("the session has no control for this load with {cores} server cores"))
    };
    cores.into_iter().map(find).collect()
}
