//! G8: the same arm, measured twice in a session, differs by less than the margin.
//!
//! The copy stands in the same blocks as the arm it copies, so that all that tells the two apart is what the harness and the host do.
//! Where the difference is more than chance, it may also be in the claim's own effect: then even its far end must not be able to carry
//! the effect's interval across the border.

use model::analysis::{Gate, GateResult};
use model::plan::SessionControl;
use stats::Confidence;

use super::controls::{Readings, controls_of};
use super::{Evidence, not_applicable};
use crate::gates::quiet::Room;
use crate::region::Borders;
use crate::words::figure;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let controls = match controls_of(evidence) {
        Ok(controls) if controls.is_empty() => {
            return not_applicable(Gate::G8, "the run has no arm that is measured twice");
        }
        Ok(controls) => controls,
        Err(why) => return GateResult { gate: Gate::G8, pass: false, detail: why },
    };
    let found: Vec<(bool, String)> = controls.into_iter().map(|control| alike(evidence, control)).collect();
    let shown = found.iter().find(|(pass, _)| !pass).or_else(|| found.last());
    let detail = shown.map_or_else(String::new, |(_, detail)| detail.clone());
    GateResult { gate: Gate::G8, pass: found.iter().all(|(pass, _)| *pass), detail }
}

fn alike(evidence: &Evidence<'_>, control: &SessionControl) -> (bool, String) {
    let readings = match Readings::of(evidence.scene, control, &control.again) {
        Ok(readings) => readings,
        Err(why) => return (false, why),
    };
    let interval = readings.estimate.interval(Confidence::P90);
    let is_chance = interval.contains(0.0);
    let margin = evidence.planned.claim.decision.log_margin();
    let room = evidence.effect.map(|effect| {
        let borders = Borders::of(&evidence.planned.claim.decision);
        Room::of(&borders, &effect.interval(Confidence::P90))
    });
    let room = room.map_or(f64::INFINITY, |room| room.down.min(room.up));
    let pass = interval.estimate.abs() < margin && (is_chance || interval.low.abs().max(interval.high.abs()) <= room);
    let ratio = interval.exp();
    let detail = format!(
        "{}, measured twice in each of {} blocks, came to {} times itself ({} to {}); less than {} times is asked for",
        readings.label,
        readings.blocks,
        figure(ratio.estimate),
        figure(ratio.low),
        figure(ratio.high),
        figure(margin.exp()),
    );
    (pass, detail)
}
