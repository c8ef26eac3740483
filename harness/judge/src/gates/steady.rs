//! G7: the runs had settled (Barrett et al. 2017).

use model::analysis::{Gate, GateResult};
use model::define::claim::Metric;

use super::{Evidence, not_applicable};
use crate::steadiness;
use crate::words::counted;

/// The share of the runs that may not be flat. Method.md asks for flat runs; but the classifier itself calls up to one flat run in a
/// hundred something else, and with 40 runs one such mistake must not withhold a verdict.
const NOT_FLAT_AT_MOST: f64 = 0.1;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    if matches!(evidence.planned.claim.metric, Metric::TimeToSteadyRate(_) | Metric::TimeToAddedProcess(_)) {
        return not_applicable(Gate::G7, "the claim is about how a server comes to its steady rate");
    }
    let found = steadiness::count(evidence.runs().map(|(_, measured)| measured));
    let not_flat = found.warming + found.slowing + found.no_steady_state;
    let classified = found.flat + not_flat;
    if classified == 0 {
        return not_applicable(Gate::G7, "the runs are too short to be classified; a longer profile does");
    }
    let detail = format!(
        "{} of {} flat, {} warming, {} slowing, {} without a steady state; {} too short to tell",
        found.flat,
        counted(classified as usize, "run"),
        found.warming,
        found.slowing,
        found.no_steady_state,
        found.too_short
    );
    let pass = f64::from(not_flat) <= NOT_FLAT_AT_MOST * f64::from(classified);
    GateResult::new(Gate::G7, pass, detail)
}
