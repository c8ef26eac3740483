//! Each gate broken on purpose: the verdict is withheld, by that gate and no other.

use judge::analyse;
use model::analysis::{Gate, GateResult};
use model::record::{Observation, RunRecord, TrialFailure, TrialOutcome};
use model::verdict::Outcome;
use serde_json::json;

use crate::builder::{Truth, each, of_arm, one, record};
use crate::loaded::capacity;
use crate::observed::histogram;
use crate::rule::judged;
use crate::world::World;

pub(crate) fn throughput() -> RunRecord {
    record(&[Truth::of(2.0)], 7, 1)
}

pub(crate) fn latency() -> RunRecord {
    record(&[Truth::latency(1.0)], 7, 1)
}

pub(crate) fn failed(record: &RunRecord) -> Vec<Gate> {
    let gates = analyse(record).experiments[0].comparisons[0].gates.clone();
    gates.into_iter().filter(|gate| !gate.pass).map(|gate| gate.gate).collect()
}

pub(crate) fn result(record: &RunRecord, gate: Gate) -> GateResult {
    let gates = analyse(record).experiments[0].comparisons[0].gates.clone();
    gates.into_iter().find(|result| result.gate == gate).expect("every gate answers")
}

/// Breaks one trial, and looks for the gate that must notice.
#[track_caller]
pub(crate) fn assert_caught(mut record: RunRecord, gate: Gate, break_it: impl Fn(&mut Observation)) {
    assert_eq!(judged(&record)[0].outcome, Outcome::Supported, "before it is broken");
    one(&mut record, 5, break_it);
    assert_eq!(failed(&record), [gate]);
    let verdict = &judged(&record)[0];
    assert_eq!(verdict.outcome, Outcome::Inconclusive);
    assert!(verdict.reason.contains(gate.title()), "{}", verdict.reason);
    assert!(verdict.effect.is_some(), "the effect is shown even so");
}

#[test]
fn an_intact_record_passes_all() {
    assert_eq!(failed(&throughput()), []);
    assert_eq!(failed(&latency()), []);
    let asked: Vec<Gate> =
        analyse(&latency()).experiments[0].comparisons[0].gates.iter().map(|gate| gate.gate).collect();
    use Gate::{G1, G2, G3, G4, G5, G6, G7, G8, G9, G10, G11, G12, G13};
    assert_eq!(asked, [G1, G2, G3, G4, G5, G6, G7, G8, G9, G10, G11, G12, G13]);
}

#[test]
fn g1_concurrency_that_does_not_fit() {
    assert_caught(throughput(), Gate::G1, |observation| observation.streams[0].in_flight_mean = 8.5);
    assert!(result(&latency(), Gate::G1).detail.starts_with("does not apply"));
}

#[test]
fn g2_requests_left_out() {
    assert_caught(latency(), Gate::G2, |observation| observation.streams[0].due += 100);
}

#[test]
fn g2_requests_sent_late() {
    // The median is 2,000 µs, so 5 % are 100 µs, just above the calibrated floor of 90 µs.
    assert_caught(latency(), Gate::G2, |observation| observation.streams[0].send_lag = histogram(&[(130.0, 5_000)]));
    let mut at_the_floor = latency();
    each(&mut at_the_floor, |observation| observation.streams[0].send_lag = histogram(&[(85.0, 5_000)]));
    assert_eq!(failed(&at_the_floor), []);
}

#[test]
fn g12_a_search_that_found_no_rate() {
    let mut record = capacity();
    one(&mut record, 5, |observation| {
        observation.search.iter_mut().for_each(|search| search.greatest_per_s = None);
    });
    assert!(result(&record, Gate::G12).detail.contains("no rate that was tried held the objective"));
    assert_eq!(judged(&record)[0].outcome, Outcome::Inconclusive);
}

#[test]
fn g5_wrong_answers_and_wrong_counts() {
    assert_caught(throughput(), Gate::G5, |observation| {
        observation.streams[0].errors.insert("wrong-body".to_owned(), 1);
    });
    assert_caught(throughput(), Gate::G5, |observation| observation.server.requests_counted += 1);
    assert_caught(throughput(), Gate::G5, |observation| observation.server.requests_counted -= 1);
}

