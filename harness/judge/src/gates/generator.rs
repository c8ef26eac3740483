//! G3: the generator was free: it neither ran out of its own cores nor took the server's.

use model::analysis::{Gate, GateResult};
use model::record::GeneratorUse;

use super::{Evidence, Reading, by_worst};
use crate::words::percent;

/// The generator and the services beside it may use less than this share of the generator's own cores (method.md, G3).
const OWN_CORES: f64 = 0.80;

/// Where it shares a core with the server, it may use less than this share of one core (method.md, G3).
const SHARED_CORE: f64 = 0.02;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let readings = evidence.runs().map(|(run, measured)| {
        let used = &measured.observation.generator;
        if used.shares_core {
            let share = shared_share(used);
            Reading::at_most(
                share,
                SHARED_CORE,
                run,
                format!("the generator took {} of a core that it shares with the server", percent(share)),
            )
        } else {
            let share = own_share(used);
            Reading::at_most(share, OWN_CORES, run, format!("the generator's own cores were {} busy", percent(share)))
        }
    });
    by_worst(Gate::G3, readings.collect())
}

/// Spinning counts here: while the generator spins, the server does not get the core.
fn shared_share(used: &GeneratorUse) -> f64 {
    used.cpu_s / used.wall_s
}

/// Spinning does not count here, and services that run beside the generator do: both tell how much of the core was left.
fn own_share(used: &GeneratorUse) -> f64 {
    (used.busy_s + used.services_cpu_s) / (used.wall_s * f64::from(used.cores))
}
