//! The command line as a user meets it: right input, wrong input, and the exit code of each.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use tempfile::TempDir;

const GOLDEN_RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../model/tests/records/format-1.ndjson");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn claimbench() -> Command {
    let mut command = Command::cargo_bin("claimbench").expect("the binary is built");
    command.env_remove("CLAIMBENCH_ROOT").current_dir(root());
    command
}

/// A copy of the definitions that a test may break.
fn definitions() -> TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    for folder in ["workloads", "workloads/claims"] {
        copy_files(&root().join(folder), &copy.path().join(folder));
    }
    for server in fs::read_dir(root().join("reference-servers")).expect("the servers") {
        let server = server.expect("an entry").path();
        if server.join("server.toml").is_file() {
            let to = copy.path().join("reference-servers").join(server.file_name().expect("a name"));
            fs::create_dir_all(&to).expect("a folder");
            fs::copy(server.join("server.toml"), to.join("server.toml")).expect("a copy");
        }
    }
    copy
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
}

#[test]
fn the_projects_own_definitions_are_right() {
    claimbench().arg("check").assert().success().stdout(contains("no mistake"));
}

#[test]
fn the_schemas_are_up_to_date() {
    claimbench().args(["schema", "--check"]).assert().success();
}

#[test]
fn help_names_every_command_and_exit_code() {
    let commands =
        ["doctor", "list", "check", "plan", "run", "judge", "report", "serve", "drive", "merge", "calibrate", "new"];
    let mut assert = claimbench().arg("--help").assert().success();
    for word in commands.iter().chain(&["64", "69", "70", "130"]) {
        assert = assert.stdout(contains(*word));
    }
}

#[test]
fn a_mistake_in_a_definition_is_shown_with_its_place() {
    let copy = definitions();
    let path = copy.path().join("workloads/claims/gil-threads.toml");
    let text = fs::read_to_string(&path).expect("the claim").replacen("server = \"flask\"", "server = \"flusk\"", 1);
    fs::write(&path, text).expect("a broken claim");
    claimbench().args(["check", "--root"]).arg(copy.path()).assert().code(64).stderr(
        contains("unknown server `flusk`")
            .and(contains("workloads/claims/gil-threads.toml:"))
            .and(contains("did you mean `flask`?")),
    );
}

#[test]
fn templates_pass_check_as_they_are_and_are_not_overwritten() {
    let copy = definitions();
    for kind in ["workload", "claim", "server"] {
        let mut new = claimbench();
        new.args(["new", kind, "brand-new", "--root"]).arg(copy.path());
        new.assert().success();
        new.assert().code(64).stderr(contains("is there already"));
    }
    claimbench().args(["check", "--root"]).arg(copy.path()).assert().success();
    claimbench().args(["new", "claim", "Not A Name", "--root"]).arg(copy.path()).assert().code(64);
}

#[test]
fn a_folder_without_definitions_is_refused() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    claimbench().arg("check").current_dir(empty.path()).assert().code(64).stderr(contains("--root"));
}

#[test]
fn unknown_options_commands_and_claims_are_bad_input() {
    claimbench().arg("fly").assert().code(64);
    claimbench().args(["run", "--profile", "huge"]).assert().code(64).stderr(contains("quick"));
    claimbench().args(["plan", "--claims", "no-such-*"]).assert().code(64).stderr(contains("claimbench list"));
    claimbench().args(["plan", "--claims", "[broken"]).assert().code(64).stderr(contains("is no glob"));
    for price in ["cheap", "-1", "inf"] {
        let mut report = claimbench();
        report.arg("report").arg(GOLDEN_RECORD).arg(format!("--price-per-core-hour={price}"));
        report.assert().code(64).stderr(contains("is no price"));
    }
}

