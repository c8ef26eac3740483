//! G4: for capacity claims, the server was loaded to the limit that the claim names for each arm.

use model::analysis::{Gate, GateResult};
use model::define::claim::{Limit, Metric};
use model::define::workload::Load;

use super::{Evidence, Reading, by_worst, not_applicable};
use crate::runs::{Measured, Run, StreamRun};
use crate::words::{figure, percent};

/// The cores that bound an arm must be at least this busy (method.md, G4).
const LEAST_BUSY: f64 = 0.90;

/// An arm bound by the requests it works on at once must have been offered this share of all connections at all times: the load
/// must not have been the limit. The same 90 % as for cores.
const LEAST_OFFERED: f64 = 0.90;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let metric = &evidence.planned.claim.metric;
    match metric {
        Metric::Capacity(_) => {
            by_worst(Gate::G4, evidence.runs().map(|(run, measured)| search_ended_at_server(run, measured)).collect())
        }
        Metric::Throughput(_) => {
            let readings: Vec<Reading> =
                evidence.metric_streams().filter_map(|(run, stream)| limit_reached(evidence, run, stream)).collect();
            if readings.is_empty() {
                return not_applicable(Gate::G4, "the claim names no limit for its arms");
            }
            by_worst(Gate::G4, readings)
        }
        _ => not_applicable(Gate::G4, "the claim is not about capacity"),
    }
}

/// The objective is the named limit of a search: it must have failed at a greater rate, and the generator must not have ended the search.
fn search_ended_at_server(run: &Run<'_>, measured: &Measured<'_>) -> Reading {
    let Some((search, greatest)) =
        measured.observation.search.as_ref().and_then(|search| Some((search, search.greatest_per_s?)))
    else {
        return Reading::fault(run, "the search found no rate".to_owned());
    };
    let failed =
        search.steps.iter().filter(|step| !step.held && step.rate_per_s > greatest).map(|step| step.rate_per_s);
    match failed.reduce(f64::min) {
        _ if search.bounded_by_generator => {
            Reading::fault(run, format!("the generator's limit ended the search at {} requests/s", figure(greatest)))
        }
        Some(next) => Reading::at_most(
            0.0,
            1.0,
            run,
            format!("{} requests/s held the objective and {} did not", figure(greatest), figure(next)),
        ),
        None => {
            Reading::fault(run, format!("{} requests/s held, and no greater rate was seen to fail", figure(greatest)))
        }
    }
}

fn limit_reached(evidence: &Evidence<'_>, run: &Run<'_>, stream: &StreamRun<'_>) -> Option<Reading> {
    match run.arm.limit {
        Limit::ServerCores => Some(cores_busy(evidence, run, f64::from(run.arm.cores))),
        Limit::OneCore => Some(cores_busy(evidence, run, 1.0)),
        Limit::Concurrency => Some(always_offered(run, stream)),
        Limit::None => None,
    }
}

/// A core that the hypervisor took while work waited for it was asked for to the full, so stolen time counts as used.
fn cores_busy(evidence: &Evidence<'_>, run: &Run<'_>, cores: f64) -> Reading {
    let cpus = evidence.scene.record.header.plan.layouts.get(&run.arm.cores).map(|layout| layout.server.as_slice());
    let stolen = run.measured().map_or(0.0, |measured| measured.cores_stolen(cpus.unwrap_or_default()));
    let used = run.measured().and_then(Measured::cores_used).map(|used| (used + stolen).min(used.max(cores)));
    let Some(used) = used else { return Reading::fault(run, "the server's CPU was not sampled".to_owned()) };
    let detail = format!(
        "the server used {} of {} ({} of them stolen by the hypervisor), {} of its limit",
        figure(used),
        cores_in_words(cores),
        figure(stolen),
        percent(used / cores)
    );
    Reading::at_least(used / cores, LEAST_BUSY, run, detail)
}

fn cores_in_words(cores: f64) -> String {
    if cores == 1.0 { "1 core".to_owned() } else { format!("{cores} cores") }
}

fn always_offered(run: &Run<'_>, stream: &StreamRun<'_>) -> Reading {
    let Load::Closed(load) = &stream.defined.load else {
        return Reading::fault(run, "a limit by concurrency needs closed load".to_owned());
    };
    let connections = run.arm.connections().unwrap_or(load.connections);
    let share = stream.seen.in_flight_mean / f64::from(connections);
    let detail = format!(
        "{} of {} connections had a request waiting at the server",
        figure(stream.seen.in_flight_mean),
        connections
    );
    Reading::at_least(share, LEAST_OFFERED, run, detail)
}
