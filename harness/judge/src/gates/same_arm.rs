//! G8: the same arm, measured twice in a session, differs by less than the margin, and by less than could make the verdict.
//!
//! The copy stands in the same blocks as the arm it copies, so that all that tells the two apart is what the harness and the host do; and
//! what they do to a copy they may do to a claim. That no difference was found does not mean that there is none, so each definite verdict
//! is asked for once more, as if the bias that the copy shows were in it:
//!
//! * where the claim has the arm itself, with the copy in its place: if one of the two measurements of the same arm is off, the comparison with
//!   the other is right;
//! * elsewhere with the effect moved by as much, towards either side, by Welch's interval of the effect less (and plus) the bias: one of
//!   the two is right if the claim has the same bias, in whichever direction.
//!
//! As one of the intervals that must agree is right whatever the size of the bias, a wrong verdict is no more likely than that interval's
//! tail (an intersection-union test: Berger 1982). A bias that a claim has and the copy has not is not seen by this.

use model::analysis::{Gate, GateResult, Pair, SameArm};
use model::plan::SessionControl;
use stats::Confidence;
use stats::mean::mean_interval;

use super::controls::{Readings, controls_of};
use super::{Evidence, not_applicable};
use crate::effect::{Effect, EffectInterval};
use crate::region::Borders;
use crate::words::figure;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let seen = match seen(evidence) {
        Ok(seen) if seen.is_empty() => {
            return not_applicable(Gate::G8, "the run has no arm that is measured twice");
        }
        Ok(seen) => seen,
        Err(why) => return GateResult::new(Gate::G8, false, why),
    };
    let found: Vec<(bool, String)> = seen.iter().map(|seen| alike(evidence, seen)).collect();
    let shown = found.iter().find(|(pass, _)| !pass).or_else(|| found.last());
    let detail = shown.map_or_else(String::new, |(_, detail)| detail.clone());
    GateResult::new(Gate::G8, found.iter().all(|(pass, _)| *pass), detail)
}

/// What the arms that were measured twice say of a claim; why, where one that should does not.
pub(crate) fn seen(evidence: &Evidence<'_>) -> Result<Vec<SameArm>, String> {
    let of = |control: &SessionControl| {
        let readings = Readings::of(evidence.scene, control, &control.again)?;
        let instead = instead(evidence, control, &readings);
        Ok(SameArm { label: readings.label, log_ratios: readings.log_ratios, instead })
    };
    controls_of(evidence)?.into_iter().map(of).collect()
}

/// The claim's pairs with the copy's numbers in place of those of the arm that it copies; none where the claim has no such arm.
fn instead(evidence: &Evidence<'_>, control: &SessionControl, readings: &Readings) -> Vec<Pair> {
    let planned = evidence.planned;
    let own = control.experiment == evidence.scene.index && control.metric == planned.claim.metric;
    let with_copy = |pair: &Pair| {
        let &(_, copy) = readings.copy.iter().find(|(block, _)| *block == pair.block)?;
        if control.plain == planned.baseline {
            Some(Pair { baseline: copy.least, baseline_at_most: copy.most, ..*pair })
        } else if control.plain == planned.treatment {
            Some(Pair { treatment: copy.least, treatment_at_most: copy.most, ..*pair })
        } else {
            None
        }
    };
    if own { evidence.pairs.iter().filter_map(with_copy).collect() } else { Vec::new() }
}

/// Whether a verdict at this confidence would be the same with the bias that the copies show.
pub(crate) fn holds(seen: &[SameArm], borders: &Borders, effect: &Effect, confidence: Confidence) -> bool {
    // Where the interval lies on both sides there is no verdict to withhold.
    let Some(side) = borders.side(&effect.interval(confidence)) else { return true };
    seen.iter().all(|seen| {
        let biased = biased(seen, effect, confidence);
        biased.and_then(|interval| borders.side(&interval)) == Some(side)
    })
}

/// The interval with the copy in its arm's place, or moved by what the copy shows.
fn biased(seen: &SameArm, effect: &Effect, confidence: Confidence) -> Option<EffectInterval> {
    if seen.instead.is_empty() {
        effect.moved_by(&seen.log_ratios, confidence)
    } else {
        Some(effect.of_other(&seen.instead)?.interval(confidence))
    }
}

fn alike(evidence: &Evidence<'_>, seen: &SameArm) -> (bool, String) {
    let Ok(interval) = mean_interval(&seen.log_ratios, Confidence::P90) else {
        return (false, format!("{}, measured twice, gave no ratio with a spread", seen.label));
    };
    let decision = &evidence.planned.claim.decision;
    let margin = decision.log_margin();
    let holds = evidence
        .effect
        .is_none_or(|effect| holds(std::slice::from_ref(seen), &Borders::of(decision), effect, Confidence::P90));
    let ratio = interval.exp();
    let detail = format!(
        "{}, measured twice in each of {} blocks, came to {} times itself ({} to {}); less than {} times is asked for{}",
        seen.label,
        seen.log_ratios.len(),
        figure(ratio.estimate),
        figure(ratio.low),
        figure(ratio.high),
        figure(margin.exp()),
        if holds { "" } else { BIASED },
    );
    (interval.estimate.abs() < margin && holds, detail)
}

/// What a copy does to a verdict that does not hold with it.
pub(crate) const BIASED: &str =
    ", and with such a bias in it this claim's interval would not lie wholly on one side of the border";
