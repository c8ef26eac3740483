//! G10: it makes no difference which of the two arms ran first in a block.

use model::analysis::{Gate, GateResult, Pair};
use stats::welch::welch;

use super::{Evidence, not_applicable};
use crate::words::{chance, figure};

/// A difference counts as real below this *p*-value: strict, since ten gates look at each claim and a false alarm costs a verdict.
const REAL_BELOW: f64 = 0.01;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let Some(effect) = evidence.effect else {
        return not_applicable(Gate::G10, "there is no effect");
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (pair, &log_ratio) in evidence.pairs.iter().zip(effect.log_ratios()) {
        match treatment_is_first(evidence, pair) {
            Some(true) => first.push(log_ratio),
            Some(false) => second.push(log_ratio),
            None => {}
        }
    }
    let Ok(found) = welch(&first, &second) else {
        return not_applicable(Gate::G10, "each order needs at least two blocks");
    };
    // Only a difference that matters to this claim withholds its verdict: one as great as its margin.
    let matters = found.difference.abs() > evidence.planned.claim.decision.log_margin();
    let detail = format!(
        "with the treatment first the ratio is {} times what it is with the treatment second (p {})",
        figure(found.difference.exp()),
        chance(found.p_two_sided)
    );
    GateResult::new(Gate::G10, !(matters && found.p_two_sided < REAL_BELOW), detail)
}

fn treatment_is_first(evidence: &Evidence<'_>, pair: &Pair) -> Option<bool> {
    let position = |arm| evidence.scene.runs.get(evidence.scene.index, arm, pair.block).map(|run| run.trial.position);
    Some(position(&evidence.planned.treatment)? < position(&evidence.planned.baseline)?)
}
