//! The attacks of a workload as a table: what is tried, what a safe server answers, and whom it was not stopped by.

use std::collections::BTreeSet;

use maud::{Markup, html};
use model::define::attack::{Attack, SafeAnswer};
use model::define::workload::Stream;
use model::record::TrialOutcome;

use crate::joined::Run;
use crate::site::parts::{table, text};

/// The attacks of a stream, with what became of them in all trials of its workload.
pub(crate) fn attacks(run: &Run<'_>, workload: &str, stream: &Stream) -> Markup {
    let rows: Vec<Vec<Markup>> = stream.attacks.iter().map(|attack| row(run, workload, attack)).collect();
    let caption = format!("Attacks of {}, each tried once in a trial", stream.name);
    html! {
        section aria-labelledby={ "stream-" (stream.name) } {
            h2 id={ "stream-" (stream.name) } { "Stream " (stream.name) ": attacks" }
            (table(&caption, &["Attack", "Request", "A safe answer", "Not stopped by"], &rows))
        }
    }
}

fn row(run: &Run<'_>, workload: &str, attack: &Attack) -> Vec<Markup> {
    let hit = hit(run, workload, attack);
    vec![
        text(&attack.name),
        html! { code { (attack.method.as_str()) " " (attack.path) } },
        text(safe(&attack.safe)),
        text(if hit.is_empty() { "nobody".to_owned() } else { hit.into_iter().collect::<Vec<_>>().join("; ") }),
    ]
}

/// The arms that an attack hit, each with what it answered.
fn hit(run: &Run<'_>, workload: &str, attack: &Attack) -> BTreeSet<String> {
    let begin = format!("{}: ", attack.name);
    let mut hit = BTreeSet::new();
    for found in &run.record.trials {
        let plan = &run.record.header.plan;
        let here =
            plan.experiments.get(found.trial.experiment).is_some_and(|own| own.workload.name.as_str() == workload);
        let (true, TrialOutcome::Observed(observation), Some(arm)) = (here, &found.outcome, plan.arm(&found.trial))
        else {
            continue;
        };
        let errors = observation.streams.iter().flat_map(|stream| stream.errors.keys());
        hit.extend(errors.filter_map(|error| error.strip_prefix(&begin)).map(|how| format!("{} ({how})", arm.label)));
    }
    hit
}

fn safe(safe: &SafeAnswer) -> String {
    let mut parts = Vec::new();
    if !safe.status.is_empty() {
        let codes: Vec<String> = safe.status.iter().map(u16::to_string).collect();
        parts.push(format!("status {}", codes.join(" or ")));
    }
    if !safe.one_header_of.is_empty() {
        parts.push(format!("a header {}", safe.one_header_of.join(" or ")));
    }
    parts.extend(safe.lacks.as_ref().map(|text| format!("no “{text}” in the body")));
    parts.extend(safe.json.as_ref().map(|json| format!("JSON with {json}")));
    parts.join("; ")
}
