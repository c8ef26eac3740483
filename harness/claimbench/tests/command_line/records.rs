//! What the commands make of a run record: judged, drawn, and refused where it is none.

use std::fs;
use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::{GOLDEN_RECORD, claimbench, root};

#[test]
fn what_is_no_record_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    claimbench().arg("judge").arg(folder.path()).assert().code(64).stderr(contains("is no run"));
    let strange = folder.path().join("record.ndjson");
    fs::write(&strange, "hello\n").expect("a file");
    claimbench().arg("judge").arg(&strange).assert().code(64).stderr(contains("not a run record"));
    let newer =
        fs::read_to_string(GOLDEN_RECORD).expect("the golden record").replacen("\"format\":1", "\"format\":99", 1);
    fs::write(&strange, newer).expect("a file");
    claimbench().arg("report").arg(folder.path()).assert().code(64).stderr(contains("newer claimbench"));
    assert!(!folder.path().join("site").exists());
}

#[test]
fn a_record_that_was_cut_off_is_judged_with_a_word_of_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(GOLDEN_RECORD).expect("the golden record");
    fs::write(folder.path().join("record.ndjson"), &text[..text.len() - 60]).expect("a cut-off record");
    claimbench().arg("judge").arg(folder.path()).assert().success().stderr(contains("cut off"));
}

#[test]
fn verdicts_are_the_documented_interface_and_fail_on_sees_them() {
    let output = claimbench().args(["judge", "--json", GOLDEN_RECORD]).assert().success().get_output().stdout.clone();
    let verdicts: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    let first = &verdicts.as_array().expect("an array")[0];
    for member in ["claim", "verdict", "reason"] {
        assert!(first[member].is_string(), "{member} in {first}");
    }
    for member in ["effect", "low", "high"] {
        assert!(first.get(member).is_some(), "{member} in {first}");
    }
    assert!(
        first["gates"]
            .as_array()
            .expect("gates")
            .iter()
            .all(|gate| gate["gate"].is_string() && gate["pass"].is_boolean())
    );
    let verdict = first["verdict"].as_str().expect("a verdict").to_owned();
    let others = ["supported", "refuted", "inconclusive", "not_testable"];
    let present =
        |other: &&&str| verdicts.as_array().expect("an array").iter().any(|found| found["verdict"] == ***other);
    claimbench().args(["judge", GOLDEN_RECORD, "--fail-on", &verdict]).assert().code(1).stderr(contains("--fail-on"));
    for absent in others.iter().filter(|other| !present(other)) {
        claimbench().args(["judge", GOLDEN_RECORD, "--fail-on", absent]).assert().success();
    }
}

/// The claims of the golden record with their verdicts.
fn golden_verdicts() -> Vec<(String, String)> {
    let output = claimbench().args(["judge", "--json", GOLDEN_RECORD]).assert().success().get_output().stdout.clone();
    let verdicts: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    let text = |found: &serde_json::Value, member: &str| found[member].as_str().expect("text").to_owned();
    verdicts.as_array().expect("an array").iter().map(|found| (text(found, "claim"), text(found, "verdict"))).collect()
}

#[test]
fn a_verdict_is_withdrawn_with_its_reason_and_the_history_follows() {
    let published = root().join("results/2026-11-23-two-core-vm/record.ndjson.gz");
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (record, name) in [(Path::new(GOLDEN_RECORD), "record.ndjson"), (published.as_path(), "record.ndjson.gz")] {
        let run = folder.path().join(name);
        fs::create_dir(&run).expect("a folder");
        fs::copy(record, run.join(name)).expect("a copy");
        let verdicts = || -> Vec<serde_json::Value> {
            let judged = claimbench().arg("judge").arg(&run).arg("--json").assert().success();
            serde_json::from_slice(&judged.get_output().stdout).expect("JSON")
        };
        let before = verdicts();
        let is_definite =
            |found: &&serde_json::Value| ["supported", "refuted"].iter().any(|one| found["verdict"] == *one);
        let chosen = before.iter().find(is_definite).unwrap_or(&before[0]);
        let claim = chosen["claim"].as_str().expect("a name");
        let history = folder.path().join(format!("{name}-history"));
        let line = || {
            claimbench().arg("history").arg(&run).arg("--into").arg(&history).assert().success();
            let text = fs::read_to_string(&history).expect("a history");
            assert_eq!(text.lines().count(), 1, "the run has one line");
            text
        };
        let stands = |verdict: &serde_json::Value| format!("\"claim\":\"{claim}\",\"verdict\":{verdict}");
        assert!(line().contains(&stands(&chosen["verdict"])));

        let withdraw = |claim: &str, because: &str| {
            claimbench().arg("withdraw").arg(&run).args([claim, "--because", because]).assert()
        };
        withdraw(&format!("{claim}s"), "x").code(64).stderr(contains(claim));
        withdraw(claim, " ").code(64).stderr(contains("--because"));
        withdraw(claim, "The host was another.").success().stdout(contains("claimbench report"));
        withdraw(claim, "Once more.").success().stdout(contains("already: The host was another."));
        let after = verdicts();
        let found = after.iter().find(|found| found["claim"] == claim).expect("the claim");
        assert_eq!(found["verdict"], "inconclusive");
        assert_eq!(found["effect"], chosen["effect"], "what was measured stays");
        let reason = found["reason"].as_str().expect("a reason");
        assert!(reason.contains("found: The host was another."), "{reason}");
        assert!(line().contains(&stands(&found["verdict"])));
    }
}

