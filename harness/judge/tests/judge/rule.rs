//! The rule of judgement on records whose truth is known.

use judge::{analyse, verdicts};
use model::analysis::Gate;
use model::plan::NotTestable;
use model::record::{AddedProcess, Observation, RunRecord, TrialOutcome};
use model::verdict::{Outcome, Verdict};

use crate::builder::{Truth, each, one, record};

pub(crate) fn judged(record: &RunRecord) -> Vec<Verdict> {
    verdicts(record, &analyse(record))
}

fn outcome(truth: Truth) -> Outcome {
    judged(&record(&[truth], 7, 1))[0].outcome
}

#[test]
fn clear_truths_get_clear_verdicts() {
    let greater = |ratio| outcome(Truth::of(ratio));
    assert_eq!([2.0, 1.0, 0.5].map(greater), [Outcome::Supported, Outcome::Refuted, Outcome::Refuted]);
    let at_most = |ratio| outcome(Truth { region: "at-most", margin: 0.1, ..Truth::of(ratio) });
    assert_eq!([1.0, 0.5, 1.3].map(at_most), [Outcome::Supported, Outcome::Supported, Outcome::Refuted]);
    let equivalent = |ratio| outcome(Truth { region: "equivalent", margin: 0.1, ..Truth::of(ratio) });
    assert_eq!([1.0, 1.3, 0.7].map(equivalent), [Outcome::Supported, Outcome::Refuted, Outcome::Refuted]);
    let non_inferior = |ratio| outcome(Truth { region: "non-inferior", margin: 0.1, ..Truth::of(ratio) });
    assert_eq!([1.0, 1.5, 0.8].map(non_inferior), [Outcome::Supported, Outcome::Supported, Outcome::Refuted]);
}

#[test]
fn latency_is_judged_like_throughput() {
    assert_eq!(outcome(Truth::latency(1.0)), Outcome::Supported);
    assert_eq!(outcome(Truth::latency(1.5)), Outcome::Refuted);
}

#[test]
fn cpu_for_each_answer_is_cores_over_throughput() {
    let mut record = record(&[Truth { region: "at-most", ..Truth::of(2.0) }], 7, 1);
    let metric = serde_json::from_value(serde_json::json!({ "cpu-per-request": {} })).expect("a metric");
    record.header.plan.experiments[0].claims[0].claim.metric = metric;
    // 0.98 cores at 330 requests a second are 2,970 µs each; twice the rate from as many cores is half of that.
    let pair = &analyse(&record).experiments[0].comparisons[0].pairs[0];
    assert!((pair.baseline / 2_970.0 - 1.0).abs() < 0.1, "{}", pair.baseline);
    let verdict = &judged(&record)[0];
    assert_eq!(verdict.outcome, Outcome::Supported);
    assert!((verdict.effect.expect("known") - 0.5).abs() < 0.02);
}

/// A record of one claim with another metric, in which every trial of an arm observed the same.
fn observing(metric: &str, observe: impl Fn(&mut Observation, bool)) -> RunRecord {
    let mut record = record(&[Truth { region: "greater", margin: 0.1, ..Truth::of(1.0) }], 6, 1);
    let planned = &mut record.header.plan.experiments[0].claims[0];
    planned.claim.metric = serde_json::from_value(serde_json::json!({ metric: {} })).expect("a metric");
    let treatment = planned.treatment.clone();
    for found in &mut record.trials {
        let TrialOutcome::Observed(observation) = &mut found.outcome else { continue };
        observe(observation, found.trial.arm == treatment);
    }
    record
}

fn numbers(record: &RunRecord) -> (f64, f64) {
    let pair = &analyse(record).experiments[0].comparisons[0].pairs[0];
    (pair.baseline, pair.treatment)
}

