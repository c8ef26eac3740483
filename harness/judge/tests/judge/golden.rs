//! One canonical record's verdicts, word for word.

use judge::{analyse, verdicts};
use model::plan::NotTestable;
use model::record::RunRecord;

use crate::builder::{Truth, one, record, written};

/// A control and three claims of one family, one of another with a broken run, and one that could not be tested.
fn canonical() -> RunRecord {
    let control = Truth { claim: "gil-processes", role: "control", margin: 0.6, ..Truth::of(1.9) };
    let off = Truth { claim: "gil-off", ..Truth::of(1.8) };
    let threads = Truth { claim: "gil-threads", region: "at-most", margin: 0.1, ..Truth::of(1.0) };
    let released = Truth { claim: "gil-released", spread: 0.1, ..Truth::of(1.55) };
    let broken = Truth { claim: "bystander", ..Truth::latency(1.0) };
    let mut record = record(&[control, off, threads, released, broken], 7, 2);
    one(&mut record, 60, |observation| observation.server.requests_counted = 4_321);
    record.header.plan.not_testable.push(NotTestable {
        claim: serde_json::from_value("node-io".into()).expect("a name"),
        statement: "Node does I/O well.".to_owned(),
        family: serde_json::from_value("io".into()).expect("a name"),
        reason: "Node.js is missing".to_owned(),
        remedy: String::new(),
        shown: None,
    });
    record
}

#[test]
fn the_canonical_verdicts() {
    let record = canonical();
    let verdicts = verdicts(&record, &analyse(&record));
    insta::assert_snapshot!(serde_json::to_string_pretty(&verdicts).expect("JSON"));
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    let bytes = || {
        let (record, analysis) = (canonical(), analyse(&canonical()));
        serde_json::to_vec(&(&analysis, verdicts(&record, &analysis))).expect("JSON")
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_record_that_was_written_and_read_gives_the_same_verdicts() {
    let record = canonical();
    let read = model::record::read_record(&written(&record)).expect("a record");
    assert_eq!(verdicts(&read, &analyse(&read)), verdicts(&record, &analyse(&record)));
}
