//! The design of an experiment as registered: how many blocks count, and which level a claim is held against when it ended.
//!
//! With a fixed number of blocks the level is the claim's own share of the error. With adaptive effort an experiment may have ended after
//! any block from the first look on, and the level is what the registered spending function leaves to the look at which it ended. The
//! interval at that level is one of the repeated confidence intervals (Jennison and Turnbull 1989): it holds whenever, and for
//! whatever reason, the experiment ended. Holm's procedure stays valid with such levels (Maurer and Bretz 2013).

use model::plan::{Adaptive, Plan, Spending};
use model::record::RunRecord;
use stats::sequential::{Look, nominal_levels, obrien_fleming_spent, power_spent};

/// The blocks of an experiment that count: all that were planned, or with adaptive effort those that were begun.
pub(crate) fn blocks(record: &RunRecord, experiment: usize) -> u32 {
    let plan = &record.header.plan;
    let planned = plan.experiments.get(experiment).map_or(0, |experiment| experiment.blocks);
    if plan.adaptive.is_none() {
        return planned;
    }
    let begun = record.trials.iter().filter(|found| found.trial.experiment == experiment);
    begun.map(|found| found.trial.block.saturating_add(1)).max().unwrap_or(0).min(planned)
}

/// The level that a claim with this share of the error is held against after so many blocks.
pub(crate) fn level(plan: &Plan, blocks: u32, alpha: f64) -> f64 {
    let Some(adaptive) = plan.adaptive.as_ref() else { return alpha };
    let look = |blocks: u32| Look { information: f64::from(blocks), spent: spent(adaptive, blocks, alpha) };
    let looks: Vec<Look> = (adaptive.first_look..=blocks).map(look).collect();
    // Before the first look nothing may be decided.
    nominal_levels(&looks).ok().and_then(|levels| levels.last().copied()).unwrap_or(0.0)
}

/// The error spent after so many blocks.
fn spent(adaptive: &Adaptive, blocks: u32, alpha: f64) -> f64 {
    let by_profile = adaptive.spent_by_profile * alpha;
    if blocks <= adaptive.blocks {
        let share = f64::from(blocks) / f64::from(adaptive.blocks.max(1));
        return match adaptive.spending {
            Spending::OBrienFleming => obrien_fleming_spent(by_profile, share),
            Spending::Square => power_spent(by_profile, share, 2),
        };
    }
    let extra = f64::from(blocks - adaptive.blocks) / f64::from(adaptive.extra.max(1));
    by_profile + (adaptive.spent_in_all - adaptive.spent_by_profile) * alpha * extra.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::plan::{Profile, ProfileName};

    /// The plan has no statistics at hand and reckons for itself.
    #[test]
    fn a_plan_has_the_blocks_without_which_the_judge_withholds() {
        let quick = Profile::of(ProfileName::Quick);
        for claims in 1..=20 {
            let needed = stats::sign_flip::pairs_needed(crate::verdicts::ALPHA / f64::from(claims));
            assert_eq!(quick.blocks_for(claims as usize) as usize, needed.max(6), "{claims} claims");
        }
    }

    #[test]
    fn what_is_spent_never_falls_and_stays_within_its_share() {
        let adaptive = Adaptive::of(&Profile::of(ProfileName::Standard)).expect("it has blocks to save");
        let all: Vec<f64> = (6..=22).map(|blocks| spent(&adaptive, blocks, 0.05)).collect();
        assert!(all.is_sorted() && all[0] > 0.0, "{all:?}");
        let close = |ours: f64, share: f64| (ours - share * 0.05).abs() < 1e-12;
        assert!(close(all[0], 0.9 * 0.16) && close(all[9], 0.9) && close(all[16], 1.0), "{all:?}");
        // A record from before there was a choice is judged as it was registered.
        let before = Adaptive { spending: Spending::default(), ..adaptive };
        assert!(spent(&before, 6, 0.05) < 0.6 * all[0] && close(spent(&before, 15, 0.05), 0.9));
        assert!(Adaptive::of(&Profile::of(ProfileName::Quick)).is_none());
    }
}
