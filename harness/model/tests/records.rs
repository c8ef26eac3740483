//! Records that are cut off, newer, damaged, or no records at all; and several attempts at one trial.

use model::machine::Layout;
use model::record::{
    Contention, Hiccups, Line, Observation, RecordError, RunRecord, Stage, TrialFailure, TrialOutcome, TrialRecord,
    read_record,
};

/// The golden record of format 1: every past format has one, and keeps loading.
const FORMAT_1: &str = include_str!("records/format-1.ndjson");

#[test]
fn the_golden_record_of_format_1_loads() {
    let record = read_record(FORMAT_1).expect("format 1 loads");
    assert_eq!(record.header.format, 1);
    assert!(!record.trials.is_empty() && !record.calibrations.is_empty() && record.finished.is_some());
    assert!(!record.cut_off);
}

#[test]
fn a_last_line_that_was_cut_off_is_left_out_and_said_so() {
    let whole = read_record(FORMAT_1).expect("it loads").trials.len();
    let without_last = FORMAT_1.trim_end().rsplit_once('\n').expect("several lines").0;
    let record = read_record(&without_last[..without_last.len() - 40]).expect("a cut-off record still loads");
    assert!(record.cut_off);
    assert_eq!(record.trials.len(), whole - 1);
}

#[test]
fn a_damaged_line_in_the_middle_is_named() {
    let mut lines: Vec<&str> = FORMAT_1.lines().collect();
    lines[1] = "{\"calibration\": 3}";
    let error = read_record(&(lines.join("\n") + "\n")).expect_err("damaged");
    assert!(matches!(error, RecordError::Damaged { line: 2, .. }), "{error}");
}

#[test]
fn a_newer_format_and_a_strange_file_are_told_apart() {
    let newer = FORMAT_1.replacen("\"format\":1", "\"format\":999", 1);
    assert!(matches!(read_record(&newer), Err(RecordError::Newer { found: 999 })));
    for strange in ["", "hello\n", "{}\n", "[1,2]\n", "{\"trial\":{}}\n"] {
        assert!(matches!(read_record(strange), Err(RecordError::NotARecord { .. })), "{strange:?}");
    }
}

/// The first line of the golden record, then these attempts.
fn record_of(attempts: &[&TrialRecord]) -> RunRecord {
    let header = FORMAT_1.lines().next().expect("a header").to_owned();
    let line =
        |attempt: &&TrialRecord| serde_json::to_string(&Line::Trial(Box::new((*attempt).clone()))).expect("JSON");
    let lines: Vec<String> = std::iter::once(header).chain(attempts.iter().map(line)).collect();
    read_record(&(lines.join("\n") + "\n")).expect("it loads")
}

fn first_trial() -> TrialRecord {
    read_record(FORMAT_1).expect("it loads").trials.swap_remove(0)
}

/// What the first trial of the golden record observed, on a host that was quiet.
fn quiet() -> Observation {
    let TrialOutcome::Observed(seen) = first_trial().outcome else { panic!("the first trial was observed") };
    let mut seen = *seen;
    seen.samples.stolen.values_mut().for_each(|shares| shares.fill(0.0));
    seen.hiccups.clear();
    seen
}

fn stall(cpu: u16, share: f64, seen: &Observation) -> Hiccups {
    let lost_s = share * seen.phases.measure_s;
    Hiccups { cpu, wakes: 100, max_us: lost_s * 1e6, p99_us: 100.0, lost_s, real_time: true, contention: None }
}

fn attempt(lost_share: f64) -> TrialRecord {
    let mut seen = quiet();
    seen.hiccups = vec![stall(1, lost_share, &seen)];
    TrialRecord { outcome: TrialOutcome::Observed(Box::new(seen)), ..first_trial() }
}

fn failed_attempt() -> TrialRecord {
    let failure = TrialFailure { stage: Stage::Drive, reason: "it ended".to_owned(), log_tail: String::new() };
    TrialRecord { outcome: TrialOutcome::Failed(failure), ..first_trial() }
}

