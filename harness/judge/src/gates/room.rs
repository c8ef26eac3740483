//! What made an arm too slow has a direction: how far it may have moved the effect, and how far the effect may be moved.
//!
//! A host that takes time (G13), a service that lacks it (G3) and a load that is no limit (G4) have in common that the arm can only have been
//! faster without them. So they withhold a verdict where they may have carried the effect's interval across a border, and not where they can only
//! have kept it nearer to the border than it is.

use model::analysis::{GateResult, Shift};
use model::define::claim::WhenSlower;

use stats::Confidence;

use super::Evidence;
use crate::effect::EffectInterval;
use crate::region::Borders;
use crate::words::figure;

/// How an effect may have been moved where the arms came out slower than they are, by at most so much as mean log-ratios over their runs; infinite
/// where there is no bound.
pub(super) fn shift_by(when_slower: WhenSlower, baseline: f64, treatment: f64) -> Shift {
    let (raising, lowering) = match when_slower {
        WhenSlower::Falls => (baseline, treatment),
        WhenSlower::Rises => (treatment, baseline),
        WhenSlower::Stays => (0.0, 0.0),
    };
    let bounded = |log: f64| Some(log).filter(|log| log.is_finite());
    Shift { raised: bounded(raising), lowered: bounded(lowering) }
}

/// Lets a gate pass that failed only since an arm may be faster than it came out, as far as that cannot have made the verdict.
pub(super) fn unless_harmless(evidence: &Evidence<'_>, failed: GateResult, shift: &Shift) -> GateResult {
    let Some(effect) = evidence.effect else { return failed };
    let room = Room::of(&Borders::of(&evidence.planned.claim.decision), &effect.interval(Confidence::P90));
    let detail = format!("{}; {}", failed.detail, room.beside_in_words(shift));
    GateResult { pass: room.holds(shift), detail, shift: Some(*shift), ..failed }
}

/// How far the interval's near ends lie from the borders that it lies wholly on one side of. A border that it straddles decides nothing,
/// so that there is no verdict to withhold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// From the lower end down to the next border.
    pub(crate) down: f64,
    /// From the upper end up to the next border.
    pub(crate) up: f64,
}

impl Room {
    pub(crate) fn of(borders: &Borders, interval: &EffectInterval) -> Self {
        let borders = || [borders.above, borders.below].into_iter().flatten();
        let down =
            |low: f64| borders().map(|border| low - border).filter(|room| *room > 0.0).fold(f64::INFINITY, f64::min);
        let up =
            |high: f64| borders().map(|border| border - high).filter(|room| *room > 0.0).fold(f64::INFINITY, f64::min);
        Self { down: interval.low.map_or(f64::INFINITY, down), up: interval.high.map_or(f64::INFINITY, up) }
    }

    /// Whether what moved the effect stays within it.
    pub(crate) fn holds(&self, shift: &Shift) -> bool {
        let within = |shift: Option<f64>, room: f64| shift.unwrap_or(f64::INFINITY) <= room;
        within(shift.raised, self.down) && within(shift.lowered, self.up)
    }

    /// A shift, and the room for it.
    pub(super) fn beside_in_words(&self, shift: &Shift) -> String {
        let in_times = |log: Option<f64>| log.map_or_else(|| "any number of".to_owned(), |log| figure(log.exp()));
        format!(
            "that may have raised the ratio by {} times and lowered it by {} times at most; {}",
            in_times(shift.raised),
            in_times(shift.lowered),
            self.in_words()
        )
    }

    fn in_words(&self) -> String {
        let nearest = self.down.min(self.up);
        if nearest.is_finite() {
            format!("its interval ends {} times from the border", figure(nearest.exp()))
        } else {
            "its interval is not on one side of the border".to_owned()
        }
    }
}