#[test]
fn the_listing_is_the_documented_interface() {
    let output = claimbench().args(["list", "--json"]).assert().success().get_output().stdout.clone();
    let listing: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    let ids: Vec<&str> =
        listing["claims"].as_array().expect("claims").iter().filter_map(|claim| claim["id"].as_str()).collect();
    let spine = [
        "one-thread",
        "loop-blocking",
        "gil-threads",
        "gil-processes",
        "gil-off",
        "gil-io",
        "gil-released",
        "node-io",
        "v8-speed",
    ];
    for id in spine {
        assert!(ids.contains(&id), "{id} is missing in {ids:?}");
    }
    for claim in listing["claims"].as_array().expect("claims") {
        assert!(claim["family"].is_string() && claim["testable_here"].is_boolean(), "{claim}");
        assert_eq!(claim["testable_here"].as_bool(), Some(claim["why_not"].is_null()), "{claim}");
    }
    assert!(listing["servers"].as_array().expect("servers").iter().all(|server| server["modes"].is_array()));
    assert!(listing["workloads"].as_array().expect("workloads").iter().all(|workload| workload["name"].is_string()));
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let plan = || {
        claimbench().args(["plan", "--claims", "gil-*", "--seed", "3"]).assert().success().get_output().stdout.clone()
    };
    let text = String::from_utf8(plan()).expect("text");
    assert_eq!(text.as_bytes(), plan());
    assert!(text.contains("seed 3") && text.contains("flask:threads"), "{text}");
}

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

#[test]
fn load_goes_to_this_machine_only() {
    claimbench().args(["drive", "http://192.0.2.1/", "--rate", "1"]).assert().code(64).stderr(contains("--allow-host"));
    claimbench().args(["drive", "ftp://127.0.0.1/", "--rate", "1"]).assert().code(64).stderr(contains("http://"));
}

#[test]
fn a_port_where_nobody_listens_is_something_missing() {
    // Port 1 is reserved and nobody listens there on a machine that can run this test.
    claimbench()
        .args(["drive", "http://127.0.0.1:1/", "--connections", "1", "--duration", "100ms", "--warm-up", "0s"])
        .assert()
        .code(69)
        .stderr(contains("127.0.0.1:1"));
}

#[test]
fn what_cannot_be_served_is_refused_before_anything_is_set_up() {
    for (arguments, says) in [
        (&["expres"][..], "did you mean `express`?"),
        (&["express:clustr"], "did you mean `cluster`?"),
        (&["express:cluster", "--set", "worker=2"], "did you mean `workers`?"),
        (&["express:cluster", "--set", "workers"], "--set threads=4"),
        (&["express:cluster", "--set", "workers=two"], "is no whole number"),
        (&["express:cluster", "--set", "workers=0"], "out of bounds"),
        (&["flask", "--runtime", "gll"], "did you mean `gil`?"),
    ] {
        claimbench().arg("serve").args(arguments).assert().code(64).stderr(contains(says)).stdout("");
    }
}

#[test]
fn a_run_enters_a_history_once_and_its_trends_enter_the_site() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let history = folder.path().join("deep/history.ndjson");
    let append = || claimbench().args(["history", GOLDEN_RECORD, "--into"]).arg(&history).assert().success();
    append();
    append().stdout(contains("already"));
    assert_eq!(fs::read_to_string(&history).expect("a history").lines().count(), 1);

    let draw = |with: &[&str], to: &str| {
        let site = folder.path().join(to);
        claimbench().args(["report", GOLDEN_RECORD, "--out"]).arg(&site).args(with).assert().success();
        site
    };
    let named = history.to_string_lossy().into_owned();
    assert!(!draw(&[], "plain").join("trends.html").exists());
    let line = fs::read_to_string(&history).expect("a history");
    let mut known: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    known["claims"][0]["effect"] = serde_json::json!(1.5);
    fs::write(&history, format!("{known}\n")).expect("a history");
    let page = fs::read_to_string(draw(&["--history", &named], "with").join("trends.html")).expect("a page of trends");
    assert!(page.contains("1.50 times"), "{page}");

    fs::write(&history, "{\"format\":1\n").expect("a damaged history");
    let damaged = claimbench().args(["history", GOLDEN_RECORD, "--into"]).arg(&history).assert().code(64);
    damaged.stderr(contains("line 1 is no line of a history"));
}