#[test]
fn start_and_memory_are_read_from_what_the_trial_saw() {
    let started = observing("start-up", |seen, treated| seen.phases.start_up_s = if treated { 0.5 } else { 0.25 });
    assert_eq!(numbers(&started), (250_000.0, 500_000.0));
    let held = observing("memory", |seen, treated| {
        seen.samples.server_pss_mib = Some(if treated { 90.0 } else { 60.0 });
    });
    assert_eq!(numbers(&held), (60.0, 90.0));
    let untold = observing("memory", |seen, _| seen.samples.server_pss_mib = None);
    let comparison = &analyse(&untold).experiments[0].comparisons[0];
    assert!(
        comparison.missing[0].reason.contains("memory of the server's processes was not sampled"),
        "{comparison:?}"
    );
}

#[test]
fn the_time_to_the_steady_rate_is_of_the_start_and_the_first_seconds_and_asks_for_no_settled_run() {
    let warming = |seen: &mut Observation| {
        let seconds = &mut seen.streams[0].seconds;
        let last = seconds.len() as u64;
        (1..).zip(seconds).for_each(|(second, point)| point.completed = point.completed * second / last);
    };
    let record = observing("time-to-steady-rate", |seen, treated| {
        seen.phases.start_up_s = if treated { 0.5 } else { 0.25 };
        let before: &[u32] = if treated { &[5, 20, 40, 60] } else { &[30] };
        seen.streams[0].tenths = [before, &[100; 26]].concat();
        warming(seen);
    });
    assert_eq!(numbers(&record), (250_000.0 + 200_000.0, 500_000.0 + 500_000.0));
    let steady = |record: &RunRecord| judged(record)[0].gates.iter().find(|gate| gate.gate == Gate::G7).cloned();
    let found = steady(&record).expect("it was asked");
    assert!(found.pass && found.detail.starts_with("does not apply"), "{found:?}");
    let throughput = observing("throughput", |seen, _| warming(seen));
    assert!(!steady(&throughput).expect("it was asked").pass, "the same runs are not settled");
    let untold = observing("time-to-steady-rate", |seen, _| seen.streams[0].tenths = vec![100; 19]);
    assert!(analyse(&untold).experiments[0].comparisons[0].missing[0].reason.contains("two seconds"), "too few");
}

#[test]
fn an_added_process_is_timed_from_when_it_was_asked_for_and_unanswered_gives_no_number() {
    let record = observing("time-to-added-process", |seen, treated| {
        let answered_s = Some(if treated { 2.0 } else { 1.0 });
        seen.added = Some(AddedProcess { asked_s: 0.5, answered_s });
    });
    assert_eq!(numbers(&record), (500_000.0, 1_500_000.0));
    let untold = |added: Option<AddedProcess>| {
        let record = observing("time-to-added-process", |seen, _| {
            (seen.added, seen.phases.measure_s) = (added, 10.0);
        });
        analyse(&record).experiments[0].comparisons[0].missing[0].reason.clone()
    };
    assert!(untold(None).contains("a process that was added"));
    let unanswered = untold(Some(AddedProcess { asked_s: 0.5, answered_s: None }));
    assert!(unanswered.contains("did not answer within 9.5 s") && unanswered.contains("longer"), "{unanswered}");
}

#[test]
fn attacks_that_were_not_stopped_are_the_result_and_fail_no_gate() {
    let record = observing("attacks-stopped", |seen, treated| {
        let stream = &mut seen.streams[0];
        let hit = if treated { 0 } else { 9 };
        (stream.sent, stream.completed) = (29, 29 - hit);
        stream.errors = (0..hit).map(|number| (format!("attack {number}: status 200"), 1)).collect();
        (seen.server.requests_counted, seen.server.requests_answered) = (29, 29);
    });
    assert_eq!(numbers(&record), (20.0, 29.0));
    let verdict = &judged(&record)[0];
    assert_eq!(verdict.outcome, Outcome::Supported, "{verdict:?}");
    assert!(verdict.gates.iter().all(|gate| gate.pass), "{:?}", verdict.gates);
}

#[test]
fn the_effect_and_its_interval_are_ratios() {
    let verdict = &judged(&record(&[Truth::of(2.0)], 7, 1))[0];
    let (effect, low, high) =
        (verdict.effect.expect("known"), verdict.low.expect("known"), verdict.high.expect("known"));
    assert!(low < effect && effect < high && (1.9..2.1).contains(&effect), "{low} {effect} {high}");
    assert_eq!(verdict.confidence, Some(0.9));
    assert_eq!((verdict.region.above, verdict.region.below), (Some(1.5), None));
    assert_eq!(verdict.p_sign_flip, Some(1.0 / 128.0));
}