#[test]
fn the_attempt_from_which_the_host_took_less_counts_whatever_the_order() {
    let (calm, rough, rougher) = (attempt(0.01), attempt(0.2), attempt(0.4));
    let (calm, rough, rougher) = (&calm, &rough, &rougher);
    for order in [[calm, rough, rougher], [rough, calm, rougher], [rougher, rough, calm], [rough, rougher, calm]] {
        let record = record_of(&order);
        assert_eq!(record.trials, std::slice::from_ref(calm));
        assert_eq!(record.repeats.len(), 2);
        assert!(record.repeats.contains(rough) && record.repeats.contains(rougher));
    }
    let (first, mut second) = (attempt(0.1), attempt(0.1));
    if let TrialOutcome::Observed(seen) = &mut second.outcome {
        seen.began_s += 9.0;
    }
    assert_eq!(record_of(&[&first, &second]).trials, [first], "of two alike the first counts");
}

#[test]
fn an_attempt_that_failed_never_replaces_an_observed_one() {
    let (seen, failed) = (attempt(0.4), failed_attempt());
    for order in [[&seen, &failed], [&failed, &seen]] {
        let record = record_of(&order);
        assert_eq!(record.trials, std::slice::from_ref(&seen));
        assert_eq!(record.repeats, std::slice::from_ref(&failed));
    }
}

#[test]
fn attempts_at_another_trial_are_no_repeats() {
    let mut other = attempt(0.0);
    other.trial = read_record(FORMAT_1).expect("it loads").trials[1].trial.clone();
    let record = record_of(&[&attempt(0.4), &other]);
    assert_eq!((record.trials.len(), record.repeats.len()), (2, 0));
}

#[test]
fn the_lost_share_is_of_the_layouts_processors_in_the_window() {
    let layout = Layout { generator: vec![0], server: vec![1], services: vec![0] };
    let lost = |seen: &Observation| seen.lost_share(Some(&layout));
    let mut seen = quiet();
    assert_eq!(lost(&seen), 0.0);
    seen.hiccups = vec![stall(1, 0.2, &seen), stall(0, 0.1, &seen)];
    assert!((lost(&seen) - 0.2).abs() < 1e-9, "the greatest of both counts, not their sum: {}", lost(&seen));

    seen.hiccups = vec![stall(7, 0.2, &seen)];
    assert_eq!(lost(&seen), 0.0, "a processor outside the layout");
    assert!((seen.lost_share(None) - 0.2).abs() < 1e-9, "without a layout every processor counts");

    seen.hiccups = vec![Hiccups { real_time: false, ..stall(1, 0.2, &seen) }];
    assert_eq!(lost(&seen), 0.0, "a thread of ordinary priority sees the server's load");

    let contention = Contention { timings: 60, slowed_share: 0.5, mean_us: 8.0, own_us: 6.3 };
    seen.hiccups = vec![Hiccups { contention: Some(contention), ..stall(1, 0.0, &seen) }];
    assert!((lost(&seen) - 0.25).abs() < 1e-9, "half of the time in which something else used the server's core");
    seen.hiccups = vec![Hiccups { contention: Some(contention), ..stall(0, 0.0, &seen) }];
    assert_eq!(lost(&seen), 0.0, "beside the generator alone it slows no server");
}

#[test]
fn stolen_time_outside_the_window_or_the_layout_is_not_lost() {
    let layout = Layout { generator: vec![0], server: vec![1], services: vec![0] };
    let mut seen = quiet();
    let end_s = seen.phases.measure_s;
    // One sample in the warm-up, one at its end, two in the window, one after it.
    seen.samples.at_s = vec![-0.1, 0.0, end_s / 2.0, end_s, end_s + 0.1];
    for (cpu, shares, lost) in [
        (1, [0.9, 0.9, 0.0, 0.0, 0.9], 0.0),
        (1, [0.0, 0.0, 0.1, 0.3, 0.0], 0.2),
        (0, [0.0, 0.0, 0.1, 0.3, 0.0], 0.2),
        (7, [0.0, 0.0, 0.1, 0.3, 0.0], 0.0),
    ] {
        seen.samples.stolen = [(cpu, shares.to_vec())].into();
        let found = seen.lost_share(Some(&layout));
        assert!((found - lost).abs() < 1e-9, "processor {cpu}: {found} instead of {lost}");
    }
}
