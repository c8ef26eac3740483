//! How long a run takes is said beforehand, and right: what today's estimator says of the published runs' plans is held to the time that they took.

use std::fs;
use std::path::Path;

use claimbench::stored_run::read_run;

/// By how much the planned time and the real one may differ.
const OFF_MAX: f64 = 0.15;

#[test]
fn the_published_runs_took_as_long_as_their_plans_say() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let entries = fs::read_dir(results).expect("the results").map(|entry| entry.expect("an entry").path());
    let mut compared = 0;
    for run in entries.filter(|path| path.join("record.ndjson.gz").is_file()) {
        let (_, record) = read_run(&run).expect("a record");
        let Some(finished) = record.finished else { continue };
        let plan = &record.header.plan;
        // How many trials a run repeats is the host's doing, so that here it is taken as it was.
        let attempts = (record.trials.len() + record.repeats.len()) as f64 / plan.trials.len() as f64;
        let planned_s = plan.expected_once().as_secs_f64() * attempts;
        let off = planned_s / finished.wall_s - 1.0;
        assert!(
            off.abs() <= OFF_MAX,
            "{}: planned {planned_s:.0} s, took {:.0} s ({:+.0} %)",
            run.display(),
            finished.wall_s,
            off * 100.0
        );
        compared += 1;
    }
    assert!(compared > 0, "no published run tells how long it took");
}