#[test]
fn what_straddles_says_how_many_blocks_would_settle_it() {
    let verdict = &judged(&record(&[Truth { spread: 0.12, ..Truth::of(1.6) }], 7, 3))[0];
    assert_eq!(verdict.outcome, Outcome::Inconclusive);
    assert!(
        verdict.reason.starts_with("It could be either") && verdict.reason.contains("would settle it"),
        "{}",
        verdict.reason
    );
}

#[test]
fn a_design_that_cannot_win_is_refused() {
    let four = judged(&record(&[Truth { spread: 0.001, ..Truth::of(2.0) }], 4, 1));
    assert_eq!(four[0].outcome, Outcome::Inconclusive);
    assert!(four[0].reason.contains("It needs 5 blocks"), "{}", four[0].reason);
    let five = judged(&record(&[Truth { spread: 0.001, ..Truth::of(2.0) }], 5, 1));
    assert_eq!(five[0].outcome, Outcome::Supported);
    let single = judged(&record(&[Truth::of(2.0)], 1, 1));
    assert!(single[0].reason.contains("with 1 block even a perfect result"), "{}", single[0].reason);
}

#[test]
fn a_family_shares_its_error() {
    let claims = ["one", "two", "three", "four"];
    let family: Vec<Truth> = claims.map(|claim| Truth { claim, spread: 0.001, ..Truth::of(2.0) }).into();
    // Four claims at 5 % need 2⁻ⁿ ≤ 0.0125: seven blocks.
    assert!(judged(&record(&family, 6, 1)).iter().all(|verdict| verdict.outcome == Outcome::Inconclusive));
    let seven = judged(&record(&family, 7, 1));
    assert!(seven.iter().all(|verdict| verdict.outcome == Outcome::Supported));
    let mut tails: Vec<f64> = seven.iter().map(|verdict| (1.0 - verdict.confidence.expect("known")) / 2.0).collect();
    tails.sort_by(f64::total_cmp);
    for (tail, expected) in tails.iter().zip([0.0125, 0.05 / 3.0, 0.025, 0.05]) {
        assert!((tail - expected).abs() < 1e-12, "{tails:?}");
    }
}

#[test]
fn other_families_do_not_count() {
    let truths = [Truth::of(2.0), Truth { claim: "other", family: "other", ..Truth::of(2.0) }];
    assert!(judged(&record(&truths, 7, 1)).iter().all(|verdict| verdict.confidence == Some(0.9)));
}

#[test]
fn a_failed_control_withholds_its_family() {
    let control = |ratio| Truth { claim: "processes-scale", role: "control", ..Truth::of(ratio) };
    let with = |ratio| judged(&record(&[control(ratio), Truth::of(2.0)], 7, 1));
    assert_eq!(with(2.0)[1].outcome, Outcome::Supported);
    let failed = &with(1.0)[1];
    assert_eq!(failed.outcome, Outcome::Inconclusive);
    assert!(failed.reason.contains("`processes-scale`") && failed.reason.contains("refuted"), "{}", failed.reason);
    assert!(failed.effect.is_some());
}

#[test]
fn a_withdrawn_claim_has_no_verdict_and_is_no_control() {
    let control = Truth { claim: "processes-scale", role: "control", ..Truth::of(2.0) };
    let mut record = record(&[control, Truth::of(2.0)], 7, 1);
    let withdrawn = model::record::Withdrawn {
        claim: serde_json::from_value("processes-scale".into()).expect("a name"),
        reason: "its servers were another's".to_owned(),
        on: "2026-11-29T17:00:00Z".to_owned(),
    };
    record.withdrawn.push(withdrawn);
    let verdicts = judged(&record);
    assert_eq!(verdicts[0].outcome, Outcome::Inconclusive);
    assert!(verdicts[0].effect.is_some(), "what was measured stays");
    let reason = "Withdrawn on 2026-11-29, since a fault of the measurement was found: its servers were another's.";
    assert_eq!(verdicts[0].reason, reason);
    assert_eq!(verdicts[1].outcome, Outcome::Inconclusive, "its control shows nothing");
}

