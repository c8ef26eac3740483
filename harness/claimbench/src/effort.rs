//! Which trials of an adaptive plan still have to run: none of an experiment that is decided, and those beyond the profile's blocks only
//! in time that was saved.

use std::collections::BTreeSet;

use model::plan::{Adaptive, Plan, Trial};
use model::record::RunRecord;

/// The effort of a run that goes on.
#[derive(Debug)]
pub struct Effort {
    adaptive: Option<Adaptive>,
    /// The trials that the profile's blocks would take.
    budget: usize,
    arms: Vec<usize>,
    decided: BTreeSet<usize>,
    /// The blocks that were let begin; what has begun is run to its end.
    begun: BTreeSet<(usize, u32)>,
}

impl Effort {
    /// The effort that a plan registers.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let arms: Vec<usize> = plan.experiments.iter().map(|experiment| experiment.arms.len()).collect();
        let blocks = plan.adaptive.map_or(0, |adaptive| adaptive.blocks);
        let budget = plan.trials.iter().filter(|trial| trial.block < blocks).count();
        Self { adaptive: plan.adaptive, budget, arms, decided: BTreeSet::new(), begun: BTreeSet::new() }
    }

    /// Whether a trial has to run, by what has run so far. `is_decided` says whether an experiment has all its verdicts.
    pub fn wants(&mut self, trial: &Trial, so_far: &RunRecord, is_decided: &dyn Fn(&RunRecord, usize) -> bool) -> bool {
        let Some(adaptive) = self.adaptive else { return true };
        let block = (trial.experiment, trial.block);
        let begun = |found: &model::record::TrialRecord| (found.trial.experiment, found.trial.block) == block;
        if self.begun.contains(&block) || so_far.trials.iter().any(begun) {
            return true;
        }
        let asks = trial.block >= adaptive.first_look && !self.decided.contains(&trial.experiment);
        if asks && is_decided(so_far, trial.experiment) {
            self.decided.insert(trial.experiment);
        }
        let arms = self.arms.get(trial.experiment).copied().unwrap_or(0);
        let saved = trial.block < adaptive.blocks || so_far.trials.len() + arms <= self.budget;
        let wanted = saved && !self.decided.contains(&trial.experiment);
        if wanted {
            self.begun.insert(block);
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::plan::ArmId;

    fn trial(experiment: usize, block: u32) -> Trial {
        Trial { index: block, experiment, block, position: 0, arm: ArmId("arm".to_owned()), seed: 1 }
    }

    fn effort(budget: usize) -> Effort {
        let adaptive = Adaptive {
            first_look: 6,
            blocks: 12,
            extra: 6,
            spent_by_profile: 0.75,
            spent_in_all: 0.85,
            spending: model::plan::Spending::Square,
        };
        Effort { adaptive: Some(adaptive), budget, arms: vec![2, 2], decided: BTreeSet::new(), begun: BTreeSet::new() }
    }

    fn record() -> RunRecord {
        let text = include_str!("../../model/tests/records/format-1.ndjson");
        let mut record = model::record::read_record(text).expect("the golden record loads");
        record.trials.clear();
        record
    }

    #[test]
    fn a_decided_experiment_ends_and_never_before_the_first_look() {
        let (record, mut effort) = (record(), effort(48));
        let decided = |_: &RunRecord, experiment: usize| experiment == 0;
        assert!((0..6).all(|block| effort.wants(&trial(0, block), &record, &decided)));
        assert!((6..18).all(|block| !effort.wants(&trial(0, block), &record, &decided)));
        assert!((0..12).all(|block| effort.wants(&trial(1, block), &record, &decided)));
    }

    #[test]
    fn extra_blocks_run_in_saved_time_only() {
        let (record, never) = (record(), |_: &RunRecord, _: usize| false);
        assert!(effort(2).wants(&trial(0, 12), &record, &never));
        assert!(!effort(1).wants(&trial(0, 12), &record, &never));
        assert!(effort(1).wants(&trial(0, 11), &record, &never), "the profile's own blocks need no saving");
    }
}
