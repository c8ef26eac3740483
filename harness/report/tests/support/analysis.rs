//! The canonical analysis: what the truth of each arm gives with its noise, block by block.

use model::analysis::{
    Analysis, ArmAnalysis, Comparison, CurvePoint, Estimate, ExperimentAnalysis, FittedParameter, MissingBlock, Pair,
    QuantilePoint, ScalingFit, Spread, Steadiness, StreamAnalysis,
};
use model::define::claim::Metric;
use model::define::workload::Role;
use model::plan::{Arm, ArmId, Experiment, PlannedClaim};
use model::record::{RunRecord, TrialOutcome};

use super::record::{noise, truth};

/// The canonical analysis.
pub(crate) fn analysis(record: &RunRecord) -> Analysis {
    let experiments = record.header.plan.experiments.iter().enumerate();
    Analysis { experiments: experiments.map(|(number, experiment)| one(record, number, experiment)).collect() }
}

fn one(record: &RunRecord, number: usize, experiment: &Experiment) -> ExperimentAnalysis {
    ExperimentAnalysis {
        arms: experiment.arms.iter().map(|arm| arm_analysis(record, number, experiment, arm)).collect(),
        comparisons: experiment.claims.iter().map(|claim| comparison(record, number, experiment, claim)).collect(),
    }
}

/// For each block the arm's place in the noise, or why there is none.
fn blocks(
    record: &RunRecord,
    number: usize,
    experiment: &Experiment,
    id: &ArmId,
) -> Vec<Result<(u32, f64), MissingBlock>> {
    let of_block = |block: u32| {
        let found = record
            .trials
            .iter()
            .find(|found| found.trial.experiment == number && found.trial.block == block && found.trial.arm == *id);
        match found.map(|found| &found.outcome) {
            Some(TrialOutcome::Observed(_)) => {
                Ok((block, noise(block as usize * 3 + id.0.bytes().map(usize::from).sum::<usize>())))
            }
            Some(TrialOutcome::Failed(failure)) => Err(MissingBlock { block, reason: failure.reason.clone() }),
            None => Err(MissingBlock { block, reason: "the trial did not run".to_owned() }),
        }
    };
    (0..experiment.blocks).map(of_block).collect()
}

fn spread(values: &[f64]) -> Option<Spread> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(Spread {
        median: *sorted.get(sorted.len() / 2)?,
        min: *sorted.first()?,
        max: *sorted.last()?,
        blocks: u32::try_from(sorted.len()).ok()?,
    })
}

fn arm_analysis(record: &RunRecord, number: usize, experiment: &Experiment, arm: &Arm) -> ArmAnalysis {
    let blocks = blocks(record, number, experiment, &arm.id);
    let noises: Vec<f64> = blocks.iter().flatten().map(|(_, noise)| *noise).collect();
    let typical = record.trials.iter().find(|found| {
        found.trial.experiment == number
            && found.trial.arm == arm.id
            && matches!(found.outcome, TrialOutcome::Observed(_))
    });
    let used = if arm.id.0.contains("workers=") && !arm.id.0.contains("workers=1") { 1.94 } else { 0.98 };
    let scaled = |scale: f64| spread(&noises.iter().map(|noise| scale * noise).collect::<Vec<_>>());
    let measured = experiment.workload.streams.iter().filter(|stream| stream.role == Role::Measured);
    ArmAnalysis {
        arm: arm.id.clone(),
        streams: measured
            .map(|stream| StreamAnalysis {
                stream: stream.name.clone(),
                throughput_per_s: scaled(truth(arm).0),
                response_time: quantiles(arm, &noises),
                completed: 7000,
                errors: 0,
                censored: 3,
            })
            .collect(),
        cores_used: scaled(used),
        rss_mib: scaled(64.0),
        cpu_us_per_request: if experiment.workload.streams.len() == 1 {
            scaled(used / truth(arm).0 * 1e6)
        } else {
            None
        },
        capacity_per_s: None,
        typical: typical.map(|found| found.trial.index),
        steadiness: Steadiness { flat: u32::try_from(noises.len()).expect("few blocks"), ..Steadiness::default() },
        missing: blocks.into_iter().filter_map(Result::err).collect(),
    }
}