#[test]
fn a_named_control_of_another_family_counts_too() {
    let control = |ratio| Truth { claim: "machine-scales", family: "machine", role: "control", ..Truth::of(ratio) };
    let claim = Truth { controls: vec!["machine-scales"], ..Truth::of(2.0) };
    let with = |ratio| judged(&record(&[control(ratio), claim.clone()], 7, 1))[1].outcome;
    assert_eq!((with(2.0), with(1.0)), (Outcome::Supported, Outcome::Inconclusive));
    let alone = &judged(&record(&[claim], 7, 1))[0];
    assert_eq!(alone.outcome, Outcome::Inconclusive);
    assert!(alone.reason.contains("was not part of the run"), "{}", alone.reason);
}

#[test]
fn what_could_not_be_tested_says_why_and_what_mends_it() {
    let mut record = record(&[Truth::of(2.0)], 7, 1);
    record.header.plan.not_testable.push(NotTestable {
        claim: serde_json::from_value("gil-off".into()).expect("a name"),
        statement: "s".to_owned(),
        family: serde_json::from_value("gil".into()).expect("a name"),
        reason: "there is no free-threaded Python".to_owned(),
        remedy: "install python3.14t".to_owned(),
        shown: None,
    });
    let verdict = &judged(&record)[1];
    assert_eq!(verdict.outcome, Outcome::NotTestable);
    assert_eq!(verdict.reason, "there is no free-threaded Python. To mend it: install python3.14t.");
}

#[test]
fn unanswered_requests_never_flatter() {
    // The treatment looks twice as fast at p99, but a twentieth of its requests were still unanswered at the end.
    let truth = Truth { region: "at-most", ..Truth::latency(0.5) };
    let mut record = record(&[truth], 7, 1);
    assert_eq!(judged(&record)[0].outcome, Outcome::Supported);
    for index in 0..record.trials.len() {
        if record.trials[index].trial.arm.0.contains("threads=4") {
            one(&mut record, index, |observation| {
                let stream = &mut observation.streams[0];
                stream.completed -= 250;
                stream.unanswered = 250;
            });
        }
    }
    let verdict = &judged(&record)[0];
    assert_eq!(verdict.outcome, Outcome::Inconclusive);
    assert_eq!(verdict.high, None);
    assert!(verdict.low.is_some() && verdict.reason.contains("leave open how much more"), "{}", verdict.reason);
    assert!(verdict.doubts.iter().any(|doubt| doubt.contains("unanswered")), "{:?}", verdict.doubts);
}

#[test]
fn unanswered_requests_still_show_what_they_show() {
    // The treatment is at least four times slower; how much slower is open, and does not matter to "more than 1.1 times".
    let truth = Truth { region: "greater", ..Truth::latency(4.0) };
    let mut record = record(&[truth], 7, 1);
    each(&mut record, |observation| {
        let stream = &mut observation.streams[0];
        if stream.seconds[0].response_us_p50 > Some(4_000.0) {
            stream.completed -= 250;
            stream.unanswered = 250;
        }
    });
    let verdict = &judged(&record)[0];
    assert_eq!((verdict.outcome, verdict.high), (Outcome::Supported, None));
}

#[test]
fn an_open_baseline_leaves_the_lower_end_open() {
    // The treatment looks four times slower, but how slow the baseline is nobody knows.
    let truth = Truth { region: "greater", ..Truth::latency(4.0) };
    let mut record = record(&[truth], 7, 1);
    each(&mut record, |observation| {
        let stream = &mut observation.streams[0];
        if stream.seconds[0].response_us_p50 < Some(4_000.0) {
            stream.completed -= 250;
            stream.unanswered = 250;
        }
    });
    let verdict = &judged(&record)[0];
    assert_eq!((verdict.outcome, verdict.low), (Outcome::Inconclusive, None));
    assert!(verdict.high.is_some());
}
