//! What the charts get: response-time curves, scaling curves with their fits, and the typical trial.

use judge::analyse;

use crate::builder::{Truth, each, one, record};

#[test]
fn a_response_time_curve_stops_where_requests_run_out() {
    let record = record(&[Truth { spread: 0.0, ..Truth::latency(1.0) }], 7, 1);
    let arm = &analyse(&record).experiments[0].arms[0];
    let curve = &arm.streams[0].response_time;
    // 5,000 requests carry p99.8 (ten above it), and no more.
    assert_eq!(curve.last().map(|point| point.quantile), Some(0.998));
    assert!(curve.is_sorted_by(|one, other| one.quantile < other.quantile && one.median_us <= other.median_us));
    let at = |quantile| curve.iter().find(|point| point.quantile == quantile).expect("on the curve").median_us;
    assert!((at(0.5) / 2_000.0 - 1.0).abs() < 0.002 && (at(0.99) / 8_000.0 - 1.0).abs() < 0.002);
}

#[test]
fn unanswered_requests_move_the_curve_up_and_are_counted() {
    let mut record = record(&[Truth { spread: 0.0, ..Truth::latency(1.0) }], 7, 1);
    each(&mut record, |observation| observation.streams[0].unanswered = 100);
    let arm = &analyse(&record).experiments[0].arms[0];
    let p98 = arm.streams[0].response_time.iter().find(|point| point.quantile == 0.98).expect("on the curve").median_us;
    assert!(p98 > 7_900.0, "{p98}");
    assert_eq!(arm.streams[0].censored, 700);
}

#[test]
fn the_scaling_curve_has_its_levels_and_its_laws() {
    // Amdahl's law with a serial fraction of 0.2.
    let speed_up = |level: u32| f64::from(level) / (1.0 + 0.2 * f64::from(level - 1));
    let levels = [1, 2, 4, 8].map(|level| (level, speed_up(level))).to_vec();
    let record = record(&[Truth { levels, spread: 0.01, ..Truth::of(speed_up(4)) }], 7, 1);
    let comparison = &analyse(&record).experiments[0].comparisons[0];
    assert_eq!(comparison.curve.iter().map(|point| point.level).collect::<Vec<_>>(), [1, 2, 4, 8]);
    assert!((comparison.curve[3].value.median / 330.0 - speed_up(8)).abs() < 0.1);
    assert!(comparison.curve[0].cores_used.is_some_and(|cores| (cores.median - 0.98).abs() < 1e-9));
    let scaling = comparison.scaling.expect("four levels");
    let serial = scaling.serial_fraction;
    assert!(serial.low.expect("seven blocks") < 0.2 && 0.2 < serial.high.expect("seven blocks"), "{serial:?}");
    assert!((serial.estimate - 0.2).abs() < 0.01);
    assert!(scaling.coherency.expect("four levels").estimate.abs() < 0.01);
}

#[test]
fn without_levels_there_is_no_curve() {
    let analysis = analyse(&record(&[Truth::of(2.0)], 7, 1));
    let comparison = &analysis.experiments[0].comparisons[0];
    assert!(comparison.curve.is_empty() && comparison.scaling.is_none());
}

#[test]
fn the_typical_trial_is_the_one_in_the_middle() {
    let mut record = record(&[Truth::of(2.0)], 7, 1);
    let arm = record.trials[0].trial.arm.clone();
    let trials: Vec<usize> = (0..record.trials.len()).filter(|&at| record.trials[at].trial.arm == arm).collect();
    for (rank, index) in trials.iter().enumerate() {
        one(&mut record, *index, |observation| observation.streams[0].completed = 1_000 + 10 * ((rank as u64 * 3) % 7));
    }
    // The completions are 0, 3, 6, 2, 5, 1, 4 (times ten, and a thousand): the second block's 3 is the middle.
    let analysis = analyse(&record);
    let described = analysis.experiments[0].arms.iter().find(|described| described.arm == arm).expect("described");
    assert_eq!(described.typical, Some(u32::try_from(trials[1]).expect("small")));
    assert_eq!(described.steadiness.flat, 7);
    assert_eq!(described.streams[0].throughput_per_s.expect("measured").median, 103.0);
}