fn quantiles(arm: &Arm, noises: &[f64]) -> Vec<QuantilePoint> {
    let (_, p50, p99) = truth(arm);
    let at = |quantile: f64| {
        let nines = -(1.0 - quantile).log10();
        let us = p50 * 0.6 * (p99 / p50 / 0.6).powf(nines / 2.0);
        let spread = spread(&noises.iter().map(|noise| us * noise.powi(6)).collect::<Vec<_>>())?;
        Some(QuantilePoint { quantile, median_us: spread.median, min_us: spread.min, max_us: spread.max })
    };
    [0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999].into_iter().filter_map(at).collect()
}

/// The metric's number of an arm, without noise.
fn value(claim: &PlannedClaim, arm: &Arm) -> f64 {
    match claim.claim.metric {
        Metric::ResponseTime(_) => truth(arm).2,
        _ => truth(arm).0,
    }
}

fn comparison(record: &RunRecord, number: usize, experiment: &Experiment, claim: &PlannedClaim) -> Comparison {
    let arm = |id: &ArmId| experiment.arms.iter().find(|arm| arm.id == *id).expect("a planned arm");
    let of = |id: &ArmId| blocks(record, number, experiment, id);
    let mut pairs = Vec::new();
    let mut missing = Vec::new();
    for (baseline, treatment) in of(&claim.baseline).into_iter().zip(of(&claim.treatment)) {
        match (baseline, treatment) {
            (Ok((block, before)), Ok((_, after))) => {
                let baseline = value(claim, arm(&claim.baseline)) * before;
                let treatment = value(claim, arm(&claim.treatment)) * after;
                let censored = claim.claim.id.as_str() == "loop-blocking" && block == 5;
                let treatment_at_most = if censored { None } else { Some(treatment) };
                pairs.push(Pair { block, baseline, treatment, baseline_at_most: Some(baseline), treatment_at_most });
            }
            (Err(gap), _) | (_, Err(gap)) => missing.push(gap),
        }
    }
    let curve: Vec<CurvePoint> = claim
        .levels
        .iter()
        .filter_map(|level| {
            let found = arm_analysis(record, number, experiment, arm(&level.arm));
            let value = found.streams.first()?.throughput_per_s?;
            Some(CurvePoint { level: level.value, arm: level.arm.clone(), value, cores_used: found.cores_used })
        })
        .collect();
    Comparison {
        claim: claim.claim.id.clone(),
        estimate: estimate(&pairs),
        scaling: (!curve.is_empty()).then(fit),
        gates: Vec::new(),
        same_arm: Vec::new(),
        pairs,
        missing,
        curve,
    }
}

fn fit() -> ScalingFit {
    let serial_fraction = FittedParameter { estimate: 0.97, low: Some(0.95), high: Some(0.99) };
    let contention = FittedParameter { estimate: 0.96, low: Some(0.93), high: Some(0.99) };
    let coherency = FittedParameter { estimate: 0.002, low: Some(-0.001), high: Some(0.005) };
    ScalingFit { serial_fraction, contention: Some(contention), coherency: Some(coherency) }
}

fn estimate(pairs: &[Pair]) -> Option<Estimate> {
    if pairs.len() < 2 {
        return None;
    }
    let logs: Vec<f64> = pairs.iter().map(|pair| (pair.treatment / pair.baseline).ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (logs.len() as f64 - 1.0);
    Some(Estimate {
        log_ratio: mean,
        log_ratio_sd: variance.sqrt(),
        method: "t".to_owned(),
        p_inside: 0.001,
        p_outside: 0.999,
        p_sign_flip: 0.5_f64.powi(i32::try_from(logs.len()).expect("few blocks")),
    })
}
