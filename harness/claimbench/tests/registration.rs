//! Registration on the binary: claims changed after their data, and two runs compared.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use tempfile::TempDir;

const PUBLISHED: &str = "results/2026-11-23-two-core-vm";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn copy_files(folder: &str, to: &Path) {
    fs::create_dir_all(to.join(folder)).expect("a folder");
    for entry in fs::read_dir(root().join(folder)).expect("a folder to copy") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, to.join(folder).join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
}

/// A copy of the definitions and of a published record, that a test may change.
fn checkout() -> TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    copy_files("workloads", copy.path());
    copy_files("workloads/claims", copy.path());
    for server in fs::read_dir(root().join("reference-servers")).expect("the servers") {
        let name = server.expect("an entry").file_name();
        let folder = format!("reference-servers/{}", name.to_string_lossy());
        if root().join(&folder).join("server.toml").is_file() {
            copy_files(&folder, copy.path());
        }
    }
    copy_files(PUBLISHED, copy.path());
    copy
}

fn claimbench(root: &Path) -> Command {
    let mut command = Command::cargo_bin("claimbench").expect("the binary is built");
    command.env_remove("CLAIMBENCH_ROOT").current_dir(root);
    command
}

fn git(root: &Path, arguments: &[&str]) {
    let name = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"];
    let done = std::process::Command::new("git").arg("-C").arg(root).args(name).args(arguments).output().expect("git");
    assert!(done.status.success(), "{done:?}");
}

fn change(root: &Path, claim: &str, from: &str, to: &str) {
    let path = root.join(format!("workloads/claims/{claim}.toml"));
    let text = fs::read_to_string(&path).expect("a claim");
    assert!(text.contains(from), "{claim} has no `{from}`");
    fs::write(path, text.replace(from, to)).expect("written");
}

#[test]
fn a_margin_changed_after_data_needs_a_new_id() {
    let copy = checkout();
    claimbench(copy.path()).arg("check").assert().success().stderr(contains("git could not be asked"));
    change(copy.path(), "gil-off", "margin = 0.5", "margin = 0.4");
    claimbench(copy.path())
        .arg("check")
        .assert()
        .code(64)
        .stderr(contains("gil-off.toml: the margin was changed from 0.5 to 0.4").and(contains("new id")));
}

#[test]
fn a_region_and_a_metric_are_held_too_and_words_are_not() {
    let copy = checkout();
    change(copy.path(), "gil-off", "half of that gain", "half that gain");
    claimbench(copy.path()).arg("check").assert().success();
    change(copy.path(), "one-thread", "region = \"at-most\"", "region = \"greater\"");
    change(copy.path(), "gil-io", "metric.throughput = {}", "metric.cpu-per-request = {}");
    let said = contains("one-thread.toml: the region was changed").and(contains("gil-io.toml: the metric was changed"));
    claimbench(copy.path()).arg("check").assert().code(64).stderr(said);
}

#[test]
fn git_remembers_data_that_are_no_longer_there() {
    let copy = checkout();
    git(copy.path(), &["init", "--quiet"]);
    git(copy.path(), &["add", "."]);
    git(copy.path(), &["commit", "--quiet", "-m", "published"]);
    fs::remove_dir_all(copy.path().join(PUBLISHED)).expect("gone");
    git(copy.path(), &["commit", "--quiet", "-a", "-m", "withdrawn"]);
    claimbench(copy.path()).arg("check").assert().success().stderr(contains("git could not be asked").not());
    change(copy.path(), "gil-off", "margin = 0.5", "margin = 0.4");
    claimbench(copy.path()).arg("check").assert().code(64).stderr(contains("gil-off.toml").and(contains("commit")));
}

#[test]
fn a_claim_that_is_not_what_was_registered_is_exploratory() {
    let copy = checkout();
    let before = claimbench(copy.path()).args(["judge", PUBLISHED, "--json"]).output().expect("it runs");
    let exploratory = |output: &[u8]| {
        let verdicts: Vec<serde_json::Value> = serde_json::from_slice(output).expect("JSON");
        let found = verdicts.iter().filter(|verdict| verdict.get("exploratory").is_some());
        found.map(|verdict| verdict["claim"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let known = exploratory(&before.stdout);
    change(copy.path(), "gil-off", "margin = 0.5", "margin = 0.4");
    let after = claimbench(copy.path()).args(["judge", PUBLISHED, "--json"]).output().expect("it runs");
    let new: Vec<String> = exploratory(&after.stdout).into_iter().filter(|claim| !known.contains(claim)).collect();
    assert_eq!(new, ["gil-off"]);
    assert!(String::from_utf8_lossy(&after.stderr).contains("gil-off is exploratory"));
}

#[test]
fn a_run_is_compared_with_itself_and_not_across_machines() {
    let copy = checkout();
    let text = {
        let mut text = String::new();
        let file = fs::File::open(copy.path().join(PUBLISHED).join("record.ndjson.gz")).expect("the record");
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).expect("text");
        text
    };
    let other = copy.path().join("other.ndjson");
    fs::write(&other, text.replacen("\"cpu_model\":\"", "\"cpu_model\":\"another ", 1)).expect("written");
    let output = claimbench(copy.path()).args(["compare", PUBLISHED, PUBLISHED, "--json"]).output().expect("it runs");
    let changes: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(changes.len() >= 20, "{}", changes.len());
    assert!(changes.iter().all(|change| change["outcome"] != "changed"));
    let mut refused = claimbench(copy.path());
    refused.args(["compare", PUBLISHED]).arg(&other);
    refused.assert().code(64).stderr(contains("--across-machines"));
    refused.arg("--across-machines").assert().success().stderr(contains("may be the machine"));
}
