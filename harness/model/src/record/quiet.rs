//! How much of a trial the host took: the rule by which a disturbed trial is run again, and by which gate G13 judges.

use std::collections::BTreeSet;

use crate::define::claim::WhenSlower;
use crate::machine::Layout;
use crate::plan::{ArmId, Experiment};
use crate::record::{Observation, TrialOutcome, TrialRecord};

/// How often a trial may be run in all while the host disturbs it. Three attempts leave one disturbed in thirty where bursts
/// hit a third of the time; a host that is never quiet shows as gate G13.
pub const ATTEMPTS_MAX: usize = 3;
/// However great the effect that a claim asks for, a trial that lost more than this share of its time is run again: a quarter.
const LOST_SHARE_MAX: f64 = 0.25;
/// Of the time in which another thread of the host uses the same core, at most this share is lost: two threads share a core's units evenly.
const LOST_WHEN_CONTENDED: f64 = 0.5;
/// And at least this share: two threads of one core together did at most 1.58 times the work of one (Tuck and Tullsen 2003), so that each of
/// two like ones lost over a fifth.
const LOST_WHEN_CONTENDED_LEAST: f64 = 0.2;
/// A processor was at work all along when it was busy for this share of the window.
const BUSY_ALL_ALONG: f64 = 0.9;

impl Observation {
    /// The greatest share of the measuring window that any processor of the layout lost, to the hypervisor or in stalls of the
    /// host (each may contain the other). Stalls count only where the thread that saw them ran above ordinary priority: else
    /// the server's own load shows in them. On the server's processors, time in which something else used the core counts half.
    /// Without a layout every processor that was watched counts.
    #[must_use]
    pub fn lost_share(&self, layout: Option<&Layout>) -> f64 {
        let cpus: Option<BTreeSet<u16>> =
            layout.map(|layout| layout.generator.iter().chain(&layout.server).copied().collect());
        let used = |cpu: &u16| cpus.as_ref().is_none_or(|cpus| cpus.contains(cpu));
        let measured_s = self.phases.measure_s;
        let stolen = self.samples.stolen.iter().filter(|(cpu, _)| used(cpu));
        let stolen = stolen.filter_map(|(_, shares)| self.mean_in_window(shares));
        let stalls = self.hiccups.iter().filter(|hiccups| hiccups.real_time && used(&hiccups.cpu));
        let stalled = stalls.map(|hiccups| hiccups.lost_s / measured_s);
        let serves = |cpu: u16| layout.is_none_or(|layout| layout.server.contains(&cpu));
        let contended = self.hiccups.iter().filter(|hiccups| hiccups.real_time && serves(hiccups.cpu));
        let contended = contended.filter_map(|hiccups| hiccups.contention);
        let slowed = contended.map(|contention| contention.slowed_share * LOST_WHEN_CONTENDED);
        stolen.chain(stalled).chain(slowed).filter(|share| share.is_finite()).fold(0.0, f64::max).min(1.0)
    }

    /// The share of the measuring window that a server bound by its processors lost for certain: on whichever of them lost least, and only where
    /// something else used the core of one that was at work all along. At most what [`Self::lost_share`] says.
    #[must_use]
    pub fn lost_share_least(&self, layout: Option<&Layout>) -> f64 {
        let server = layout.map_or(&[] as &[u16], |layout| &layout.server);
        let slowed = server.iter().map(|cpu| {
            let busy = self.samples.busy.get(cpu).and_then(|shares| self.mean_in_window(shares))?;
            let watched = self.hiccups.iter().find(|hiccups| hiccups.cpu == *cpu && hiccups.real_time)?;
            watched.contention.filter(|_| busy >= BUSY_ALL_ALONG).map(|contention| contention.slowed_share)
        });
        let least = slowed.map(|share| share.unwrap_or(0.0)).reduce(f64::min).unwrap_or(0.0);
        (least * LOST_WHEN_CONTENDED_LEAST).clamp(0.0, 1.0)
    }

    /// The mean of a series of shares over the samples of the measuring window; nothing where it has none.
    fn mean_in_window(&self, shares: &[f64]) -> Option<f64> {
        let measured_s = self.phases.measure_s;
        let inside = self.samples.at_s.iter().zip(shares).filter(|&(&at_s, _)| at_s > 0.0 && at_s <= measured_s);
        let (sum, count) = inside.fold((0.0, 0_u32), |(sum, count), (_, share)| (sum + share, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }
}

impl Experiment {
    /// The share of its time that the host may take from a trial of this arm: what would slow it by the smallest effect that
    /// matters to a claim that compares it, or the arm that it copies (method.md, G13). Nothing where no claim does, or none whose
    /// metric hangs on time.
    #[must_use]
    pub fn lost_share_max(&self, arm: &ArmId) -> Option<f64> {
        let arm = arm.copied();
        let comparing = self.claims.iter().filter(|planned| planned.baseline == arm || planned.treatment == arm);
        let timed = comparing.filter(|planned| planned.claim.metric.when_slower() != WhenSlower::Stays);
        let allowed = timed.map(|planned| 1.0 - (-planned.claim.decision.log_margin()).exp());
        allowed.reduce(f64::min).map(|allowed| allowed.min(LOST_SHARE_MAX))
    }
}

/// Whether `new` counts instead of `old`, an earlier attempt at the same trial: an observation instead of a failure, and of two
/// observations the one from which the host took less. Nothing that was measured of the server decides.
pub(super) fn counts_instead(new: &TrialRecord, old: &TrialRecord, layout: Option<&Layout>) -> bool {
    match (&new.outcome, &old.outcome) {
        (TrialOutcome::Observed(new), TrialOutcome::Observed(old)) => new.lost_share(layout) < old.lost_share(layout),
        (TrialOutcome::Observed(_), TrialOutcome::Failed(_)) => true,
        (TrialOutcome::Failed(_), TrialOutcome::Observed(_)) => false,
        (TrialOutcome::Failed(_), TrialOutcome::Failed(_)) => true,
    }
}