#[test]
fn a_matrix_names_every_claim_in_exactly_one_family() {
    let output = claimbench().args(["list", "--matrix"]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let json = text.trim().strip_prefix("families=").expect("a line for $GITHUB_OUTPUT");
    let entries: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let mut claims: Vec<String> = Vec::new();
    for entry in entries.as_array().expect("an array") {
        let glob = entry["claims"].as_str().expect("a glob");
        claims.extend(glob.trim_matches(['{', '}']).split(',').map(str::to_owned));
    }
    let mut files: Vec<String> = fs::read_dir(root().join("workloads/claims"))
        .expect("the claims")
        .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    claims.sort();
    files.sort();
    assert_eq!(claims, files);
}

#[test]
fn a_step_summary_is_appended_and_its_absence_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (site, summary) = (folder.path().join("site"), folder.path().join("summary.md"));
    fs::write(&summary, "before\n").expect("a file");
    let report = || {
        let mut command = claimbench();
        command.args(["report", GOLDEN_RECORD, "--step-summary", "--out"]).arg(&site);
        command
    };
    report().env("GITHUB_STEP_SUMMARY", &summary).assert().success();
    let text = fs::read_to_string(&summary).expect("a summary");
    assert!(text.starts_with("before\n") && text.contains("| verdict | claim |"), "{text}");
    report().env_remove("GITHUB_STEP_SUMMARY").assert().code(64).stderr(contains("GITHUB_STEP_SUMMARY is not set"));
}

#[test]
fn only_servers_that_differ_are_paired_and_the_pairs_are_right_definitions() {
    let (base, head) = (definitions(), definitions());
    let temp = tempfile::tempdir().expect("a temporary folder");
    let pair = |out: &str| {
        let mut command = claimbench();
        command.arg("--root").arg(head.path()).arg("pair").arg("--base").arg(base.path());
        command.arg("--out").arg(temp.path().join(out)).assert()
    };
    pair("same").success().stdout("pairs=0\n").stderr(contains("no server differs"));

    let toml = base.path().join("reference-servers/flask/server.toml");
    let text = fs::read_to_string(&toml).expect("a server");
    fs::write(&toml, text.replace("title = \"Flask\"", "title = \"Older Flask\"")).expect("a change");
    pair("pairs")
        .success()
        .stdout(contains("pairs=").and(contains("pairs=0").not()))
        .stderr(contains("paired: flask;"));
    let out = temp.path().join("pairs");
    claimbench().arg("--root").arg(&out).arg("check").assert().success();
    let listed = claimbench().arg("--root").arg(&out).args(["list", "--json"]).output().expect("it runs").stdout;
    let listed: serde_json::Value = serde_json::from_slice(&listed).expect("JSON");
    assert!(
        listed["servers"].as_array().expect("servers").iter().any(|server| server["title"] == "Older Flask before")
    );
    for claim in listed["claims"].as_array().expect("claims") {
        let text =
            fs::read_to_string(out.join(format!("workloads/claims/{}.toml", claim["id"].as_str().expect("an id"))));
        let text = text.expect("a claim");
        assert!(text.contains("server = \"base-flask\"") && text.contains("server = \"flask\""), "{text}");
        let of_cost = [
            "response-time",
            "acknowledgement-time",
            "delivery-time",
            "event-gap",
            "memory",
            "start-up",
            "cpu-per-request",
        ];
        let is_cost = of_cost.iter().any(|metric| text.contains(&format!("metric.{metric}")));
        let slower_is = if is_cost { "at-most" } else { "non-inferior" };
        assert!(text.contains(&format!("region = \"{slower_is}\"")), "{text}");
    }
    pair("pairs").code(64).stderr(contains("is there already"));
}
