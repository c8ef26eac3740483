//! G3: the generator was free: it neither ran out of its own cores nor took the server's.
//!
//! Services run on the generator's cores where the machine has no others. One that had too little of them can only have kept its server waiting, so that the
//! direction is known, and with it whether the verdict could have come from it. A generator that had too little itself is never let off: the load was not
//! what it should have been.

use model::analysis::{Gate, GateResult};
use model::define::claim::WhenSlower;
use model::plan::ArmId;
use model::record::GeneratorUse;

use super::room::{shift_by, unless_harmless};
use super::{Evidence, Reading, by_worst};
use crate::runs::Run;
use crate::words::percent;

/// The generator and the services beside it may use less than this share of the generator's own cores (method.md, G3).
const OWN_CORES: f64 = 0.80;

/// Where it shares a core with the server, it may use less than this share of one core (method.md, G3).
const SHARED_CORE: f64 = 0.02;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let arms = [&evidence.planned.baseline, &evidence.planned.treatment];
    let own = |share: fn(&GeneratorUse) -> f64| {
        let runs = evidence.runs().filter(|(_, measured)| !measured.observation.generator.shares_core);
        runs.map(move |(run, measured)| (run, share(&measured.observation.generator)))
    };
    let reading = |(run, share): (&Run<'_>, f64)| {
        Reading::at_most(share, OWN_CORES, run, format!("the generator's own cores were {} busy", percent(share)))
    };
    let shared = || arms.into_iter().filter_map(|arm| shared(evidence, arm));
    let result = by_worst(Gate::G3, own(own_share).map(reading).chain(shared()).collect());
    let generator_had_enough = own(alone_share).map(reading).chain(shared()).all(|reading| reading.pass);
    let when_slower = evidence.planned.claim.metric.when_slower();
    if result.pass || !generator_had_enough || when_slower == WhenSlower::Stays {
        return result;
    }
    let [baseline, treatment] = arms.map(|arm| {
        let lacked = own(own_share).any(|(run, share)| run.trial.arm == *arm && share > OWN_CORES);
        if lacked { f64::INFINITY } else { 0.0 }
    });
    unless_harmless(evidence, result, &shift_by(when_slower, baseline, treatment))
}

/// An arm whose core the generator shares is read at its median run: what a thread uses is counted with the time that the hypervisor
/// took from it meanwhile, so that single runs show the host rather than the generator.
fn shared(evidence: &Evidence<'_>, arm: &ArmId) -> Option<Reading> {
    let of_arm = evidence.runs().filter(|(run, _)| run.trial.arm == *arm);
    let shared = of_arm.filter(|(_, measured)| measured.observation.generator.shares_core);
    let mut shares: Vec<_> =
        shared.map(|(run, measured)| (shared_share(&measured.observation.generator), run)).collect();
    shares.sort_by(|one, other| one.0.total_cmp(&other.0));
    let &(share, run) = shares.get(shares.len() / 2)?;
    let detail =
        format!("the generator took {} of a core that it shares with the server in the median run", percent(share));
    Some(Reading::at_most(share, SHARED_CORE, run, detail))
}

/// Spinning counts here: while the generator spins, the server does not get the core.
fn shared_share(used: &GeneratorUse) -> f64 {
    used.cpu_s / used.wall_s
}

/// Spinning does not count here, and services that run beside the generator do: both tell how much of the core was left.
fn own_share(used: &GeneratorUse) -> f64 {
    (used.busy_s + used.services_cpu_s) / (used.wall_s * f64::from(used.cores))
}

fn alone_share(used: &GeneratorUse) -> f64 {
    used.busy_s / (used.wall_s * f64::from(used.cores))
}
