//! Each format against what its consumers ask of it: the HdrHistogram library reads the logs, percentiles agree with its own, and
//! the JSON and XML hold what the published formats name, hostile text included.

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use hostile::hostile;
use model::verdict::Outcome;
use report::Artifact;
use serde_json::Value;
use support::canonical;

fn text(artifacts: &[Artifact], path: &str) -> String {
    let found = artifacts.iter().find(|artifact| artifact.path == path).unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8(found.bytes.clone()).expect("UTF-8")
}

fn json(artifacts: &[Artifact], path: &str) -> Value {
    serde_json::from_str(&text(artifacts, path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The intervals of a log as the library reads them: tag, length in s, and the histogram.
fn intervals(log: &str) -> Vec<(String, f64, Histogram<u64>)> {
    let entries = IntervalLogIterator::new(log.as_bytes()).map(|entry| entry.expect("an entry of the log"));
    entries
        .filter_map(|entry| match entry {
            LogEntry::Interval(found) => {
                let bytes = STANDARD.decode(found.encoded_histogram()).expect("base64");
                let histogram = Deserializer::new().deserialize(&mut bytes.as_slice()).expect("a histogram");
                Some((found.tag().expect("a tag").as_str().to_owned(), found.duration().as_secs_f64(), histogram))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn the_library_reads_every_log_and_finds_the_percentiles_of_the_table() {
    let artifacts = canonical().render();
    let mut compared = 0;
    for artifact in artifacts.iter().filter(|artifact| artifact.path.ends_with(".hlog")) {
        let found = intervals(&text(&artifacts, &artifact.path));
        let Some((_, _, first)) = found.first() else { continue };
        let mut pooled = Histogram::<u64>::new_from(first);
        for (block, (tag, length_s, histogram)) in found.iter().enumerate() {
            assert!(tag.starts_with("block-") && block < 6, "{tag}");
            assert!((length_s - 4.0).abs() < 1e-6);
            pooled.add(histogram).expect("alike");
        }
        let table = text(&artifacts, &artifact.path.replace(".hlog", ".hgrm"));
        for line in table.lines().skip(2).filter(|line| !line.starts_with('#')) {
            let cells: Vec<f64> = line.split_whitespace().filter_map(|cell| cell.parse().ok()).collect();
            let own_ms = pooled.value_at_quantile(cells[1]) as f64 / 1e6;
            assert!((cells[0] - own_ms).abs() <= own_ms * 0.002 + 0.001, "{}: {line} but {own_ms}", artifact.path);
            compared += 1;
        }
        let last = table.lines().rev().find(|line| !line.starts_with('#')).expect("a last line");
        assert!(last.contains("1.000000000000") && last.contains(&pooled.len().to_string()), "{last}");
    }
    assert!(compared > 200, "{compared}");
}

/// bencher.dev/docs/reference/bencher-metric-format: names to measures to at most three numbers.
#[test]
fn bencher_gets_names_measures_and_bounds() {
    let parsed = json(&canonical().render(), "bencher.json");
    let mut bounded = 0;
    for (name, measures) in parsed.as_object().expect("an object") {
        assert!(!name.is_empty() && name.len() <= 1024, "{name}");
        for (measure, metric) in measures.as_object().expect("measures") {
            assert!(measure.len() <= 64 && measure.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{measure}");
            let metric = metric.as_object().expect("a metric");
            assert!(metric["value"].is_f64() || metric["value"].is_i64(), "{name}");
            let known = ["value", "lower_value", "upper_value"];
            assert!(
                metric.iter().all(|(member, value)| known.contains(&member.as_str()) && value.is_number()),
                "{name}"
            );
            let bound = |name: &str, or: f64| metric.get(name).and_then(Value::as_f64).unwrap_or(or);
            let value = metric["value"].as_f64().expect("a number");
            assert!(bound("lower_value", value) <= value && value <= bound("upper_value", value), "{name} {measure}");
            bounded += usize::from(metric.len() == 3);
        }
    }
    assert!(bounded > 50, "{bounded}");
    assert!(parsed["claim/gil-threads"]["effect-ratio"]["upper_value"].is_number());
}

/// github.com/benchmark-action/github-action-benchmark, README, "customBiggerIsBetter".
#[test]
fn the_benchmark_action_gets_entries_that_are_told_apart() {
    let artifacts = canonical().render();
    for (path, expected, unexpected) in [
        ("benchmark-bigger.json", "throughput", "response-time"),
        ("benchmark-smaller.json", "response-time-p99", "throughput"),
    ] {
        let parsed = json(&artifacts, path);
        let entries = parsed.as_array().expect("an array");
        let names: Vec<&str> = entries.iter().map(|entry| entry["name"].as_str().expect("a name")).collect();
        let own: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(own.len(), names.len(), "{path}: a name stands twice");
        assert!(
            names.iter().any(|name| name.ends_with(expected)) && !names.iter().any(|name| name.contains(unexpected))
        );
        for entry in entries {
            assert!(entry["value"].is_number() && entry["unit"].is_string() && entry["range"].is_string(), "{entry}");
        }
    }
}

#[test]
fn junit_counts_what_it_holds() {
    let run = canonical();
    let xml = text(&run.render(), "junit.xml");
    let of = |outcome| run.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
    let skipped = of(Outcome::Inconclusive) + of(Outcome::NotTestable);
    let head = format!(
        "<testsuites name=\"claimbench\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
        run.verdicts.len(),
        of(Outcome::Refuted)
    );
    assert!(xml.contains(&head), "{head}");
    assert_eq!(xml.matches("<testcase ").count(), run.verdicts.len());
    assert_eq!(xml.matches("</testcase>").count(), run.verdicts.len());
    assert_eq!(xml.matches("<failure ").count(), of(Outcome::Refuted));
    assert_eq!(xml.matches("<skipped ").count(), skipped);
    assert_eq!(xml.matches("</skipped>").count(), skipped);
}

#[test]
fn hostile_text_breaks_no_format_and_leaves_no_folder() {
    let run = hostile(canonical());
    let artifacts = run.render();
    let xml = text(&artifacts, "junit.xml");
    assert!(!xml.contains("<script") && xml.matches("</testcase>").count() == run.verdicts.len());
    assert!(!xml.chars().any(|c| c.is_control() && c != '\n'), "a control character is no XML");
    for artifact in &artifacts {
        assert!(!artifact.path.contains("..") && !artifact.path.starts_with('/'), "{}", artifact.path);
        if artifact.path.ends_with(".json") {
            json(&artifacts, &artifact.path);
        }
        if artifact.path.ends_with(".hlog") {
            intervals(&text(&artifacts, &artifact.path));
        }
    }
}

/// They are called what they are wherever they stand, and no verdict has anything of them.
#[test]
fn proxies_are_called_so_and_stand_apart_from_the_verdicts() {
    let mut run = canonical();
    let artifacts = run.render();
    for page in ["not-tested.html", "servers.html"] {
        let page = text(&artifacts, page);
        for shown in ["Proxies, of which no verdict comes", "1,234", "13,574", "4.30 s", "3.00 MiB", "(start-up "] {
            assert!(page.contains(shown), "{shown}");
        }
    }
    let data = json(&artifacts, "proxies.json");
    assert_eq!((&data["version"], &data["proxies"][0]["source"]["tokens"]), (&1.into(), &13_574.into()));
    let with = text(&artifacts, "verdicts.json");
    run.record.header.proxies.clear();
    let artifacts = run.render();
    assert_eq!(with, text(&artifacts, "verdicts.json"));
    assert!(!artifacts.iter().any(|artifact| artifact.path == "proxies.json"));
    assert!(!text(&artifacts, "not-tested.html").contains("Proxies"));
}

#[test]
fn a_claim_about_cost_has_a_bill_and_others_have_none() {
    let mut run = canonical();
    let page = |run: &support::Canonical| text(&run.render(), "claims/gil-threads.html");
    assert!(!page(&run).contains("What a million requests would cost"));
    let claims = run.record.header.plan.experiments.iter_mut().flat_map(|experiment| &mut experiment.claims);
    for planned in claims.filter(|planned| planned.claim.id.as_str() == "gil-threads") {
        planned.claim.metric = serde_json::from_str(r#"{ "cpu-per-request": {} }"#).expect("a metric");
    }
    let page = page(&run);
    for shown in [
        "What a million requests would cost",
        "Derived, not judged",
        "$0.04048 for a core",
        "$0.004445 for a GiB",
        "61.0 MiB",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}
