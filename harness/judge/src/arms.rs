//! One arm over all blocks: what its charts show.

use model::analysis::{ArmAnalysis, MissingBlock, QuantilePoint, Spread, StreamAnalysis};
use model::define::workload::{Load, Role, Stream};
use model::plan::{Arm, Trial};

use crate::comparison::Scene;
use crate::curve::spread;
use crate::number::{cpu_per_request, response_time};
use crate::runs::{Measured, Run, StreamRun};
use crate::steadiness;

/// The quantiles of the response-time curve, about evenly spaced on an axis of nines.
const QUANTILES: [f64; 17] =
    [0.01, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.975, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999];

/// Describes an arm.
pub(crate) fn describe(scene: &Scene<'_>, arm: &Arm) -> ArmAnalysis {
    let runs: Vec<&Run<'_>> = scene.runs.of_arm(scene.index, &arm.id).collect();
    let measured: Vec<&Measured<'_>> = runs.iter().filter_map(|run| run.measured()).collect();
    let peak = |run: &&Measured<'_>| run.observation.samples.server_rss_mib.iter().copied().reduce(f64::max);
    let greatest = |run: &&Measured<'_>| run.observation.search.as_ref().and_then(|search| search.greatest_per_s);
    ArmAnalysis {
        arm: arm.id.clone(),
        streams: scene.experiment.workload.streams.iter().map(|stream| stream_over_blocks(stream, &measured)).collect(),
        cores_used: spread(measured.iter().filter_map(|run| run.cores_used())),
        rss_mib: spread(measured.iter().filter_map(peak)),
        cpu_us_per_request: cpu_us_per_request(scene, &measured),
        capacity_per_s: spread(measured.iter().filter_map(greatest)),
        typical: typical(scene, &runs).map(|trial| trial.index),
        steadiness: steadiness::count(measured.iter().copied()),
        missing: missing(scene, arm),
    }
}

/// CPU for each right answer of the only stream; nothing beside other streams, whose work it would hold too, nor for a search, whose
/// steps differ in rate.
fn cpu_us_per_request(scene: &Scene<'_>, runs: &[&Measured<'_>]) -> Option<Spread> {
    let streams = &scene.experiment.workload.streams;
    let [only] = streams.as_slice() else { return None };
    if matches!(only.load, Load::Search(_)) {
        return None;
    }
    let of_run = |run: &&Measured<'_>| Some(cpu_per_request(run, run.stream(&only.name)?).ok()?.least);
    spread(runs.iter().filter_map(of_run))
}

fn stream_over_blocks(stream: &Stream, runs: &[&Measured<'_>]) -> StreamAnalysis {
    let seen: Vec<&StreamRun<'_>> = runs.iter().filter_map(|run| run.stream(&stream.name)).collect();
    let total = |count: fn(&StreamRun<'_>) -> u64| seen.iter().map(|run| count(run)).fold(0, u64::saturating_add);
    StreamAnalysis {
        stream: stream.name.clone(),
        throughput_per_s: spread(seen.iter().map(|run| throughput_per_s(run))),
        response_time: QUANTILES.iter().filter_map(|&quantile| point(quantile, &seen)).collect(),
        completed: total(|run| run.seen.completed),
        errors: total(|run| run.seen.errors.values().copied().fold(0, u64::saturating_add)),
        censored: total(|run| run.seen.unsent.saturating_add(run.seen.unanswered)),
    }
}

/// One point of the curve; nothing unless every block has enough requests for it, so that all points speak of the same blocks.
fn point(quantile: f64, seen: &[&StreamRun<'_>]) -> Option<QuantilePoint> {
    let values: Option<Vec<f64>> =
        seen.iter().map(|run| response_time(run, quantile).ok().map(|number| number.least)).collect();
    let spread = spread(values?.into_iter())?;
    Some(QuantilePoint { quantile, median_us: spread.median, min_us: spread.min, max_us: spread.max })
}

fn throughput_per_s(run: &StreamRun<'_>) -> f64 {
    run.seen.completed as f64 / run.seen.window_s
}

/// The trial in the middle by throughput of the first measured stream (the lower middle of an even number).
fn typical<'r>(scene: &Scene<'_>, runs: &[&Run<'r>]) -> Option<&'r Trial> {
    let first = scene.experiment.workload.streams.iter().find(|stream| stream.role == Role::Measured)?;
    let rate = |run: &&Run<'r>| Some((throughput_per_s(run.measured()?.stream(&first.name)?), run.trial));
    let mut by_rate: Vec<(f64, &Trial)> = runs.iter().filter_map(rate).collect();
    by_rate.sort_by(|one, other| one.0.total_cmp(&other.0));
    by_rate.get(by_rate.len().saturating_sub(1) / 2).map(|&(_, trial)| trial)
}

fn missing(scene: &Scene<'_>, arm: &Arm) -> Vec<MissingBlock> {
    let why = |block: u32| match scene.runs.get(scene.index, &arm.id, block).map(|run| &run.outcome) {
        None => Some("the trial is not in the record".to_owned()),
        Some(Err(failure)) => Some(format!("{}: {}", crate::words::stage(failure.stage), failure.reason)),
        Some(Ok(_)) => None,
    };
    (0..scene.blocks).filter_map(|block| why(block).map(|reason| MissingBlock { block, reason })).collect()
}
