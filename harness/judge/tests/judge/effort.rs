//! Adaptive effort examined: simulated runs that end early, against the same runs with their number of blocks fixed.

use judge::{analyse, is_decided, verdicts};
use model::plan::{Adaptive, Profile, ProfileName};
use model::record::RunRecord;
use model::verdict::Outcome;

use crate::builder::{Truth, record};
use crate::scenarios::Scenario;
use crate::sitting::Tally;

/// What adaptive effort came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Saving {
    /// Blocks of all experiments, with adaptive and with fixed effort.
    pub(crate) adaptive_blocks: u64,
    pub(crate) fixed_blocks: u64,
    /// Claims with the same verdict either way, with one that only the fixed design, or only the adaptive one, could give, and with
    /// contradicting ones.
    pub(crate) same: u32,
    pub(crate) lost: u32,
    pub(crate) gained: u32,
    pub(crate) contradicting: u32,
}

/// A claim of the published run: its effect and spread there (log-ratio over blocks), region, margin and family.
type Spine = (&'static str, &'static str, &'static str, f64, f64, f64);

/// The claims of the spine as the published run showed them (`results/2026-11-23-two-core-vm/blocks.csv`).
const SPINE: [Spine; 14] = [
    ("gil-off", "gil", "greater", 0.5, 0.694, 0.088),
    ("gil-off-cost", "gil", "non-inferior", 0.11, -0.250, 0.067),
    ("gil-threads", "gil", "at-most", 0.1, -0.030, 0.115),
    ("gil-processes", "gil-control", "greater", 0.6, 0.752, 0.090),
    ("gil-released", "gil-useful-threads", "greater", 0.6, 0.662, 0.168),
    ("gil-io", "gil-useful-threads", "greater", 3.0, 2.032, 0.017),
    ("loop-blocking", "loop-blocking", "greater", 1.0, 2.437, 0.076),
    ("loop-blocking-fastapi", "loop-blocking", "greater", 1.0, 1.253, 0.080),
    ("loop-blocking-flask", "loop-blocking", "greater", 0.5, -0.591, 0.267),
    ("node-io", "node-io", "greater", 0.25, 0.617, 0.370),
    ("one-thread", "one-thread", "at-most", 0.1, 0.003, 0.033),
    ("v8-speed-edit-distance", "v8-speed", "greater", 1.0, 3.002, 0.156),
    ("v8-speed-mandelbrot", "v8-speed", "greater", 1.0, 3.487, 0.086),
    ("v8-speed", "v8-speed", "greater", 1.0, 2.977, 0.174),
];

/// The claims of the spine as truths; metrics and gates aside, which do not depend on the number of blocks.
pub(crate) fn spine() -> Vec<Truth> {
    let truth = |(claim, family, region, margin, effect, spread): Spine| {
        // Two arms of equal spread make up that of their log-ratio; rates high enough that whole requests do not round it.
        let (spread, baseline) = (spread / std::f64::consts::SQRT_2, 1_000.0);
        Truth { claim, family, region, margin, spread, baseline, ..Truth::of(f64::exp(effect)) }
    };
    SPINE.map(truth).to_vec()
}

/// The same runs with fixed and with adaptive effort.
pub(crate) fn saving(truths: &[Truth], profile: ProfileName, runs: u32) -> Saving {
    let profile = Profile::of(profile);
    let adaptive = Adaptive::of(&profile).expect("a profile with blocks to save");
    let mut sum = Saving::default();
    for seed in 0..runs {
        let long = record(truths, adaptive.blocks_max(), u64::from(seed));
        let fixed = outcomes(&cut(&long, |_| profile.blocks, None));
        let planned = Planned { long: &long, adaptive };
        let ended = planned.extended(planned.ended(truths.len(), adaptive.blocks));
        let early = outcomes(&cut(&long, |at| ended[at], Some(adaptive)));
        sum.adaptive_blocks += ended.iter().map(|blocks| u64::from(*blocks)).sum::<u64>();
        sum.fixed_blocks += u64::from(profile.blocks) * truths.len() as u64;
        for (fixed, early) in fixed.into_iter().zip(early) {
            *match (fixed, early) {
                (fixed, early) if fixed == early => &mut sum.same,
                (_, Outcome::Inconclusive) => &mut sum.lost,
                (Outcome::Inconclusive, _) => &mut sum.gained,
                _ => &mut sum.contradicting,
            } += 1;
        }
    }
    sum
}

/// A scenario under adaptive effort, with all the extra blocks that the design allows.
pub(crate) fn sit_adaptive(scenario: &Scenario, runs: u32) -> Tally {
    let adaptive = Adaptive::of(&Profile::of(ProfileName::Standard)).expect("a profile with blocks to save");
    let mut tally = Tally::default();
    for seed in 0..runs {
        let long = record(&scenario.truths, adaptive.blocks_max(), u64::from(seed));
        let planned = Planned { long: &long, adaptive };
        let ended = planned.ended(scenario.truths.len(), adaptive.blocks_max());
        tally.add(&outcomes(&cut(&long, |at| ended[at], Some(adaptive))), scenario.right);
    }
    tally
}

/// A run that was simulated to its longest.
struct Planned<'r> {
    long: &'r RunRecord,
    adaptive: Adaptive,
}

