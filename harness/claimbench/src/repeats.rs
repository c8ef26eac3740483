//! Which trials run again since the host disturbed them, and when: once all trials of their experiment have had their turn, and once
//! more at the end of the run.
//!
//! Not at once: what disturbs a trial (another machine on the same core, a burst of stolen time) mostly goes on for seconds to minutes, and the
//! next attempt would meet it too. Only what the host took decides, never what was measured of the server; all attempts stay in the record.

use std::collections::BTreeMap;

use model::plan::{Plan, ProfileName, Trial};
use model::record::{ATTEMPTS_MAX, RunRecord};

/// Repeats take at most two fifths as many trials as the plan has: a host that is never quiet does not double a run.
const SHARE_MAX: (usize, usize) = (2, 5);

/// The trials that wait for another attempt.
#[derive(Debug, Default)]
pub struct Repeats {
    attempts: BTreeMap<u32, usize>,
    waiting: Vec<Trial>,
    left: usize,
}

impl Repeats {
    /// None so far. A smoke run, whose numbers decide nothing, repeats nothing.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let decides = plan.profile.name != ProfileName::Smoke;
        let left = if decides { (plan.trials.len() * SHARE_MAX.0).div_ceil(SHARE_MAX.1) } else { 0 };
        Self { left, ..Self::default() }
    }

    /// As a run that was cut off left them.
    #[must_use]
    pub fn resumed(record: &RunRecord) -> Self {
        let mut repeats = Self::of(&record.header.plan);
        for done in record.trials.iter().chain(&record.repeats) {
            *repeats.attempts.entry(done.trial.index).or_default() += 1;
        }
        repeats.left = repeats.left.saturating_sub(record.repeats.len());
        repeats
    }

    /// Takes in an attempt at a trial. Whether it waits for another one.
    pub fn saw(&mut self, trial: &Trial, is_disturbed: bool) -> bool {
        let attempts = self.attempts.entry(trial.index).or_default();
        *attempts += 1;
        let waits = is_disturbed && *attempts < ATTEMPTS_MAX && self.left > 0;
        if waits {
            self.waiting.push(trial.clone());
        }
        waits
    }

    /// Takes out the trials of an experiment that are to run again now; without one, all that wait.
    pub fn take(&mut self, experiment: Option<usize>) -> Vec<Trial> {
        let is_due = |trial: &Trial| experiment.is_none_or(|experiment| trial.experiment == experiment);
        let (mut due, mut later): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(is_due);
        later.extend(due.split_off(due.len().min(self.left)));
        self.left -= due.len();
        self.waiting = later;
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::plan::ArmId;

    fn trial(index: u32, experiment: usize) -> Trial {
        Trial { index, experiment, block: 0, position: 0, arm: ArmId("arm".to_owned()), seed: 1 }
    }

    fn indices(trials: &[Trial]) -> Vec<u32> {
        trials.iter().map(|trial| trial.index).collect()
    }

    #[test]
    fn a_disturbed_trial_waits_for_the_end_of_its_experiment_and_then_for_the_end_of_the_run() {
        let mut repeats = Repeats { left: 10, ..Repeats::default() };
        assert!(
            repeats.saw(&trial(1, 0), true) && !repeats.saw(&trial(2, 0), false) && repeats.saw(&trial(3, 1), true)
        );
        assert_eq!(indices(&repeats.take(Some(0))), [1]);
        assert!(repeats.saw(&trial(1, 0), true), "it was disturbed again");
        assert_eq!(indices(&repeats.take(None)), [3, 1]);
        assert!(!repeats.saw(&trial(1, 0), true), "three attempts are the most");
        assert!(repeats.take(None).is_empty());
    }

    #[test]
    fn repeats_end_when_their_share_is_used_up() {
        let mut repeats = Repeats { left: 2, ..Repeats::default() };
        for index in 0..5 {
            repeats.saw(&trial(index, 0), true);
        }
        assert_eq!(indices(&repeats.take(Some(0))), [0, 1]);
        assert!(repeats.take(None).is_empty());
    }
}
