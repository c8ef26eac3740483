//! What is shown of rooms, event streams, connections and attacks: as golden files, with gaps, and with hostile text.

#[path = "support/hostile.rs"]
mod hostile;
#[path = "support/live.rs"]
mod live;
mod support;

use hostile::hostile;
use live::live;
use model::record::{Observation, RunRecord, TransportObservation, TrialOutcome};
use report::Artifact;
use support::canonical;

const CHARTS: [&str; 6] = [
    "chat-fan-out",
    "streaming-event-gaps",
    "holds-connections-over-time",
    "built-in-attack-matrix",
    "attacks-all-attacks",
    "loop-bystanders",
];

fn find(artifacts: &[Artifact], path: &str) -> Option<String> {
    let found = artifacts.iter().find(|artifact| artifact.path == path)?;
    Some(String::from_utf8(found.bytes.clone()).expect("UTF-8"))
}

fn chart(artifacts: &[Artifact], name: &str) -> Option<String> {
    find(artifacts, &format!("charts/{name}.svg"))
}

/// The finding of a chart: its text alternative.
fn finding(artifacts: &[Artifact], name: &str) -> String {
    let chart = chart(artifacts, name).unwrap_or_else(|| panic!("no chart {name}"));
    let after = chart.split_once("<desc").expect("a finding").1;
    after.split_once('>').and_then(|(_, rest)| rest.split_once("</desc>")).expect("its end").0.to_owned()
}

fn observations(record: &mut RunRecord) -> impl Iterator<Item = &mut Observation> {
    record.trials.iter_mut().filter_map(|trial| match &mut trial.outcome {
        TrialOutcome::Observed(seen) => Some(&mut **seen),
        TrialOutcome::Failed(_) => None,
    })
}

fn transports(record: &mut RunRecord) -> impl Iterator<Item = &mut TransportObservation> {
    observations(record).flat_map(|seen| &mut seen.streams).filter_map(|stream| stream.transport.as_mut())
}

#[test]
fn each_chart_is_drawn() {
    let artifacts = live().render();
    for name in CHARTS {
        insta::assert_snapshot!(name, chart(&artifacts, name).unwrap_or_else(|| panic!("no chart {name}")));
    }
}

#[test]
fn the_findings_add_up_all_blocks() {
    let artifacts = live().render();
    let chat = finding(&artifacts, "chat-fan-out");
    assert!(chat.contains("in 6 blocks 35,982 of 36,000 deliveries came in time"), "{chat}");
    assert!(chat.contains("12 came late, 0 again and 6 out of order"), "{chat}");
    let events = finding(&artifacts, "streaming-event-gaps");
    assert!(events.contains("of 60,000 events in 6 blocks") && events.contains("18 were lost"), "{events}");
    let holds = finding(&artifacts, "holds-connections-over-time");
    assert!(holds.contains("of 1,000 connections at most 1,000 were alive at once and 0 were lost"), "{holds}");
    // 20 MiB over 1,000 connections, which the first block's noise leaves alone.
    assert!(holds.contains("gained 20.5 KiB for each") && holds.contains("gained 41.0 KiB for each"), "{holds}");
}

#[test]
fn bystanders_are_shown_with_and_without_the_background() {
    let mut run = live();
    let found = finding(&run.render(), "loop-bystanders");
    assert_eq!(found.matches("without it, half within").count(), 2, "{found}");
    assert_eq!(found.matches("times as long").count(), 2, "{found}");
    observations(&mut run.record).for_each(|seen| seen.alone.clear());
    assert!(chart(&run.render(), "loop-bystanders").is_none());
}

#[test]
fn attacks_are_stopped_or_passed() {
    let artifacts = live().render();
    let found = finding(&artifacts, "built-in-attack-matrix");
    assert!(
        found.contains("1 of 3 attacks are stopped; passed: a foreign host, a word that ends the query."),
        "{found}"
    );
    assert!(found.contains("3 of 3 attacks are stopped; none passed."), "{found}");
    let drawn = chart(&artifacts, "built-in-attack-matrix").expect("a chart");
    assert!(drawn.contains("✗ 1/6") && drawn.contains("passed in 6 of 6 trials (status 200)"));
}

