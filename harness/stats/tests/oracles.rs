//! Our statistics against SciPy and NumPy: the answers in `oracles.json` were made by `make_oracles.py`.

use serde_json::Value;
use stats::bca::Bootstrap;
use stats::mean::MeanEstimate;
use stats::random::Seed;
use stats::scaling::LevelRate;
use stats::sequential::{Look, nominal_levels, obrien_fleming_spent, power_spent};
use stats::skewed::{SkewedMean, greatest_skewness};
use stats::{Confidence, amdahl, arrivals, changepoint, holm, paired, quantile, series, sign_flip, usl, welch};

/// Both sides compute in 64-bit floating point; Student's quantile is found by iteration on both.
const CLOSE: f64 = 1e-9;

fn cases(name: &str) -> Vec<Value> {
    let oracles: Value = serde_json::from_str(include_str!("oracles.json")).expect("valid JSON");
    let cases = oracles[name].as_array().expect("a list").clone();
    assert!(!cases.is_empty(), "no cases for {name}");
    cases
}

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap_or_else(|| panic!("{key} is a number in {case}"))
}

fn numbers(case: &Value, key: &str) -> Vec<f64> {
    case[key].as_array().expect("a list").iter().map(|value| value.as_f64().expect("a number")).collect()
}

fn confidence(case: &Value) -> Confidence {
    Confidence::new(number(case, "confidence")).expect("a confidence")
}

#[track_caller]
fn assert_close(ours: f64, theirs: f64, within: f64) {
    assert!((ours - theirs).abs() <= within * theirs.abs().max(1.0), "ours {ours}, theirs {theirs}");
}

#[test]
fn student_intervals_and_p_values() {
    for case in cases("t_mean") {
        let estimate = MeanEstimate::of(&numbers(&case, "values")).expect("a sample");
        let interval = estimate.interval(confidence(&case));
        assert_close(interval.low, number(&case, "low"), CLOSE);
        assert_close(interval.high, number(&case, "high"), CLOSE);
        assert_close(estimate.p_at_most(number(&case, "bound")), number(&case, "p_at_most"), CLOSE);
        assert_close(estimate.p_at_least(number(&case, "bound")), number(&case, "p_at_least"), CLOSE);
    }
}

#[test]
fn paired_ratios() {
    for case in cases("paired") {
        let (left, right) = (numbers(&case, "left"), numbers(&case, "right"));
        let ratio = paired::mean_ratio_interval(&left, &right, confidence(&case)).expect("pairs");
        assert_close(ratio.estimate, number(&case, "estimate"), CLOSE);
        assert_close(ratio.low, number(&case, "low"), CLOSE);
        assert_close(ratio.high, number(&case, "high"), CLOSE);
    }
}

#[test]
fn sign_flips() {
    for case in cases("sign_flip") {
        let p = sign_flip::sign_flip_p(&numbers(&case, "values"), Seed(0)).expect("a sample");
        assert_close(p, number(&case, "p"), CLOSE);
    }
}

#[test]
fn holm_adjustment() {
    for case in cases("holm") {
        let ours = holm::adjusted_p(&numbers(&case, "p")).expect("probabilities");
        for (ours, theirs) in ours.iter().zip(numbers(&case, "adjusted")) {
            assert_close(*ours, theirs, CLOSE);
        }
    }
}

#[test]
fn bootstraps() {
    for case in cases("bca") {
        let bootstrap = Bootstrap::of_mean(&numbers(&case, "values"), Seed(42)).expect("a sample");
        assert_close(bootstrap.acceleration(), number(&case, "acceleration"), CLOSE);
        let interval = bootstrap.interval(confidence(&case));
        // Two different sequences of random numbers: 10,000 resamples move a bound by 1 to 2 % of the width.
        let width = number(&case, "high") - number(&case, "low");
        assert!((interval.low - number(&case, "low")).abs() < 0.03 * width, "{case} {interval:?}");
        assert!((interval.high - number(&case, "high")).abs() < 0.03 * width, "{case} {interval:?}");
    }
}

#[test]
fn quantiles_of_type_7() {
    for case in cases("quantiles") {
        let values = numbers(&case, "values");
        for (at, theirs) in numbers(&case, "at").into_iter().zip(numbers(&case, "quantiles")) {
            assert_close(quantile::quantile(&values, at).expect("a quantile"), theirs, CLOSE);
        }
    }
}

#[test]
fn median_intervals() {
    for case in cases("median_intervals") {
        let interval = quantile::median_interval(&numbers(&case, "values"), confidence(&case)).expect("enough values");
        assert_close(interval.low, number(&case, "low"), CLOSE);
        assert_close(interval.high, number(&case, "high"), CLOSE);
    }
}

