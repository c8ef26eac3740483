//! G13: the host was quiet: what it took stays below the effect being judged.
//!
//! Time that the hypervisor steals, in which the host stalls, or in which something else uses the server's core, makes a trial slower than its server is. How much slower at most is known
//! from what was sampled beside it, and so is the direction: a host that disturbs the baseline raises a ratio of rates, one that
//! disturbs the treatment lowers it. What both lost moves no ratio: an arm's loss counts as far as it may have gone beyond what the other
//! lost for certain. The effect being judged is the distance of the interval's near end from the region's border; the gate passes where what the
//! host took from one side more than from the other could not have carried that end across it. (The estimate's own distance would not do: an
//! effect that the host made passes half of the time then, which the examination found.)

use model::analysis::{Gate, GateResult, Shift};
use model::define::claim::Metric;
use model::machine::Layout;
use model::plan::ArmId;

use stats::Confidence;

use super::room::{Room, shift_by};
use super::{Evidence, not_applicable, place};
use crate::number::times_of;
use crate::region::Borders;
use crate::runs::{Measured, Run, mean, mean_bound, stream_of};
use crate::words::percent;

/// A stall also delays the requests that come while the server catches up: at half load, for as long again.
const AFTERMATH: f64 = 2.0;

/// What the host took from one arm.
struct Disturbance {
    /// By how much its numbers may be too slow, as a mean log-ratio over its runs.
    log_slowing: f64,
    /// By how much they are for certain, likewise.
    log_slowing_least: f64,
    /// The mean share of time that it lost.
    mean_share: f64,
    /// The greatest share, and in which run.
    worst: (f64, String),
}

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let Some(effect) = evidence.effect else {
        return not_applicable(Gate::G13, "there is no effect that a host could have made");
    };
    let claim = &evidence.planned.claim;
    let (Some(baseline), Some(treatment)) =
        (disturbance(evidence, &evidence.planned.baseline), disturbance(evidence, &evidence.planned.treatment))
    else {
        return not_applicable(Gate::G13, "no run gave anything to check");
    };
    let shift = shift_of(&claim.metric, &baseline, &treatment);
    let room = Room::of(&Borders::of(&claim.decision), &effect.interval(Confidence::P90));
    let worst = if baseline.worst.0 >= treatment.worst.0 { &baseline.worst } else { &treatment.worst };
    let detail = format!(
        "the host took {} of the baseline's time and {} of the treatment's, at worst {} ({}); {}",
        percent(baseline.mean_share),
        percent(treatment.mean_share),
        percent(worst.0),
        worst.1,
        room.beside_in_words(&shift),
    );
    GateResult { shift: Some(shift), ..GateResult::new(Gate::G13, room.holds(&shift), detail) }
}

fn shift_of(metric: &Metric, baseline: &Disturbance, treatment: &Disturbance) -> Shift {
    let beyond = |one: &Disturbance, other: &Disturbance| (one.log_slowing - other.log_slowing_least).max(0.0);
    shift_by(metric.when_slower(), beyond(baseline, treatment), beyond(treatment, baseline))
}

fn disturbance(evidence: &Evidence<'_>, arm: &ArmId) -> Option<Disturbance> {
    let runs: Vec<(&Run<'_>, &Measured<'_>)> = evidence.runs().filter(|(run, _)| run.trial.arm == *arm).collect();
    let layout = |run: &Run<'_>| evidence.scene.record.header.plan.layouts.get(&run.arm.cores);
    let share = |run: &Run<'_>, measured: &Measured<'_>| measured.observation.lost_share(layout(run));
    let shares = || runs.iter().map(|(run, measured)| share(run, measured));
    let worst = runs.iter().max_by(|one, other| share(one.0, one.1).total_cmp(&share(other.0, other.1)))?;
    let slowing = runs.iter().map(|(run, measured)| log_slowing(evidence, measured, share(run, measured)));
    let least = runs.iter().map(|(run, measured)| log_slowing_least(evidence, measured, layout(run)));
    Some(Disturbance {
        log_slowing: mean_bound(slowing)?,
        log_slowing_least: mean(least)?,
        mean_share: mean(shares())?,
        worst: (share(worst.0, worst.1), place(worst.0)),
    })
}

/// By how much the host has slowed the metric for certain, as a log-ratio: only rates and costs of the window that the server's processors bound.
/// Which requests a quantile lost, nothing tells, nor what was lost before the window.
fn log_slowing_least(evidence: &Evidence<'_>, measured: &Measured<'_>, layout: Option<&Layout>) -> f64 {
    match evidence.planned.claim.metric {
        Metric::Throughput(_) | Metric::Capacity(_) | Metric::CpuPerRequest(_) | Metric::BytesPerCpuSecond(_) => {
            -(-measured.observation.lost_share_least(layout)).ln_1p()
        }
        _ => 0.0,
    }
}

/// By how much a host that took this share of the time may have slowed the metric, as a log-ratio.
///
/// Work that is bound by time is slower by the share. A quantile of response time is at most the one that is left when the
/// requests hit, taken to be the slowest, are left out.
fn log_slowing(evidence: &Evidence<'_>, measured: &Measured<'_>, lost: f64) -> f64 {
    let metric = &evidence.planned.claim.metric;
    let by_time = -(-lost).ln_1p();
    let Some(quantile) = metric.quantile() else { return by_time };
    let stream =
        stream_of(metric, &evidence.scene.experiment.workload).and_then(|stream| measured.stream(&stream.name));
    let Some(times) = stream.and_then(|stream| times_of(metric, stream)) else { return f64::INFINITY };
    let quantile = quantile.get();
    let undisturbed = quantile * (1.0 - AFTERMATH * lost).max(0.0);
    match (times.quantile_us(quantile), times.quantile_us(undisturbed)) {
        (Some(seen), Some(least)) if least > 0.0 => (seen / least).ln(),
        _ => f64::INFINITY,
    }
}
