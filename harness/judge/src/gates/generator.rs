//! G3: the generator was free: it neither ran out of its own cores nor took the server's.

use model::analysis::{Gate, GateResult};
use model::plan::ArmId;
use model::record::GeneratorUse;

use super::{Evidence, Reading, by_worst};
use crate::words::percent;

/// The generator and the services beside it may use less than this share of the generator's own cores (method.md, G3).
const OWN_CORES: f64 = 0.80;

/// Where it shares a core with the server, it may use less than this share of one core (method.md, G3).
const SHARED_CORE: f64 = 0.02;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let arms = [&evidence.planned.baseline, &evidence.planned.treatment];
    let shared = arms.into_iter().filter_map(|arm| shared(evidence, arm));
    let own = evidence.runs().filter(|(_, measured)| !measured.observation.generator.shares_core);
    let own = own.map(|(run, measured)| {
        let share = own_share(&measured.observation.generator);
        Reading::at_most(share, OWN_CORES, run, format!("the generator's own cores were {} busy", percent(share)))
    });
    by_worst(Gate::G3, own.chain(shared).collect())
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