#[test]
fn a_verdict_that_is_not_as_expected_fails_and_one_that_is_passes_whatever_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("expected.toml");
    let judge = |expected: &str| {
        fs::write(&file, expected).expect("a file");
        claimbench()
            .args(["judge", GOLDEN_RECORD, "--fail-on", "supported,refuted,inconclusive,not_testable", "--expect"])
            .arg(&file)
            .assert()
    };
    let verdicts = golden_verdicts();
    let list = |outcome: &str, moved: Option<&str>| {
        let own = verdicts
            .iter()
            .filter(|(claim, verdict)| moved == Some(claim.as_str()) || (verdict == outcome && moved.is_none()));
        let claims: Vec<String> = own.map(|(claim, _)| format!("\"{claim}\"")).collect();
        format!("{outcome} = [{}]\n", claims.join(", "))
    };
    let all: String =
        ["supported", "refuted", "inconclusive", "not_testable"].iter().map(|outcome| list(outcome, None)).collect();
    judge(&all).success();

    let (claim, verdict) = &verdicts[0];
    let other = if verdict == "supported" { "refuted" } else { "supported" };
    judge(&list(other, Some(claim.as_str())))
        .code(1)
        .stderr(contains(format!("--expect: {claim} was expected to be {other}")));
    judge("supported = [\"no-such-claim\"]").code(1).stderr(contains("not in this run: no-such-claim"));
    judge("suported = []").code(64).stderr(contains("does not say what is expected").and(contains("suported")));

    let site = folder.path().join("site");
    fs::write(&file, list(other, Some(claim.as_str()))).expect("a file");
    claimbench().args(["report", GOLDEN_RECORD, "--out"]).arg(&site).arg("--expect").arg(&file).assert().success();
    let junit = fs::read_to_string(site.join("junit.xml")).expect("it was written");
    assert!(junit.contains(&format!("Expected to be {other}")), "{junit}");
}

#[test]
fn charts_are_also_written_as_png_where_asked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("site");
    let report = |png: &[&str]| claimbench().args(["report", GOLDEN_RECORD, "--out"]).arg(&out).args(png).assert();
    let pictures = || {
        let names = fs::read_dir(out.join("charts")).expect("charts").map(|entry| entry.expect("an entry").file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| name.ends_with(".png")).collect::<Vec<String>>()
    };
    report(&[]).success();
    assert!(pictures().is_empty());
    report(&["--png=effects"]).success();
    assert_eq!(pictures(), ["effects.png"]);
    assert!(fs::read(out.join("charts/effects.png")).expect("a picture").starts_with(b"\x89PNG"));
    report(&["--png=no-such-*"]).code(64).stderr(contains("no chart has a name that --png matches"));
    report(&["--png=["]).code(64).stderr(contains("is no glob"));
}

#[test]
fn a_site_is_drawn_from_the_record_alone_and_always_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let draw = |name: &str| {
        let out = folder.path().join(name);
        claimbench()
            .args(["report", GOLDEN_RECORD, "--out"])
            .arg(&out)
            .assert()
            .success()
            .stdout(contains("index.html"));
        fs::read(out.join("index.html")).expect("the first page")
    };
    assert_eq!(draw("first"), draw("second"));
    assert!(folder.path().join("first/record.ndjson.gz").is_file());
    let compressed = folder.path().join("first/record.ndjson.gz");
    claimbench().arg("judge").arg(compressed).assert().success();
}

#[test]
fn a_folder_that_cannot_be_written_leaves_no_half_site() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("file"), "").expect("a file");
    let out = folder.path().join("file/site");
    claimbench().args(["report", GOLDEN_RECORD, "--out"]).arg(&out).assert().code(64).stderr(contains("cannot make"));
}
