//! Records that hold nonsense: never a panic, never a definite verdict.

use judge::analyse;
use model::analysis::Analysis;
use model::plan::ArmId;
use model::record::{Observation, RunRecord};
use model::verdict::Outcome;

use crate::builder::{Truth, each, one, record};
use crate::rule::judged;

#[track_caller]
fn assert_withheld(record: &RunRecord, why: &str) {
    for verdict in judged(record) {
        assert_eq!(verdict.outcome, Outcome::Inconclusive);
        assert!(verdict.reason.contains(why), "{}", verdict.reason);
        assert!(verdict.effect.is_none_or(f64::is_finite));
        assert!(serde_json::to_string(&verdict).is_ok());
    }
    // A number that is none becomes `null`, and does not read back.
    let text = serde_json::to_string(&analyse(record)).expect("JSON");
    assert!(serde_json::from_str::<Analysis>(&text).is_ok(), "{text}");
}

fn both() -> RunRecord {
    record(&[Truth::of(2.0), Truth::latency(1.0)], 7, 1)
}

#[track_caller]
fn assert_all_withheld(why: &str, break_it: impl Fn(&mut Observation)) {
    let mut record = both();
    each(&mut record, break_it);
    assert_withheld(&record, why);
}

#[test]
fn nothing_ran() {
    let mut record = both();
    record.trials.clear();
    assert_withheld(&record, "7 of 7 blocks missing");
    record.header.plan.experiments.clear();
    assert!(judged(&record).is_empty());
}

#[test]
fn cut_off_in_the_middle() {
    let mut record = both();
    record.trials.truncate(9);
    (record.cut_off, record.finished) = (true, None);
    assert_withheld(&record, "--resume");
}

#[test]
fn no_answer_at_all() {
    assert_all_withheld("no right answer", |observation| observation.streams[0].completed = 0);
}

#[test]
fn only_errors() {
    assert_all_withheld("went wrong", |observation| {
        let stream = &mut observation.streams[0];
        stream.errors.insert("wrong-status".to_owned(), stream.completed);
    });
}

#[test]
fn only_errors_in_one_arm() {
    let mut record = record(&[Truth::of(2.0)], 7, 1);
    let of_treatment: Vec<usize> =
        (0..record.trials.len()).filter(|&at| record.trials[at].trial.arm.0.contains("threads=4")).collect();
    for index in of_treatment {
        one(&mut record, index, |observation| {
            let stream = &mut observation.streams[0];
            stream.errors.insert("wrong-status".to_owned(), stream.completed);
            stream.completed = 0;
        });
    }
    assert_withheld(&record, "7 of 7 blocks missing");
}

#[test]
fn a_single_block_and_a_record_that_is_not_what_its_design_says() {
    assert_withheld(&record(&[Truth::of(2.0)], 1, 1), "Too few blocks");
    // Adaptive effort that never came to its first look.
    let mut early = record(&[Truth::of(3.0)], 12, 1);
    early.header.plan.adaptive =
        model::plan::Adaptive::of(&model::plan::Profile::of(model::plan::ProfileName::Standard));
    early.trials.retain(|found| found.trial.block < 5);
    assert_withheld(&early, "It needs 6 blocks");
    early.trials.clear();
    assert_withheld(&early, "Too few blocks");
}

#[test]
fn not_a_number_anywhere() {
    let mut record = record(&[Truth::of(2.0)], 7, 1);
    one(&mut record, 3, |observation| observation.streams[0].window_s = f64::NAN);
    assert_withheld(&record, "NaN, from which no ratio can be formed");
    assert_all_withheld("", |observation| {
        observation.generator.busy_s = f64::NAN;
        observation.samples.server_cores.fill(f64::NAN);
        observation.streams[0].in_flight_mean = f64::NAN;
        observation.phases.measure_s = f64::NAN;
    });
    each(&mut record, |observation| observation.streams[0].window_s = 0.0);
    assert_withheld(&record, "inf, from which no ratio can be formed");
}

#[test]
fn damaged_histograms() {
    assert_all_withheld("damaged", |observation| {
        for stream in &mut observation.streams {
            stream.response_time.truncate(9);
            stream.service_time = "!".to_owned();
        }
    });
}

#[test]
fn too_few_requests_for_the_quantile() {
    let mut record = record(&[Truth::latency(1.0)], 7, 1);
    each(&mut record, |observation| {
        let stream = &mut observation.streams[0];
        (stream.due, stream.sent, stream.completed) = (999, 999, 999);
        stream.response_time = crate::observed::histogram(&[(2_000.0, 999)]);
    });
    assert_withheld(&record, "p99 is not estimable from 999 requests; it needs 1000");
}

#[test]
fn streams_and_arms_that_are_not_there() {
    assert_all_withheld("no stream", |observation| observation.streams.clear());
    let mut record = both();
    record.header.plan.experiments.iter_mut().for_each(|experiment| experiment.arms.clear());
    assert_withheld(&record, "the plan does not hold both arms");
    let mut record = both();
    record.trials.iter_mut().for_each(|trial| trial.trial.arm = ArmId("unknown".to_owned()));
    assert_withheld(&record, "missing");
    let mut record = both();
    record.trials.iter_mut().for_each(|trial| trial.trial.experiment = 99);
    assert_withheld(&record, "missing");
}

#[test]
fn a_trial_that_was_run_again_counts_as_the_later_one() {
    let mut record = record(&[Truth::of(2.0)], 7, 1);
    let intact = record.trials[4].clone();
    one(&mut record, 4, |observation| observation.streams[0].completed = 0);
    record.trials.push(intact);
    assert_eq!(judged(&record)[0].outcome, Outcome::Supported);
}

#[test]
fn an_analysis_of_another_record() {
    let (record, other) = (both(), record(&[Truth::of(2.0)], 7, 1));
    assert_eq!(judge::verdicts(&record, &analyse(&other)).len(), 1);
}