#[test]
fn g5_requests_without_an_answer_may_have_been_counted() {
    let mut record = throughput();
    one(&mut record, 5, |observation| {
        observation.streams[0].errors.insert("reset".to_owned(), 2);
        observation.server.requests_counted += 1;
    });
    assert_eq!(failed(&record), []);
    let mut warming_up = throughput();
    let unanswered = |unanswered: u64| {
        move |observation: &mut Observation| {
            observation.server.requests_unanswered = unanswered;
            observation.server.requests_counted = observation.server.requests_answered + 2;
        }
    };
    one(&mut warming_up, 5, unanswered(2));
    assert_eq!(failed(&warming_up), [], "two of the warm-up had no answer");
    one(&mut warming_up, 5, unanswered(1));
    assert_eq!(failed(&warming_up), [Gate::G5], "the server counted more than were sent");
}

#[test]
fn g6_errors() {
    assert_caught(throughput(), Gate::G6, |observation| {
        observation.streams[0].errors.insert("reset".to_owned(), 20);
    });
}

#[test]
fn g7_runs_that_did_not_settle() {
    let slowing = |observation: &mut Observation| {
        observation.streams[0].seconds.iter_mut().skip(5).for_each(|point| point.completed /= 2);
    };
    let mut record = throughput();
    one(&mut record, 5, slowing);
    assert_eq!(failed(&record), [], "one run in fourteen may be a mistake of the classifier");
    each(&mut record, slowing);
    assert_eq!(failed(&record), [Gate::G7]);
    each(&mut record, |observation| observation.streams[0].seconds.truncate(3));
    assert!(
        result(&record, Gate::G7).pass && judged(&record)[0].doubts.iter().any(|doubt| doubt.contains("too short"))
    );
}

#[test]
fn g9_another_factor_in_the_plan() {
    let with = |change: fn(&mut model::plan::Arm)| {
        let mut record = throughput();
        change(&mut record.header.plan.experiments[0].arms[1]);
        failed(&record)
    };
    assert_eq!(with(|arm| arm.runtime_version = "3.13.0t".to_owned()), [Gate::G9]);
    assert_eq!(with(|arm| arm.mode = serde_json::from_value(json!("workers")).expect("a name")), [Gate::G9]);
    assert_eq!(with(|arm| arm.processes = 1), []);
}

#[test]
fn g9_another_factor_in_the_running_servers() {
    assert_caught(throughput(), Gate::G9, |observation| {
        observation.server.before["versions"]["flask"] = json!("3.0.0")
    });
    assert_caught(throughput(), Gate::G9, |observation| observation.server.before = json!(null));
    assert_caught(throughput(), Gate::G9, |observation| observation.server.before["gil"] = json!("enabled"));
}

#[test]
fn g9_a_free_threaded_build_with_its_gil_on() {
    let mut record = throughput();
    each(&mut record, |observation| observation.server.before["gil"] = json!("enabled"));
    assert_eq!(failed(&record), [Gate::G9]);
    assert!(result(&record, Gate::G9).detail.contains("with the GIL enabled"));
}

#[test]
fn g10_an_order_that_matters() {
    let mut record = record(&[Truth { margin: 0.1, ..Truth::of(2.0) }], 12, 1);
    assert_eq!(failed(&record), []);
    for index in 0..record.trials.len() {
        if record.trials[index].trial.position == 0 {
            one(&mut record, index, |observation| {
                let stream = &mut observation.streams[0];
                stream.completed += stream.completed / 3;
                stream.in_flight_mean *= 4.0 / 3.0;
                observation.server.requests_counted = stream.completed;
                observation.server.requests_answered = stream.completed;
            });
        }
    }
    assert_eq!(failed(&record), [Gate::G10]);
}

#[test]
fn g12_a_missing_block() {
    let mut record = throughput();
    record.trials.remove(5);
    assert_eq!(failed(&record), [Gate::G12]);
    assert!(
        judged(&record)[0].reason.contains("1 of 7 blocks missing; block 3: Flask"),
        "{}",
        judged(&record)[0].reason
    );
}

