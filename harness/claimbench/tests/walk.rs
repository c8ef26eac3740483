//! The walk of `workloads/README.md`, followed to the letter: its commands are taken from the page. They need the registries, or a cache that is
//! filled; `CLAIMBENCH_TEST_OFFLINE=1` leaves the one out that starts servers.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::record::{TrialOutcome, read_record};

/// What each command of the page begins with.
const CARGO: &str = "cargo run --release -p claimbench -- ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project")
}

/// The commands of a page, in their order: the lines of its blocks of shell.
fn commands(page: &str) -> Vec<Vec<String>> {
    let blocks = page.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    let arguments = |line: &str| {
        let given = line.strip_prefix(CARGO).unwrap_or_else(|| panic!("`{line}` does not begin with `{CARGO}`"));
        given.split_whitespace().map(str::to_owned).collect()
    };
    blocks.flat_map(str::lines).map(arguments).collect()
}

/// A checkout whose workloads are copies that may be added to; all else is the project's.
fn checkout(at: &Path) {
    for shared in ["Cargo.toml", "Cargo.lock", "harness", "benches", "reference-servers"] {
        symlink(root().join(shared), at.join(shared)).expect("a link");
    }
    for folder in ["workloads", "workloads/claims", "workloads/untestable"] {
        fs::create_dir(at.join(folder)).expect("a folder");
        for entry in fs::read_dir(root().join(folder)).expect("the definitions").map(|entry| entry.expect("an entry")) {
            if entry.path().is_file() {
                fs::copy(entry.path(), at.join(folder).join(entry.file_name())).expect("a copy");
            }
        }
    }
}

fn files(at: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(at).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        match entry.is_dir() && !entry.is_symlink() {
            true => found.extend(files(&entry)),
            false => _ = found.insert(entry),
        }
    }
    found
}

#[test]
fn who_follows_the_walk_adds_one_file_each_and_sees_the_workload_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    checkout(folder.path());
    let before = files(folder.path());
    let page = fs::read_to_string(folder.path().join("workloads/README.md")).expect("the page");
    let offline = std::env::var_os("CLAIMBENCH_TEST_OFFLINE").is_some_and(|set| set == "1");
    let mut ran = false;
    for arguments in commands(&page) {
        if offline && arguments[0] == "run" {
            println!("left out: {}", arguments.join(" "));
            continue;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_claimbench"));
        command.env_remove("CLAIMBENCH_ROOT").env("CARGO_TARGET_DIR", root().join("target")).current_dir(folder.path());
        let output = command.args(&arguments).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", arguments.join(" "));
        if arguments[0] == "plan" {
            let planned = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(planned.contains("my-workload: ") && planned.contains("for my-claim"), "{planned}");
        }
        ran |= arguments[0] == "run";
    }
    let run = Path::new("results/local/my-claim");
    let mut added: Vec<PathBuf> = files(folder.path()).difference(&before).cloned().collect();
    added.retain(|file| !file.starts_with(folder.path().join("results")));
    let wanted = ["workloads/claims/my-claim.toml", "workloads/my-workload.toml"].map(|file| folder.path().join(file));
    assert_eq!(added, wanted);
    assert_eq!(ran, !offline, "the page ends with a run");
    if ran {
        let text = fs::read_to_string(folder.path().join(run).join("record.ndjson")).expect("a record");
        let record = read_record(&text).expect("it loads");
        let observed = record.trials.iter().filter(|trial| matches!(trial.outcome, TrialOutcome::Observed(_)));
        assert_eq!((observed.count(), record.trials.len()), (2, 2));
    }
}
