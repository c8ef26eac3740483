//! G13: the host was quiet: what it took from a run stays below the effect being judged.
//!
//! Time that the hypervisor steals, or in which the kernel stalls, makes everything slower by that share. A response-time quantile can
//! moreover *be* a stall, where stalls hit more requests than lie beyond the quantile; then the longest stall must be
//! shorter than the effect.

use std::collections::BTreeSet;

use model::analysis::{Gate, GateResult};
use model::define::claim::Metric;
use model::record::{Hiccups, Observation};

use super::{Evidence, Reading, by_worst};
use crate::number::response_time;
use crate::runs::{Measured, Run, stream_of};
use crate::words::{figure, percent};

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    by_worst(Gate::G13, evidence.runs().flat_map(|(run, measured)| readings(evidence, run, measured)).collect())
}

fn readings(evidence: &Evidence<'_>, run: &Run<'_>, measured: &Measured<'_>) -> Vec<Reading> {
    let observation = measured.observation;
    let cpus = cpus(evidence, run);
    let margin = evidence.planned.claim.decision.log_margin();
    let lost = observation.lost_share(evidence.scene.record.header.plan.layouts.get(&run.arm.cores));
    let detail =
        format!("the host took {} of the time, less than {} allowed", percent(lost), percent(1.0 - (-margin).exp()));
    let mut readings = vec![Reading::at_most(-(-lost).ln_1p(), margin, run, detail)];
    readings.extend(stall_at_quantile(evidence, run, measured, &cpus));
    readings
}

/// The processors of the generator and the server; all that were watched where the layout is not known.
fn cpus(evidence: &Evidence<'_>, run: &Run<'_>) -> Option<BTreeSet<u16>> {
    let layout = evidence.scene.record.header.plan.layouts.get(&run.arm.cores)?;
    Some(layout.generator.iter().chain(&layout.server).copied().collect())
}

/// Stalls tell of the host only where the watching thread ran above ordinary priority; else the server's own load shows in them.
fn believable<'o>(observation: &'o Observation, cpus: &Option<BTreeSet<u16>>) -> impl Iterator<Item = &'o Hiccups> {
    let used = move |cpu: u16| cpus.as_ref().is_none_or(|cpus| cpus.contains(&cpu));
    observation.hiccups.iter().filter(move |hiccups| hiccups.real_time && used(hiccups.cpu))
}

fn stall_at_quantile(
    evidence: &Evidence<'_>,
    run: &Run<'_>,
    measured: &Measured<'_>,
    cpus: &Option<BTreeSet<u16>>,
) -> Option<Reading> {
    let Metric::ResponseTime(of) = &evidence.planned.claim.metric else { return None };
    let stream = stream_of(&evidence.planned.claim.metric, &evidence.scene.experiment.workload)?;
    let value_us = response_time(measured.stream(&stream.name)?, of.quantile.get()).ok()?.least;
    let effect_us = value_us * evidence.planned.claim.decision.margin;
    let lost_s: f64 = believable(measured.observation, cpus).map(|hiccups| hiccups.lost_s).fold(0.0, f64::max);
    let longest_us = believable(measured.observation, cpus).map(|hiccups| hiccups.max_us).fold(0.0, f64::max);
    let hit = lost_s / measured.observation.phases.measure_s;
    if hit < 1.0 - of.quantile.get() {
        return None;
    }
    let detail = format!(
        "stalls hit {} of the time and reach {} µs, where {} is judged to {} µs",
        percent(hit),
        figure(longest_us),
        of.quantile,
        figure(effect_us)
    );
    Some(Reading::at_most(longest_us, effect_us, run, detail))
}
