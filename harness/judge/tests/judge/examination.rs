//! The judge's own examination, small (method.md, "Judging the judge"); `cargo run --release -p judge --example examination` is the whole.

use crate::scenarios::{QUICK, Scenario, all};
use crate::sitting::sit;

/// Simulated runs of each scenario.
const RUNS: u32 = 24;
/// More than this many of [`RUNS`] would happen by chance once in ten thousand if the rate were 5 % (`scipy.stats.binom.ppf(0.9999, 24, 0.05)`);
/// there are nearly a hundred scenarios.
const MOST_AT_5_PERCENT: u32 = 7;
/// Fewer than this many once in ten thousand if it were 80 % (`scipy.stats.binom.ppf(0.0001, 24, 0.8)`).
const FEWEST_AT_80_PERCENT: u32 = 11;

fn in_both_profiles(scenario: &Scenario) -> bool {
    let same = |other: &Scenario| {
        let (one, other) = (&scenario.truths[0], &other.truths[0]);
        (one.region, one.world, one.load, one.shape) == (other.region, other.world, other.load, other.shape)
    };
    all()
        .iter()
        .any(|other| other.blocks == QUICK && other.name == scenario.name && other.at == scenario.at && same(other))
}

fn each(checks: impl Fn(&Scenario) -> Option<String> + Sync) {
    // Few blocks err most, so that of a machine's two profiles the shorter stands for both.
    let stands =
        |scenario: &Scenario| scenario.blocks == QUICK || scenario.least_right > 0.0 || !in_both_profiles(scenario);
    let all: Vec<Scenario> = all().into_iter().filter(stands).collect();
    // One that is another turned over is looked at with it.
    let turned = |at: usize| all[..at].iter().any(|before| before.is_turned_over(&all[at]));
    let scenarios: Vec<Scenario> = (0..all.len()).filter(|&at| !turned(at)).map(|at| all[at].clone()).collect();
    let failed: Vec<String> = std::thread::scope(|scope| {
        let halves: Vec<_> = scenarios.chunks(scenarios.len().div_ceil(2)).collect();
        let checks = &checks;
        let threads: Vec<_> = halves
            .into_iter()
            .map(|half| scope.spawn(move || half.iter().filter_map(checks).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn no_scenario_makes_the_judge_err_more_than_it_may_and_clear_truths_are_found() {
    each(|scenario| {
        let tally = sit(scenario, RUNS);
        let turned = if scenario.at.starts_with("border") { tally.turned_over().wrong } else { 0 };
        let errs = tally.wrong.max(turned) > MOST_AT_5_PERCENT;
        let misses = scenario.least_right >= 0.8 && tally.right < FEWEST_AT_80_PERCENT;
        let truth = &scenario.truths[0];
        (errs || misses).then(|| {
            format!("{}, {}, {} blocks, {}: {tally:?}", scenario.name, truth.region, scenario.blocks, scenario.at)
        })
    });
}
