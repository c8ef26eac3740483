//! Two runs of known truths, compared.

use judge::compare_runs;
use model::change::Changed;

use crate::builder::{Truth, each, record};

fn run(baseline: f64, seed: u64) -> model::record::RunRecord {
    record(&[Truth { baseline, spread: 0.01, margin: 0.1, ..Truth::of(2.0) }], 8, seed)
}

#[test]
fn what_did_not_change_is_equivalent_and_what_did_is_found() {
    let changes = compare_runs(&run(330.0, 1), &run(330.0, 2));
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|change| change.outcome == Changed::Equivalent), "{changes:?}");
    let changes = compare_runs(&run(330.0, 1), &run(430.0, 2));
    assert!(changes.iter().all(|change| change.outcome == Changed::Changed), "{changes:?}");
    let ratio = changes[0].ratio.expect("known");
    assert!((ratio / (430.0 / 330.0) - 1.0).abs() < 0.02 && changes[0].low < Some(ratio), "{changes:?}");
    // On the border of ten percent more it can be told neither way.
    let changes = compare_runs(&run(330.0, 1), &run(363.0, 2));
    assert!(changes.iter().all(|change| change.outcome == Changed::CannotTell), "{changes:?}");
}

#[test]
fn the_order_of_the_runs_turns_the_ratio_over() {
    let (there, back) = (compare_runs(&run(330.0, 1), &run(430.0, 2)), compare_runs(&run(430.0, 2), &run(330.0, 1)));
    for (there, back) in there.iter().zip(&back) {
        assert!((there.ratio.expect("known") * back.ratio.expect("known") - 1.0).abs() < 1e-9);
        assert!((there.low.expect("known") * back.high.expect("known") - 1.0).abs() < 1e-9);
    }
}

#[test]
fn what_fails_a_gate_cannot_be_told() {
    let mut broken = run(430.0, 2);
    each(&mut broken, |observation| observation.server.requests_counted += 1);
    let changes = compare_runs(&run(330.0, 1), &broken);
    assert!(changes.iter().all(|change| change.outcome == Changed::CannotTell));
    assert!(changes[0].reason.starts_with("in the second run G5 (right answers) failed"), "{}", changes[0].reason);
    let single = record(&[Truth::of(2.0)], 1, 1);
    assert!(compare_runs(&single, &run(330.0, 1)).iter().all(|change| change.outcome == Changed::CannotTell));
    let mut other = run(330.0, 1);
    other.header.plan.experiments.clear();
    assert!(compare_runs(&run(330.0, 1), &other).is_empty());
}
