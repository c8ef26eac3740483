//! Which trials run again since the host disturbed them, and when: once all trials of their experiment have had their turn, and once
//! more at the end of the run.
//!
//! Not at once: what disturbs a trial (another machine on the same core, a burst of stolen time) mostly goes on for seconds to minutes, and the
//! next attempt would meet it too. For the same reason repeats wait where the trial before them was disturbed, and end where they are in vain: on a
//! host that is never quiet they would cost their time and mend nothing; nor do they make a run longer than its plan says. Only what the host took decides, never what was measured of the server;
//! all attempts stay in the record.

use std::collections::BTreeMap;

use model::plan::{Plan, ProfileName, Trial};
use model::record::{ATTEMPTS_MAX, RunRecord, TrialRecord};

/// Repeats take at most a twelfth as many trials as the plan has, and at the end of an experiment as many as that has: a host that is never
/// quiet makes a run little longer, and one experiment does not use up what the others may need.
const SHARE_MAX: (usize, usize) = (1, 12);

/// The last repeats of a run end once so many in a row were disturbed as well.
const IN_VAIN_MAX: usize = 2;

/// The trials that wait for another attempt.
#[derive(Debug, Default)]
pub struct Repeats {
    attempts: BTreeMap<u32, usize>,
    waiting: Vec<Trial>,
    left: usize,
    /// How many of each experiment may run again at its end.
    at_its_end: BTreeMap<usize, usize>,
    /// How many attempts in a row were disturbed, up to the last one.
    disturbed_in_a_row: usize,
}

/// The share of so many trials that may run again.
fn share_of(trials: usize) -> usize {
    (trials * SHARE_MAX.0).div_ceil(SHARE_MAX.1)
}

