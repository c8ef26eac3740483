//! One sitting of the examination: a scenario many times over, each time from simulated trials to a record's text, its analysis and its
//! verdicts; and how often these were right.

use judge::{analyse, verdicts};
use model::record::read_record;
use model::verdict::Outcome;

use crate::builder::{record, written};
use crate::scenarios::Scenario;

/// How often the verdicts of a scenario were right, wrong and withheld.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) right: u32,
    pub(crate) wrong: u32,
    pub(crate) withheld: u32,
}

/// Counts over this many runs, each with a seed of its own. A run with several claims is wrong where any is, and right where all are.
pub(crate) fn sit(scenario: &Scenario, runs: u32) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..runs {
        let simulated = record(&scenario.truths, scenario.blocks, u64::from(seed));
        let read = read_record(&written(&simulated)).expect("a record that reads back");
        let outcomes: Vec<Outcome> = verdicts(&read, &analyse(&read)).iter().map(|verdict| verdict.outcome).collect();
        tally.add(&outcomes, scenario.right);
    }
    tally
}

impl Tally {
    /// The same runs with the truth on the other side of a border.
    pub(crate) fn turned_over(self) -> Self {
        Self { right: self.wrong, wrong: self.right, withheld: self.withheld }
    }

    /// Counts one run by the outcomes of its claims.
    pub(crate) fn add(&mut self, outcomes: &[Outcome], right: Outcome) {
        let is_definite = |outcome: &Outcome| matches!(outcome, Outcome::Supported | Outcome::Refuted);
        *match outcomes.iter().any(|outcome| is_definite(outcome) && *outcome != right) {
            true => &mut self.wrong,
            false if outcomes.iter().all(|outcome| *outcome == right) => &mut self.right,
            false => &mut self.withheld,
        } += 1;
    }
}