impl Planned<'_> {
    /// After how many blocks each experiment ends, of at most so many, one experiment after the other.
    fn ended(&self, experiments: usize, most: u32) -> Vec<u32> {
        let mut ended = vec![0; experiments];
        for at in 0..experiments {
            ended[at] = self.adaptive.first_look;
            while ended[at] < most && !self.decided(at, &ended) {
                ended[at] += 1;
            }
        }
        ended
    }

    /// Whether an experiment is decided once each has had so many blocks.
    fn decided(&self, at: usize, ended: &[u32]) -> bool {
        is_decided(&cut(self.long, |at| ended[at], Some(self.adaptive)), at)
    }

    /// Gives the blocks that were saved to the experiments that are not decided, one each in turn.
    fn extended(&self, mut ended: Vec<u32>) -> Vec<u32> {
        let budget = self.adaptive.blocks as usize * ended.len();
        for block in self.adaptive.blocks..self.adaptive.blocks_max() {
            for at in 0..ended.len() {
                let used: usize = ended.iter().map(|blocks| *blocks as usize).sum();
                let is_open = ended[at] == block && !self.decided(at, &ended);
                if is_open && used < budget {
                    ended[at] = block + 1;
                }
            }
        }
        ended
    }
}

fn outcomes(record: &RunRecord) -> Vec<Outcome> {
    verdicts(record, &analyse(record)).iter().map(|verdict| verdict.outcome).collect()
}

/// The first blocks of each experiment, under a design.
fn cut(long: &RunRecord, blocks: impl Fn(usize) -> u32, adaptive: Option<Adaptive>) -> RunRecord {
    let mut header = long.header.clone();
    header.plan.adaptive = adaptive;
    if adaptive.is_none() {
        for (at, experiment) in header.plan.experiments.iter_mut().enumerate() {
            experiment.blocks = blocks(at);
        }
    }
    let mut record = RunRecord::begin(header);
    (record.calibrations, record.finished) = (long.calibrations.clone(), long.finished);
    let kept = long.trials.iter().filter(|found| found.trial.block < blocks(found.trial.experiment));
    record.trials = kept.cloned().collect();
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::adaptive;

    /// Runs of each scenario; a look costs an analysis.
    const RUNS: u32 = 20;

    #[test]
    fn looking_often_errs_no_more_than_looking_once() {
        for scenario in adaptive().into_iter().filter(|scenario| scenario.at.starts_with("border")) {
            let tally = sit_adaptive(&scenario, RUNS);
            // `scipy.stats.binom.ppf(0.9999, 20, 0.05)`
            assert!(tally.wrong <= 6, "{}, {}: {tally:?}", scenario.name, scenario.at);
        }
    }

    #[test]
    fn the_spine_takes_six_tenths_of_the_blocks_at_most_for_the_same_verdicts() {
        let found = saving(&spine(), ProfileName::Standard, 3);
        assert!(found.adaptive_blocks * 10 <= found.fixed_blocks * 6, "{found:?}");
        assert_eq!(found.contradicting, 0, "{found:?}");
        assert!(found.same >= 38, "{found:?}");
    }

    #[test]
    fn nothing_is_decided_before_the_first_look_or_with_fixed_effort() {
        let design = Adaptive::of(&Profile::of(ProfileName::Standard)).expect("a profile with blocks to save");
        let long = record(&[Truth { spread: 0.001, ..Truth::of(3.0) }], 15, 1);
        let decided = |blocks, design| is_decided(&cut(&long, |_| blocks, design), 0);
        assert!(!decided(5, Some(design)) && decided(6, Some(design)) && !decided(15, None));
    }

    /// The level that Holm's procedure takes from a decided member goes to the others of its family.
    #[test]
    fn a_decided_member_passes_its_level_on() {
        let design = Adaptive::of(&Profile::of(ProfileName::Standard)).expect("a profile with blocks to save");
        let clear = Truth { claim: "clear", family: "both", ..Truth::of(9.0) };
        let open = Truth { claim: "open", family: "both", spread: 0.08, ..Truth::of(1.75) };
        let mut gained = 0;
        for seed in 0..60 {
            let long = record(&[clear.clone(), open.clone()], 8, seed);
            let after = |clear| is_decided(&cut(&long, |at| if at == 0 { clear } else { 8 }, Some(design)), 1);
            let (alone, passed_on) = (after(0), after(6));
            assert!(passed_on || !alone, "seed {seed}: a decided member made the other one harder to decide");
            gained += u32::from(passed_on && !alone);
        }
        assert!(gained > 0, "nothing was passed on");
    }
}