impl Repeats {
    /// None so far. A smoke run, whose numbers decide nothing, repeats nothing.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let decides = plan.profile.name != ProfileName::Smoke;
        let left = if decides { share_of(plan.trials.len()) } else { 0 };
        let mut at_its_end: BTreeMap<usize, usize> = BTreeMap::new();
        for trial in &plan.trials {
            *at_its_end.entry(trial.experiment).or_default() += 1;
        }
        at_its_end.values_mut().for_each(|trials| *trials = share_of(*trials));
        Self { left, at_its_end, ..Self::default() }
    }

    /// As a run that was cut off left them: what the host disturbed waits for the run's end, as far as the share goes.
    #[must_use]
    pub fn resumed(record: &RunRecord, is_disturbed: impl Fn(&TrialRecord) -> bool) -> Self {
        let mut repeats = Self::of(&record.header.plan);
        repeats.left = repeats.left.saturating_sub(record.repeats.len());
        for repeat in &record.repeats {
            *repeats.attempts.entry(repeat.trial.index).or_default() += 1;
        }
        for done in &record.trials {
            repeats.saw(&done.trial, is_disturbed(done));
        }
        repeats
    }

    /// Takes in an attempt at a trial. Whether it waits for another one.
    pub fn saw(&mut self, trial: &Trial, is_disturbed: bool) -> bool {
        let attempts = self.attempts.entry(trial.index).or_default();
        *attempts += 1;
        self.disturbed_in_a_row = if is_disturbed { self.disturbed_in_a_row + 1 } else { 0 };
        let waits = is_disturbed && *attempts < ATTEMPTS_MAX && self.left > 0;
        if waits {
            self.waiting.push(trial.clone());
        }
        waits
    }

    /// Takes out the next trial of an experiment whose trials have all had their turn. Nothing where the host is not quiet now.
    pub fn next_of(&mut self, experiment: usize) -> Option<Trial> {
        let own = self.at_its_end.get_mut(&experiment).filter(|own| **own > 0)?;
        let at = self.waiting.iter().position(|trial| trial.experiment == experiment)?;
        if self.left == 0 || self.disturbed_in_a_row > 0 {
            return None;
        }
        *own -= 1;
        self.left -= 1;
        Some(self.waiting.remove(at))
    }

    /// All trials have had their turn: whatever still waits is tried, whatever the host did before.
    pub fn begin_last(&mut self) {
        self.disturbed_in_a_row = 0;
    }

    /// Takes out the next trial of those that still wait at the end of the run.
    pub fn next_at_last(&mut self) -> Option<Trial> {
        if self.left == 0 || self.waiting.is_empty() || self.disturbed_in_a_row >= IN_VAIN_MAX {
            return None;
        }
        self.left -= 1;
        Some(self.waiting.remove(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::plan::ArmId;

    fn trial(index: u32, experiment: usize) -> Trial {
        Trial { index, experiment, block: 0, position: 0, arm: ArmId("arm".to_owned()), seed: 1 }
    }

    fn indices(trials: impl IntoIterator<Item = Trial>) -> Vec<u32> {
        trials.into_iter().map(|trial| trial.index).collect()
    }

    /// The repeats of an experiment, each of which is quiet.
    fn of_experiment(repeats: &mut Repeats, experiment: usize) -> Vec<u32> {
        repeats.disturbed_in_a_row = 0;
        indices(std::iter::from_fn(|| repeats.next_of(experiment)))
    }

    /// The last repeats, each of which is quiet.
    fn at_last(repeats: &mut Repeats) -> Vec<u32> {
        repeats.begin_last();
        indices(std::iter::from_fn(|| repeats.next_at_last()))
    }

    #[test]
    fn a_disturbed_trial_waits_for_the_end_of_its_experiment_and_then_for_the_end_of_the_run() {
        let mut repeats = Repeats { left: 10, at_its_end: [(0, 5)].into(), ..Repeats::default() };
        assert!(
            repeats.saw(&trial(1, 0), true) && repeats.saw(&trial(3, 1), true) && !repeats.saw(&trial(2, 0), false)
        );
        assert_eq!(indices(repeats.next_of(0)), [1]);
        assert!(repeats.saw(&trial(1, 0), true), "it was disturbed again");
        assert_eq!(at_last(&mut repeats), [3, 1]);
        assert!(!repeats.saw(&trial(1, 0), true), "three attempts are the most");
        assert!(at_last(&mut repeats).is_empty());
    }

    #[test]
    fn a_host_that_is_not_quiet_now_is_waited_for() {
        let mut repeats = Repeats { left: 10, at_its_end: [(0, 5), (1, 5)].into(), ..Repeats::default() };
        let _ = (repeats.saw(&trial(1, 0), true), repeats.saw(&trial(2, 0), true), repeats.saw(&trial(3, 0), true));
        assert_eq!(repeats.next_of(0), None, "the trial before was disturbed");
        assert!(repeats.saw(&trial(4, 1), true) && !repeats.saw(&trial(5, 1), false));
        assert_eq!(indices(repeats.next_of(1)), [4]);
        assert!(repeats.saw(&trial(4, 1), true));
        repeats.begin_last();
        for _ in 0..IN_VAIN_MAX {
            let again = repeats.next_at_last().expect("it is tried");
            let _ = repeats.saw(&again, true);
        }
        assert_eq!(repeats.next_at_last(), None, "in vain");
        assert_eq!(repeats.left, 7, "what was not tried is not counted");
    }

    #[test]
    fn repeats_end_when_their_share_is_used_up() {
        let mut repeats = Repeats { left: 2, at_its_end: [(0, 5)].into(), ..Repeats::default() };
        for index in 0..5 {
            repeats.saw(&trial(index, 0), true);
        }
        assert_eq!(of_experiment(&mut repeats, 0), [0, 1]);
        assert!(at_last(&mut repeats).is_empty());
    }

    #[test]
    fn one_experiment_does_not_use_up_what_the_others_may_need() {
        let mut repeats = Repeats { left: 9, at_its_end: [(0, 2), (1, 2)].into(), ..Repeats::default() };
        for index in 0..5 {
            repeats.saw(&trial(index, 0), true);
        }
        repeats.saw(&trial(7, 1), true);
        assert_eq!(of_experiment(&mut repeats, 0), [0, 1]);
        assert_eq!(of_experiment(&mut repeats, 1), [7]);
        assert_eq!(at_last(&mut repeats), [2, 3, 4], "what is left goes to whatever still waits");
    }

    #[test]
    fn a_run_that_is_gone_on_with_runs_what_was_disturbed_again_at_its_end_as_far_as_the_share_goes() {
        let published = concat!(env!("CARGO_MANIFEST_DIR"), "/../../results/2026-11-23-two-core-vm");
        let (_, mut record) = crate::stored_run::read_run(std::path::Path::new(published)).expect("a record");
        record.repeats.clear();
        let share = share_of(record.header.plan.trials.len());
        let two = [record.trials[3].trial.index, record.trials[9].trial.index];
        let mut repeats = Repeats::resumed(&record, |done| two.contains(&done.trial.index));
        assert_eq!(at_last(&mut repeats), two);
        let mut repeats = Repeats::resumed(&record, |_| true);
        assert_eq!(at_last(&mut repeats).len(), share);
        record.repeats = record.trials[..share].to_vec();
        assert!(at_last(&mut Repeats::resumed(&record, |_| true)).is_empty(), "the share was used up before");
        record.repeats.clear();
        record.header.plan.profile.name = ProfileName::Smoke;
        assert!(at_last(&mut Repeats::resumed(&record, |_| true)).is_empty(), "a smoke run decides nothing");
    }
}
