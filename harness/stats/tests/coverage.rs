//! Coverage: each interval misses a known truth as seldom as it says, and each test rejects a true hypothesis no more often.
//!
//! Every case is simulated so often that a rate of 5 % is known to within half a percent; seeds are fixed, so that a failure is a change.

use statrs::distribution::{ContinuousCDF, Normal};
use stats::bca::Bootstrap;
use stats::mean::{MeanEstimate, mean_interval};
use stats::paired::mean_ratio_interval;
use stats::quantile::median_interval;
use stats::random::{Seed, SplitMix};
use stats::scaling::LevelRate;
use stats::sequential::{Look, nominal_levels, obrien_fleming_spent, power_spent};
use stats::sign_flip::sign_flip_p;
use stats::usl::Usl;
use stats::welch::welch;
use stats::{Confidence, Interval, holm};

const RUNS: u32 = 10_000;

/// The share of runs, in percent, in which something happened.
fn percent(runs: u32, mut happens: impl FnMut(&mut SplitMix) -> bool) -> f64 {
    let mut random = SplitMix::new(Seed(20_261_125));
    let count = (0..runs).filter(|_| happens(&mut random)).count();
    100.0 * count as f64 / f64::from(runs)
}

/// About normal (Irwin–Hall of 12), mean 0, deviation 1.
fn normal(random: &mut SplitMix) -> f64 {
    (0..12).map(|_| uniform(random)).sum::<f64>() - 6.0
}

fn uniform(random: &mut SplitMix) -> f64 {
    (random.bits() >> 11) as f64 / (1_u64 << 53) as f64
}

fn normals(random: &mut SplitMix, count: usize, spread: f64) -> Vec<f64> {
    (0..count).map(|_| spread * normal(random)).collect()
}

fn misses(interval: &Interval, truth: f64) -> bool {
    !interval.contains(truth)
}

#[track_caller]
fn assert_about(rate: f64, stated: f64) {
    // Four standard errors of RUNS runs.
    let reach = 4.0 * (stated * (100.0 - stated) / f64::from(RUNS)).sqrt();
    assert!((rate - stated).abs() < reach, "{rate} %, stated {stated} %");
}

#[test]
fn a_t_interval_of_few_values() {
    for count in [3, 6, 12] {
        assert_about(
            percent(RUNS, |random| {
                misses(&mean_interval(&normals(random, count, 2.0), Confidence::P90).expect("a sample"), 0.0)
            }),
            10.0,
        );
    }
}

#[test]
fn a_ratio_of_pairs_that_drift_together() {
    let missed = percent(RUNS, |random| {
        let drift = normals(random, 6, 1.0);
        let arm = |random: &mut SplitMix, level: f64| {
            drift.iter().map(|drift| (drift + level + 0.1 * normal(random)).exp()).collect::<Vec<_>>()
        };
        let (left, right) = (arm(random, 0.7), arm(random, 0.0));
        misses(&mean_ratio_interval(&left, &right, Confidence::P90).expect("pairs"), 0.7_f64.exp())
    });
    assert_about(missed, 10.0);
}

#[test]
fn welchs_interval_of_unequal_spreads() {
    let missed = percent(RUNS, |random| {
        let (left, right) = (normals(random, 6, 1.0), normals(random, 12, 3.0));
        misses(&welch(&left, &right).expect("samples").interval(Confidence::P90), 0.0)
    });
    assert!((9.0..11.0).contains(&missed), "{missed} %: Welch's degrees of freedom are an approximation");
}

#[test]
fn an_interval_of_the_median_whatever_the_shape() {
    for count in [6, 11, 20] {
        let missed = percent(RUNS, |random| {
            let skewed: Vec<f64> = (0..count).map(|_| -(1.0 - uniform(random)).ln()).collect();
            misses(&median_interval(&skewed, Confidence::P90).expect("enough"), std::f64::consts::LN_2)
        });
        // It cannot hit the level exactly, and stays on the safe side.
        assert!(missed < 10.8, "{count}: {missed} %");
    }
}

#[test]
fn a_bootstrap_of_a_mean_nearly() {
    let missed = percent(400, |random| {
        let values = normals(random, 24, 1.0);
        misses(&Bootstrap::of_mean(&values, Seed(3)).expect("enough").interval(Confidence::P90), 0.0)
    });
    // Known to be a little narrow (Efron and Tibshirani 1993, section 14); 1.5 is a standard error here.
    assert!((8.0..18.0).contains(&missed), "{missed} %");
}

#[test]
fn the_sign_flip_test_of_symmetric_values() {
    let rejected = percent(RUNS, |random| {
        let heavy: Vec<f64> = (0..8).map(|_| normal(random) / uniform(random).max(1e-3)).collect();
        sign_flip_p(&heavy, Seed(1)).expect("values") <= 0.05
    });
    // 12 of 256 patterns are the most that 5 % allow.
    assert_about(rejected, 100.0 * 12.0 / 256.0);
}

#[test]
fn holms_family_errs_once_in_twenty() {
    let erred = percent(RUNS, |random| {
        // Three true hypotheses that share half of their data.
        let common = normals(random, 10, 1.0);
        let p = |random: &mut SplitMix| {
            let values: Vec<f64> = common.iter().map(|common| common + normal(random)).collect();
            MeanEstimate::of(&values).expect("a sample").p_at_most(0.0)
        };
        let p_values = [p(random), p(random), p(random)];
        holm::adjusted_p(&p_values).expect("probabilities").iter().any(|adjusted| *adjusted <= 0.05)
    });
    assert!(erred < 5.7, "{erred} %");
}

#[test]
fn looking_often_spends_what_was_asked_for() {
    let spending: [fn(f64) -> f64; 2] =
        [|share| obrien_fleming_spent(0.05, share), |share| power_spent(0.05, share, 2)];
    for spent in spending {
        let looks: Vec<Look> =
            (6..=12).map(|at| Look { information: f64::from(at), spent: spent(f64::from(at) / 12.0) }).collect();
        let levels = nominal_levels(&looks).expect("forward");
        let crossed = percent(RUNS, |random| {
            let values = normals(random, 12, 1.0);
            (6..=12_usize).zip(&levels).any(|(at, level)| {
                let deviate = values[..at].iter().sum::<f64>() / (at as f64).sqrt();
                Normal::standard().sf(deviate) < *level
            })
        });
        assert_about(crossed, 5.0);
    }
}

#[test]
fn a_fitted_law_of_scaling_by_its_blocks() {
    let truth = Usl { contention: 0.1, coherency: 0.01 };
    let missed = percent(RUNS, |random| {
        let fit = |random: &mut SplitMix| {
            let curve = [1, 2, 4, 8].map(|level| LevelRate {
                level,
                rate: 100.0 * truth.speed_up(f64::from(level)) * (0.01 * normal(random)).exp(),
            });
            Usl::fit(&curve).expect("a curve").coherency
        };
        let fits: Vec<f64> = (0..8).map(|_| fit(random)).collect();
        misses(&mean_interval(&fits, Confidence::P95).expect("fits"), truth.coherency)
    });
    assert!((4.0..6.5).contains(&missed), "{missed} %");
}
