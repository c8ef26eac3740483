//! Records that are cut off, newer, damaged, or no records at all.

use model::record::{RecordError, read_record};

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
