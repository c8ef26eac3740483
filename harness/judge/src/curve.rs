//! The scaling curve of a claim with levels, and the laws fitted to it.

use model::analysis::{CurvePoint, FittedParameter, ScalingFit, Spread};
use model::define::claim::Metric;
use model::plan::{ArmId, PlannedClaim};
use stats::amdahl::serial_fraction;
use stats::mean::mean_interval;
use stats::scaling::LevelRate;
use stats::usl::Usl;
use stats::{Confidence, quantile};

use crate::comparison::Scene;
use crate::number::number;
use crate::runs::{Measured, Run};

/// One point for each level that gave a number in some block.
pub(crate) fn curve(scene: &Scene<'_>, planned: &PlannedClaim) -> Vec<CurvePoint> {
    let point = |level: &model::plan::Level| {
        let numbers = (0..scene.blocks).filter_map(|block| value(scene, planned, &level.arm, block));
        let cores =
            scene.runs.of_arm(scene.index, &level.arm).filter_map(Run::measured).filter_map(Measured::cores_used);
        Some(CurvePoint {
            level: level.value,
            arm: level.arm.clone(),
            value: spread(numbers)?,
            cores_used: spread(cores),
        })
    };
    planned.levels.iter().filter_map(point).collect()
}

/// Amdahl's and the Universal Scalability Law, fitted to each block on its own; nothing for metrics that are no rates.
pub(crate) fn scaling(scene: &Scene<'_>, planned: &PlannedClaim) -> Option<ScalingFit> {
    if !matches!(planned.claim.metric, Metric::Throughput(_) | Metric::Capacity(_)) {
        return None;
    }
    let blocks: Vec<Vec<LevelRate>> =
        (0..scene.blocks).filter_map(|block| block_curve(scene, planned, block)).collect();
    let amdahl: Vec<f64> = blocks.iter().filter_map(|curve| serial_fraction(curve).ok()).collect();
    let usl: Vec<Usl> = blocks.iter().filter_map(|curve| Usl::fit(curve).ok()).collect();
    Some(ScalingFit {
        serial_fraction: fitted(&amdahl)?,
        contention: fitted(&usl.iter().map(|law| law.contention).collect::<Vec<_>>()),
        coherency: fitted(&usl.iter().map(|law| law.coherency).collect::<Vec<_>>()),
    })
}

/// A number over the blocks; nothing from none.
pub(crate) fn spread(numbers: impl Iterator<Item = f64>) -> Option<Spread> {
    let numbers: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
    Some(Spread {
        median: quantile::median(&numbers).ok()?,
        min: quantile::quantile(&numbers, 0.0).ok()?,
        max: quantile::quantile(&numbers, 1.0).ok()?,
        blocks: u32::try_from(numbers.len()).ok()?,
    })
}

fn value(scene: &Scene<'_>, planned: &PlannedClaim, arm: &ArmId, block: u32) -> Option<f64> {
    let run = scene.runs.get(scene.index, arm, block);
    number(&planned.claim.metric, &scene.experiment.workload, run).ok().map(|number| number.least)
}

/// The whole curve of one block; nothing where a level is missing, since a fit through the rest would be another curve.
fn block_curve(scene: &Scene<'_>, planned: &PlannedClaim, block: u32) -> Option<Vec<LevelRate>> {
    let rate = |level: &model::plan::Level| {
        value(scene, planned, &level.arm, block).map(|rate| LevelRate { level: level.value, rate })
    };
    planned.levels.iter().map(rate).collect()
}

fn fitted(values: &[f64]) -> Option<FittedParameter> {
    let interval = mean_interval(values, Confidence::P95).ok();
    Some(FittedParameter {
        estimate: interval.map(|interval| interval.estimate).or_else(|| values.first().copied())?,
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
    })
}
