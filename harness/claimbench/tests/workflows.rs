//! The workflows and actions: every command of ours in them is one that the command line takes, actions are pinned to a full
//! commit with their version beside it, and no job has more rights than it names.

use std::fs;
use std::path::{Path, PathBuf};

use claimbench::cli::Cli;
use clap::Parser;

fn files() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.github");
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yml") {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    assert!(found.len() >= 4, "{found:?}");
    found
}

/// The arguments of each call of claimbench in a file, its variables replaced by what they may hold.
fn calls(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("- ").trim_start_matches("run:").trim();
        let after = line
            .split_once("-p claimbench -- ")
            .map(|(_, after)| after)
            .or_else(|| line.strip_prefix("claimbench "))?;
        Some(after.split(">>").next().unwrap_or(after).trim().to_owned())
    });
    lines.map(|line| line.split_whitespace().map(filled).collect()).collect()
}

fn filled(word: &str) -> String {
    let word = word.trim_matches('"');
    match word {
        "$PROFILE" => "quick".to_owned(),
        "$SEED" => "1".to_owned(),
        "$FAIL_ON" => "refuted,inconclusive".to_owned(),
        "$CLAIMS" => "{gil-threads,gil-off}".to_owned(),
        "${EXPECT:+--expect" => "--expect".to_owned(),
        "$EXPECT\"}" => "expected.toml".to_owned(),
        _ => word.replace("$OUT", "out").replace("$RUNNER_TEMP/claimbench", "."),
    }
}

#[test]
fn every_command_is_one_that_the_command_line_takes() {
    let mut seen = Vec::new();
    for (path, text) in files() {
        for call in calls(&text) {
            assert!(
                !call.iter().any(|word| word.contains('$')),
                "{}: {call:?} has an unknown variable",
                path.display()
            );
            let args = std::iter::once("claimbench".to_owned()).chain(call.clone());
            if let Err(error) = Cli::try_parse_from(args) {
                panic!("{}: {call:?}: {error}", path.display());
            }
            seen.extend(call.into_iter().find(|word| !word.starts_with(['-', '.'])));
        }
    }
    for command in ["list", "run", "report", "history", "judge", "check", "pair"] {
        assert!(seen.iter().any(|known| known == command), "{command} is in no workflow: {seen:?}");
    }
}

/// The script of a step, by its name.
fn script(text: &str, step: &str) -> String {
    let after = text.split(&format!("name: {step}\n")).nth(1).unwrap_or_else(|| panic!("no step {step}"));
    let block = after.split("run: |\n").nth(1).expect("a script");
    let indent = block.len() - block.trim_start_matches(' ').len();
    let lines = block.lines().take_while(|line| line.len() > indent && line[..indent].trim().is_empty());
    lines.map(|line| format!("{}\n", &line[indent..])).collect()
}

/// The action on a repository that has a workload, a claim and a server of its own.
#[test]
fn the_action_lays_out_another_repositorys_definitions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the root");
    let (theirs, temp) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let copy = |from: &str, to: &str, change: &dyn Fn(String) -> String| {
        let to = theirs.path().join(to);
        fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
        fs::write(to, change(fs::read_to_string(root.join(from)).expect("a file"))).expect("a copy");
    };
    copy("workloads/cpu-sieve.toml", "workloads/cpu-sieve.toml", &|text| text);
    let mine = |text: String| text.replace("\"express\"", "\"mine\"").replace("id = \"v8-speed\"", "id = \"ours\"");
    copy("workloads/claims/v8-speed.toml", "workloads/claims/ours.toml", &mine);
    copy("reference-servers/express/server.toml", "reference-servers/mine/server.toml", &mine);
    copy("reference-servers/express/package-lock.json", "reference-servers/mine/package-lock.json", &|text| text);

    let action = root.join(".github/actions/claimbench");
    let text = fs::read_to_string(action.join("action.yml")).expect("the action");
    let mut bash = std::process::Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", &script(&text, "Lay out")]);
    bash.env("ACTION_PATH", &action).env("ROOT", theirs.path()).env("RUNNER_TEMP", temp.path());
    assert!(bash.status().expect("bash runs").success());

    let laid = temp.path().join("claimbench");
    assert!(!laid.join("target").exists() && laid.join("Cargo.lock").is_file());
    let claimbench = |args: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("claimbench").expect("the binary is built");
        command.env_remove("CLAIMBENCH_ROOT").arg("--root").arg(&laid).args(args).assert().success()
    };
    claimbench(&["check"]);
    claimbench(&["list", "--matrix"]).stdout(predicates::str::contains("\"claims\":\"{ours}\""));
}

#[test]
fn actions_are_pinned_by_commit_with_their_version_beside() {
    for (path, text) in files() {
        for used in text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: ")) {
            if used.starts_with("./") {
                continue;
            }
            let (pin, version) = used.split_once(" # v").unwrap_or_else(|| panic!("{}: {used}", path.display()));
            let commit = pin.split_once('@').expect("an @").1;
            assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{}: {used}", path.display());
            assert!(version.split('.').count() == 3, "{}: {used}", path.display());
        }
    }
}

#[test]
fn workflows_take_no_rights_but_those_that_a_job_names() {
    for (path, text) in files().into_iter().filter(|(path, _)| path.to_string_lossy().contains("workflows")) {
        assert!(text.contains("\npermissions: {}\n"), "{}", path.display());
        assert!(text.contains("\nconcurrency:\n"), "{}", path.display());
        let jobs = text.split("\njobs:\n").nth(1).expect("jobs");
        let (runs, rights) = (jobs.matches("    runs-on:").count(), jobs.matches("    permissions:\n").count());
        assert_eq!((runs, rights, jobs.matches("timeout-minutes:").count()), (runs, runs, runs), "{}", path.display());
        assert!(!text.contains("pull_request_target"), "{}", path.display());
        // An expression inside a script is a place where a stranger's text becomes code.
        for line in text.lines().filter(|line| line.trim_start().starts_with("run:")) {
            assert!(!line.contains("${{"), "{}: {line}", path.display());
        }
    }
}
