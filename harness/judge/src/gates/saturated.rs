//! G4: for capacity claims, the server was loaded to the limit that the claim names for each arm.
//!
//! A run that used a share of its limit might have done more, by one over that share at most. A claim is withheld where that, over all runs of its
//! arms, could have made the verdict: a single run in which the load was uneven is not the end of a claim that lies far from its border.

use model::analysis::{Gate, GateResult};
use model::define::claim::{Limit, Metric};
use model::define::workload::Load;
use model::plan::ArmId;

use super::room::{shift_by, unless_harmless};
use super::{Evidence, Reading, by_worst, not_applicable};
use crate::runs::{Measured, Run, StreamRun, mean_bound};
use crate::words::{figure, percent};

/// The cores that bound an arm must be at least this busy (method.md, G4).
const LEAST_BUSY: f64 = 0.90;

/// An arm bound by the requests it works on at once must have been offered this share of all connections at all times: the load
/// must not have been the limit. The same 90 % as for cores.
const LEAST_OFFERED: f64 = 0.90;

/// How near to its limit a run was.
struct Nearness<'r> {
    run: &'r Run<'r>,
    reading: Reading,
    /// How much faster the run may have been at its limit at most, as a log-ratio; infinite where there is no bound, nothing where the run does not
    /// tell what it was limited by.
    shortfall: Option<f64>,
}

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let metric = &evidence.planned.claim.metric;
    let seen: Vec<Nearness<'_>> = match metric {
        Metric::Capacity(_) => evidence.runs().map(|(run, measured)| search_ended_at_server(run, measured)).collect(),
        Metric::Throughput(_) => {
            evidence.metric_streams().filter_map(|(run, stream)| limit_reached(evidence, run, stream)).collect()
        }
        _ => return not_applicable(Gate::G4, "the claim is not about capacity"),
    };
    if seen.is_empty() && matches!(metric, Metric::Throughput(_)) {
        return not_applicable(Gate::G4, "the claim names no limit for its arms");
    }
    let shortfall = |arm: &ArmId| {
        let of_arm = seen.iter().filter(|near| near.run.trial.arm == *arm);
        let shortfalls: Vec<f64> = of_arm.map(|near| near.shortfall).collect::<Option<_>>()?;
        Some(mean_bound(shortfalls.into_iter()).unwrap_or(0.0))
    };
    let shortfalls = shortfall(&evidence.planned.baseline).zip(shortfall(&evidence.planned.treatment));
    let result = by_worst(Gate::G4, seen.into_iter().map(|near| near.reading).collect());
    match shortfalls {
        Some((baseline, treatment)) if !result.pass => {
            unless_harmless(evidence, result, &shift_by(metric.when_slower(), baseline, treatment))
        }
        _ => result,
    }
}

impl<'r> Nearness<'r> {
    fn at_limit(run: &'r Run<'r>, reading: Reading) -> Self {
        Self { run, reading, shortfall: Some(0.0) }
    }

    fn of_share(share: f64, least: f64, run: &'r Run<'r>, detail: String) -> Self {
        let reading = Reading::at_least(share, least, run, detail);
        let shortfall = if reading.pass { 0.0 } else { -share.ln() };
        Self { run, reading, shortfall: Some(shortfall).filter(|shortfall| !shortfall.is_nan()) }
    }

    fn unbounded(run: &'r Run<'r>, detail: String) -> Self {
        Self { run, reading: Reading::fault(run, detail), shortfall: Some(f64::INFINITY) }
    }

    fn unknown(run: &'r Run<'r>, detail: String) -> Self {
        Self { run, reading: Reading::fault(run, detail), shortfall: None }
    }
}

/// The objective is the named limit of a search: it must have failed at a greater rate, and the generator must not have ended the search.
fn search_ended_at_server<'r>(run: &'r Run<'r>, measured: &Measured<'_>) -> Nearness<'r> {
    let Some((search, greatest)) =
        measured.observation.search.as_ref().and_then(|search| Some((search, search.greatest_per_s?)))
    else {
        return Nearness::unknown(run, "the search found no rate".to_owned());
    };
    let failed =
        search.steps.iter().filter(|step| !step.held && step.rate_per_s > greatest).map(|step| step.rate_per_s);
    match failed.reduce(f64::min) {
        _ if search.bounded_by_generator => Nearness::unbounded(
            run,
            format!("the generator's limit ended the search at {} requests/s", figure(greatest)),
        ),
        Some(next) => {
            let detail = format!("{} requests/s held the objective and {} did not", figure(greatest), figure(next));
            Nearness::at_limit(run, Reading::at_most(0.0, 1.0, run, detail))
        }
        None => Nearness::unbounded(
            run,
            format!("{} requests/s held, and no greater rate was seen to fail", figure(greatest)),
        ),
    }
}

fn limit_reached<'r>(evidence: &Evidence<'_>, run: &'r Run<'r>, stream: &StreamRun<'_>) -> Option<Nearness<'r>> {
    match run.arm.limit {
        Limit::ServerCores => Some(cores_busy(evidence, run, f64::from(run.arm.cores))),
        Limit::OneCore => Some(cores_busy(evidence, run, 1.0)),
        Limit::Concurrency => Some(always_offered(run, stream)),
        Limit::None => None,
    }
}

/// A core that the hypervisor took while work waited for it was asked for to the full, so stolen time counts as used.
fn cores_busy<'r>(evidence: &Evidence<'_>, run: &'r Run<'r>, cores: f64) -> Nearness<'r> {
    let cpus = evidence.scene.record.header.plan.layouts.get(&run.arm.cores).map(|layout| layout.server.as_slice());
    let stolen = run.measured().map_or(0.0, |measured| measured.cores_stolen(cpus.unwrap_or_default()));
    let used = run.measured().and_then(Measured::cores_used).map(|used| (used + stolen).min(used.max(cores)));
    let Some(used) = used else { return Nearness::unknown(run, "the server's CPU was not sampled".to_owned()) };
    let detail = format!(
        "the server used {} of {} ({} of them stolen by the hypervisor), {} of its limit",
        figure(used),
        cores_in_words(cores),
        figure(stolen),
        percent(used / cores)
    );
    Nearness::of_share(used / cores, LEAST_BUSY, run, detail)
}

fn cores_in_words(cores: f64) -> String {
    if cores == 1.0 { "1 core".to_owned() } else { format!("{cores} cores") }
}

fn always_offered<'r>(run: &'r Run<'r>, stream: &StreamRun<'_>) -> Nearness<'r> {
    let Load::Closed(load) = &stream.defined.load else {
        return Nearness::unknown(run, "a limit by concurrency needs closed load".to_owned());
    };
    let connections = run.arm.connections().unwrap_or(load.connections);
    let share = stream.seen.in_flight_mean / f64::from(connections);
    let detail = format!(
        "{} of {} connections had a request waiting at the server",
        figure(stream.seen.in_flight_mean),
        connections
    );
    Nearness::of_share(share, LEAST_OFFERED, run, detail)
}
