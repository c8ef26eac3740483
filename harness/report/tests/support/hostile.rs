//! The canonical run with a hostile text in front of every text field that a record, an analysis, a verdict or a history can hold.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::Canonical;

/// What a stranger might write where a name is expected.
const HOSTILE: &str =
    "</testcase><script>alert(1)</script>\"' onload=\"alert(2)\" | `x` & \u{1b}[31m\u{0} ]]> javascript:alert(3)\n../";

/// Members whose text is no free text: names and ids that are checked when they are read, words of a fixed list, spans of time,
/// and histograms.
const KEPT: &[&str] = &[
    "id",
    "arm",
    "baseline",
    "treatment",
    "name",
    "server",
    "servers",
    "mode",
    "modes",
    "default_mode",
    "runtime",
    "runtimes",
    "default_runtime",
    "matches",
    "stream",
    "claim",
    "family",
    "workload",
    "parameter",
    "controls",
    "role",
    "language",
    "colour",
    "marker",
    "kind",
    "arrival",
    "method",
    "stage",
    "services",
    "gate",
    "verdict",
    "region",
    "limit",
    "factors",
    "warm_up",
    "measure",
    "expected",
    "timeout",
    "think",
    "step",
    "at_most",
    "response_time",
    "service_time",
    "first_byte",
    "send_lag",
    "latency",
    "acknowledgement",
    "gaps",
    "audience",
    "json_types",
];

/// The canonical run, spoilt.
pub(crate) fn hostile(mut run: Canonical) -> Canonical {
    let header = spoilt(&run.record.header);
    assert!(header != run.record.header, "nothing was spoilt");
    run.record.header = header;
    run.record.trials = spoilt(&run.record.trials);
    run.record.repeats = spoilt(&run.record.repeats);
    run.analysis = spoilt(&run.analysis);
    run.verdicts = spoilt(&run.verdicts);
    run.trends = spoilt(&run.trends);
    run
}

fn spoilt<T: Serialize + DeserializeOwned>(whole: &T) -> T {
    let mut value = serde_json::to_value(whole).expect("JSON");
    spoil(&mut value, "");
    serde_json::from_value(value).expect("a member that is no free text is missing in KEPT")
}

/// Spoils every free text.
fn spoil(value: &mut Value, member: &str) {
    match value {
        Value::String(text) if !KEPT.contains(&member) => *text = format!("{HOSTILE}{text}"),
        Value::Array(all) => all.iter_mut().for_each(|one| spoil(one, member)),
        Value::Object(members) => members.iter_mut().for_each(|(name, one)| spoil(one, name)),
        _ => {}
    }
}