#[test]
fn segmentations() {
    for case in cases("segmentations") {
        let found = changepoint::segments(&numbers(&case, "values"), number(&case, "penalty"));
        let starts: Vec<f64> = found.iter().map(|segment| segment.start as f64).collect();
        assert_eq!(starts, numbers(&case, "starts"));
        for (segment, theirs) in found.iter().zip(numbers(&case, "means")) {
            assert_close(segment.mean, theirs, CLOSE);
        }
    }
}

#[test]
fn scaling_fits() {
    for case in cases("scaling") {
        let levels = case["levels"].as_array().expect("a list").iter().map(|level| level.as_u64().expect("a level"));
        let curve: Vec<LevelRate> = levels
            .zip(numbers(&case, "rates"))
            .map(|(level, rate)| LevelRate { level: u32::try_from(level).expect("small"), rate })
            .collect();
        let law = usl::Usl::fit(&curve).expect("a curve");
        assert_close(amdahl::serial_fraction(&curve).expect("a curve"), number(&case, "serial_fraction"), CLOSE);
        assert_close(law.contention, number(&case, "contention"), CLOSE);
        assert_close(law.coherency, number(&case, "coherency"), CLOSE);
    }
}

#[test]
fn welch_tests() {
    for case in cases("welch") {
        let found = welch::welch(&numbers(&case, "left"), &numbers(&case, "right")).expect("two samples");
        assert_close(found.p_two_sided, number(&case, "p"), CLOSE);
    }
}

#[test]
fn sequential_levels() {
    for case in cases("sequential") {
        let alpha = number(&case, "alpha");
        let look = |share: f64| Look { information: share, spent: obrien_fleming_spent(alpha, share) };
        let looks: Vec<Look> = numbers(&case, "shares").into_iter().map(look).collect();
        let ours = nominal_levels(&looks).expect("they go forward");
        for (ours, theirs) in ours.into_iter().zip(numbers(&case, "levels")) {
            // SciPy integrates the joint normal distribution by random points, to about 1e-6 of its own.
            assert!((ours - theirs).abs() < 2e-5, "ours {ours}, theirs {theirs}");
        }
    }
}

#[test]
fn welch_intervals_and_tost() {
    for case in cases("welch_intervals") {
        let found = welch::welch(&numbers(&case, "left"), &numbers(&case, "right")).expect("two samples");
        let (interval, margin) = (found.interval(confidence(&case)), number(&case, "margin"));
        assert_close(interval.low, number(&case, "low"), CLOSE);
        assert_close(interval.high, number(&case, "high"), CLOSE);
        assert_close(found.p_at_most(-margin).max(found.p_at_least(margin)), number(&case, "tost"), CLOSE);
    }
}

#[test]
fn exponential_gaps() {
    for case in cases("exponential_gaps") {
        let ours = arrivals::exponential_a2(&numbers(&case, "gaps")).expect("gaps");
        assert_close(ours, number(&case, "statistic"), 1e-6);
    }
}

#[test]
fn effective_sizes() {
    for case in cases("effective_sizes") {
        assert_close(
            series::effective_size(&numbers(&case, "values")).expect("a series"),
            number(&case, "size"),
            CLOSE,
        );
    }
}

#[test]
fn skewed_intervals() {
    for case in cases("skewed") {
        let (left, right) = (numbers(&case, "left"), numbers(&case, "right"));
        let skewness = greatest_skewness(&left, &right);
        assert_close(skewness, number(&case, "skewness"), CLOSE);
        let values: Vec<f64> = left.iter().zip(&right).map(|(left, right)| left - right).collect();
        let interval = SkewedMean::of(&values, skewness).expect("a sample").interval(confidence(&case));
        assert_close(interval.low, number(&case, "low"), CLOSE);
        assert_close(interval.high, number(&case, "high"), CLOSE);
    }
}

#[test]
fn levels_of_a_power_that_is_spent() {
    for case in cases("power_spending") {
        let alpha = number(&case, "alpha");
        let look = |share: f64| Look { information: share, spent: power_spent(alpha, share, 2) };
        let looks: Vec<Look> = numbers(&case, "shares").into_iter().map(look).collect();
        let ours = nominal_levels(&looks).expect("they go forward");
        for (ours, theirs) in ours.into_iter().zip(numbers(&case, "levels")) {
            assert!((ours - theirs).abs() < 2e-5, "ours {ours}, theirs {theirs}");
        }
    }
}

#[test]
fn fano_factors() {
    for case in cases("fano") {
        assert_close(arrivals::fano_factor(&numbers(&case, "counts")).expect("counts"), number(&case, "factor"), CLOSE);
    }
}