/// The table on the page of the workload says of each attack whom it was not stopped by.
#[test]
fn the_table_of_attacks_names_whom_they_hit() {
    let run = live();
    let page = find(&run.render(), "workloads/attacks.html").expect("a page");
    let rows: Vec<&str> = page.split("<tr>").filter(|row| row.contains("<code>")).collect();
    let row = |name: &str| *rows.iter().find(|row| row.contains(name)).unwrap_or_else(|| panic!("no row {name}"));
    let attacks = run.record.header.plan.experiments.iter().find(|found| found.workload.name.as_str() == "attacks");
    let express = attacks.expect("planned").arms.iter().find(|arm| arm.server.as_str() == "express").expect("an arm");
    let hit = format!("<td>{} (status 200)</td>", express.label);
    let host = row("a foreign host");
    assert!(
        host.contains("<code>GET /plain</code>") && host.contains("status 400 or 403") && host.contains(&hit),
        "{host}"
    );
    let form = row("a form of another site");
    assert!(form.contains("<code>POST /pages/profile</code>") && form.contains("<td>nobody</td>"), "{form}");
    let word = row("a word that ends the query");
    assert!(word.contains("another body") && word.contains("JSON with {&quot;count&quot;:0}"), "{word}");
    assert!(page.contains("Attacks, stopped or not: The attacks"), "the matrix stands beside the table");
}

#[test]
fn what_the_record_lacks_is_left_out_and_breaks_nothing() {
    let mut run = live();
    for carried in transports(&mut run.record) {
        carried.connections.began_s = None;
        if let Some(deliveries) = &mut carried.deliveries {
            deliveries.acknowledgement = None;
            deliveries.rooms.clear();
        }
    }
    observations(&mut run.record).for_each(|seen| seen.samples = model::record::Samples::default());
    let artifacts = run.render();
    let chat = chart(&artifacts, "chat-fan-out").expect("deliveries are there");
    assert!(!chat.contains("acknowledgement") && !chat.contains("NaN"));
    let holds = chart(&artifacts, "holds-connections-over-time").expect("connections are there");
    assert!(holds.contains("The record does not say when") && !holds.contains("NaN"));
    assert!(finding(&artifacts, "holds-connections-over-time").contains("memory for each is unknown"));

    transports(&mut run.record).for_each(|carried| carried.connections.seconds.clear());
    transports(&mut run.record).filter_map(|carried| carried.events.as_mut()).for_each(|events| events.gaps.clear());
    let artifacts = run.render();
    assert!(
        chart(&artifacts, "holds-connections-over-time").is_none()
            && chart(&artifacts, "streaming-event-gaps").is_none()
    );

    run.record.trials.clear();
    let artifacts = run.render();
    assert!(CHARTS[..3].iter().all(|name| chart(&artifacts, name).is_none()));
    assert!(finding(&artifacts, "built-in-attack-matrix").contains("no trial was observed"));
}

/// A record from before transports were measured, and workloads that have none of it.
#[test]
fn other_records_have_no_such_charts() {
    let mut run = live();
    observations(&mut run.record).flat_map(|seen| &mut seen.streams).for_each(|stream| stream.transport = None);
    for artifacts in [run.render(), canonical().render()] {
        assert!(CHARTS[..3].iter().all(|name| chart(&artifacts, name).is_none()));
    }
}

#[test]
fn many_rooms_and_hostile_names_stay_readable() {
    let mut run = live();
    for deliveries in transports(&mut run.record).filter_map(|carried| carried.deliveries.as_mut()) {
        let rooms = deliveries.rooms.clone();
        deliveries.rooms = rooms.into_iter().cycle().take(95).collect();
    }
    let chat = chart(&run.render(), "chat-fan-out").expect("a chart");
    assert!(chat.contains("Room (number of the first of 5 neighbours)") && !chat.contains("mark 20:"));
    assert!(chat.contains("mark 19:"));
    let artifacts = hostile(live()).render();
    for name in CHARTS {
        let text = chart(&artifacts, name).unwrap_or_else(|| panic!("no chart {name}"));
        assert!(text.contains("&lt;script&gt;") && !text.contains("<script") && !text.contains("\" onload"), "{name}");
    }
}
