//! What the canonical run looks like in each format, kept as golden files.

mod support;

use model::analysis::{Gate, GateResult};
use model::expect::Expectations;
use model::names::ClaimId;
use model::verdict::Outcome;
use support::canonical;

fn text(artifacts: &[report::Artifact], path: &str) -> String {
    let found = artifacts.iter().find(|artifact| artifact.path == path).unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8(found.bytes.clone()).expect("UTF-8")
}

#[test]
fn tables_and_data() {
    let run = canonical();
    let artifacts = run.render();
    insta::assert_snapshot!("terminal", report::terminal_table(&run.verdicts));
    insta::assert_snapshot!("markdown", report::summary_markdown(&run.record, &run.verdicts));
    insta::assert_snapshot!("verdicts_json", report::verdicts_json(&run.verdicts));
    insta::assert_snapshot!("blocks_csv", text(&artifacts, "blocks.csv"));
    assert!(report::terminal_table(&run.verdicts).lines().all(|line| line.chars().count() <= 100));
    assert_eq!(text(&artifacts, "verdicts.json"), report::verdicts_json(&run.verdicts));
}

/// Whoever gets few verdicts learns at once which check to mend; a check that failed beside a definite verdict is no part of that.
#[test]
fn checks_that_withheld_verdicts_are_counted() {
    let mut verdicts = canonical().verdicts;
    for verdict in &mut verdicts {
        verdict.outcome = Outcome::Inconclusive;
        verdict.gates = vec![GateResult::new(Gate::G13, false, "busy")];
    }
    verdicts[0].outcome = Outcome::Supported;
    verdicts[1].gates.push(GateResult::new(Gate::G8, false, "apart"));
    verdicts[2].gates = vec![GateResult::new(Gate::G13, true, "quiet")];
    let failed = verdicts.len() - 2;
    let said = report::terminal_table(&verdicts);
    let last = format!(
        "Of the inconclusive, {failed} failed a check of the measurement: G13 (quiet host) {failed}, G8 (A/A) 1. A machine\nthat nothing else uses passes G13.\n"
    );
    assert!(said.ends_with(&last), "{said}");
}

/// Formats for other tools.
#[test]
fn data_for_other_tools() {
    let artifacts = canonical().render();
    for (name, path) in [
        ("bencher_json", "bencher.json"),
        ("benchmark_bigger_json", "benchmark-bigger.json"),
        ("benchmark_smaller_json", "benchmark-smaller.json"),
        ("junit_xml", "junit.xml"),
        ("verdicts_schema_json", "verdicts.schema.json"),
    ] {
        insta::assert_snapshot!(name, text(&artifacts, path));
    }
}

/// With expectations, what is expected passes and what is not fails, whatever the verdict; other claims are as without.
#[test]
fn tests_of_claims_with_expectations() {
    let mut run = canonical();
    let of = |wanted| {
        let mut of_outcome = run.verdicts.iter().filter(|verdict| verdict.outcome == wanted);
        of_outcome.next().map(|verdict| verdict.claim.clone()).expect("one of each")
    };
    let (supported, refuted) = (of(Outcome::Supported), of(Outcome::Refuted));
    let (inconclusive, not_testable) = (of(Outcome::Inconclusive), of(Outcome::NotTestable));
    let without = text(&run.render(), "junit.xml");
    run.expected = Expectations {
        supported: [inconclusive.clone(), not_testable.clone()].into(),
        refuted: [supported.clone(), refuted.clone()].into(),
        inconclusive: [].into(),
        not_testable: [not_testable.clone()].into(),
    };
    let xml = text(&run.render(), "junit.xml");
    let case = |claim: &ClaimId| {
        let mut cases = xml.split("<testcase ").skip(1).filter_map(|case| case.split("</testcase>").next());
        let own = cases.find(|case| case.contains(&format!("name=\"{claim}\"")));
        own.unwrap_or_else(|| panic!("no {claim}")).to_owned()
    };
    for claim in [&refuted, &not_testable] {
        assert!(!case(claim).contains("<failure") && !case(claim).contains("<skipped"), "{claim} is as expected");
    }
    assert!(case(&supported).contains("message=\"Expected to be refuted, and is supported: "), "{}", case(&supported));
    assert!(case(&inconclusive).contains("Expected to be supported, and is inconclusive"), "{}", case(&inconclusive));
    let failures = |xml: &str| xml.matches("<failure ").count();
    assert_eq!(failures(&xml), failures(&without) + 1, "one less that is refuted, and two that are not as expected");
    insta::assert_snapshot!("junit_expected_xml", xml);
}

/// The histograms of an arm: the table by percentile as it is, of the log all but the histograms themselves.
#[test]
fn histograms_of_an_arm() {
    let artifacts = canonical().render();
    let path = |ending: &str| {
        let of_arm = |artifact: &&report::Artifact| {
            artifact.path.starts_with("histograms/")
                && artifact.path.contains("express")
                && artifact.path.ends_with(ending)
        };
        artifacts.iter().find(of_arm).map(|artifact| artifact.path.clone()).expect("an arm")
    };
    insta::assert_snapshot!("hgrm", text(&artifacts, &path("bystander.hgrm")));
    let log = text(&artifacts, &path("bystander.hlog"));
    let short = |line: &str| match line.split_once("HIST") {
        Some((start, histogram)) => {
            format!("{start}HIST… ({} more)", if histogram.len() > 100 { "some" } else { "no" })
        }
        None => line.to_owned(),
    };
    insta::assert_snapshot!("hlog", log.lines().map(short).collect::<Vec<_>>().join("\n"));
}

/// The JSON is an interface: its names may grow, but not change.
#[test]
fn verdicts_json_keeps_its_names() {
    let json: serde_json::Value = serde_json::from_str(&report::verdicts_json(&canonical().verdicts)).unwrap();
    let first = &json[0];
    for name in ["claim", "verdict", "effect", "low", "high", "reason", "gates"] {
        assert!(first.get(name).is_some(), "{name}");
    }
    let outcomes: Vec<&str> =
        json.as_array().unwrap().iter().filter_map(|verdict| verdict["verdict"].as_str()).collect();
    for outcome in ["supported", "refuted", "inconclusive", "not_testable"] {
        assert!(outcomes.contains(&outcome), "{outcome}");
    }
    for name in ["gate", "pass", "detail"] {
        assert!(first["gates"][0].get(name).is_some(), "{name}");
    }
}

#[test]
fn one_chart_of_each_kind() {
    let artifacts = canonical().render();
    for name in [
        "effects",
        "gil-threads-effect",
        "gil-threads-by-level",
        "loop-blocking-response-time-quantiles",
        "loop-blocking-block-pairs",
        "loop-blocking-latency-over-time-treatment",
        "loop-blocking-latency-ecdf",
        "loop-blocking-latency-heat-treatment",
        "loop-blocking-memory-over-time",
        "node-io-latency-by-rate",
        "gil-threads-cpu-per-million",
    ] {
        insta::assert_snapshot!(name, text(&artifacts, &format!("charts/{name}.svg")));
    }
}

#[test]
fn the_index_page() {
    insta::assert_snapshot!("index_html", text(&canonical().render(), "index.html").replace("><", ">\n<"));
}

#[test]
fn the_machine_page() {
    let page = text(&canonical().render(), "machine.html").replace("><", ">\n<");
    insta::assert_snapshot!("machine_html", page);
}