#[test]
fn g12_a_failed_trial() {
    let mut record = throughput();
    let reason = "exited with code 1".to_owned();
    record.trials[5].outcome = TrialOutcome::Failed(TrialFailure {
        stage: model::record::Stage::StartUp,
        reason: reason.clone(),
        log_tail: String::new(),
    });
    assert_eq!(failed(&record), [Gate::G12]);
    assert!(judged(&record)[0].reason.contains(&reason));
}

#[test]
fn g12_beyond_what_the_generator_can_show() {
    let mut slow_generator = throughput();
    slow_generator.calibrations.iter_mut().for_each(|calibration| calibration.ceiling_per_s = 500.0);
    assert_eq!(failed(&slow_generator), [Gate::G12]);
    let mut high_floor = latency();
    high_floor.calibrations.iter_mut().for_each(|calibration| calibration.floor_us_p50 = 9_000.0);
    assert_eq!(failed(&high_floor), [Gate::G12]);
}

/// A session with controls, whose harness makes the treatment and the arm that is measured again slower by this log-ratio.
fn session(lie: f64) -> RunRecord {
    record(&[Truth { spread: 0.01, world: World { lie: Some(lie), ..World::default() }, ..Truth::of(2.0) }], 7, 1)
}

#[test]
fn g8_the_same_arm_that_differs_from_itself() {
    assert_eq!(failed(&session(0.0)), []);
    // The margin is 1.5 times: a log-ratio of 0.41.
    assert_eq!(failed(&session(0.5)), [Gate::G8]);
    // The ratio is 2.0, which the lie makes 1.64; with the second measurement in the place of the first it is still 2.0.
    assert_eq!(failed(&session(0.2)), [], "the verdict is the same with either");
    // A lie of less than the margin that makes it 1.41, on the other side of the border.
    assert_eq!(failed(&session(0.35)), [Gate::G8]);
    assert!(result(&session(0.35), Gate::G8).detail.contains("with such a bias in it"));
    assert!(result(&session(0.5), Gate::G8).detail.contains("measured twice"));
}

#[test]
fn g11_a_delay_that_is_not_found() {
    let mut unmoved = session(0.0);
    let plain = unmoved.trials.iter().find(|found| found.trial.arm.0.ends_with("#again")).expect("it is there").clone();
    let TrialOutcome::Observed(plain) = plain.outcome else { panic!("it was observed") };
    of_arm(&mut unmoved, "#delayed", |observation| observation.streams.clone_from(&plain.streams));
    assert_eq!(failed(&unmoved), [Gate::G11]);
    let mut never_injected = session(0.0);
    of_arm(&mut never_injected, "#delayed", |observation| observation.injected = None);
    assert_eq!(failed(&never_injected), [Gate::G11]);
    let mut slower_by_something_else = session(0.0);
    of_arm(&mut slower_by_something_else, "#delayed", |observation| observation.streams[0].completed /= 3);
    assert_eq!(failed(&slower_by_something_else), [Gate::G11]);
}

#[test]
fn controls_that_are_missing_or_contradict_withhold() {
    let mut missing = session(0.0);
    missing.trials.retain(|found| !found.trial.arm.0.contains('#'));
    assert_eq!(failed(&missing), [Gate::G8, Gate::G11]);
    assert_eq!(judged(&missing)[0].outcome, Outcome::Inconclusive);
    let mut elsewhere = session(0.0);
    elsewhere.header.plan.controls[0].cores = 1;
    assert!(result(&elsewhere, Gate::G8).detail.contains("no control for this load with 2 server cores"));
    // One says that the session is sound, the other that it is not.
    let mut both = session(0.0);
    let mut other = both.header.plan.controls[0].clone();
    (other.again, other.cores) = (other.delayed.clone(), 1);
    both.header.plan.controls.push(other);
    both.header.plan.experiments[0].arms[1].cores = 1;
    of_arm(&mut both, "#delayed", |observation| observation.streams[0].completed /= 2);
    assert!(failed(&both).contains(&Gate::G8));
    let nothing = record(&[Truth::of(2.0)], 7, 1);
    assert!(judged(&nothing)[0].doubts.iter().any(|doubt| doubt.contains("No arm was measured twice")));
}
