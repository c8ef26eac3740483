//! The README shows what a published run's record says, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The published runs: the folders of `results/` that hold a record.
fn published() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("results")).expect("the results");
    let folders = entries.map(|entry| entry.expect("an entry").path());
    folders.filter(|folder| folder.join("record.ndjson.gz").is_file()).collect()
}

#[test]
fn the_table_of_verdicts_is_the_one_of_a_published_run() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let summaries = published().into_iter().map(|run| fs::read_to_string(run.join("summary.md")).expect("a summary"));
    let shown = summaries.filter(|summary| readme.contains(summary.trim())).count();
    assert_eq!(shown, 1, "the README shows the summary of one published run, as it stands there");
}

#[test]
fn a_published_run_is_what_todays_code_makes_of_its_record() {
    for run in published() {
        let again = tempfile::tempdir().expect("a temporary folder");
        let out = again.path().join("site");
        Command::cargo_bin("claimbench")
            .expect("the binary")
            .arg("report")
            .arg(&run)
            .arg("--history")
            .arg(root().join("results/history.ndjson"))
            .arg("--out")
            .arg(&out)
            .assert()
            .success();
        for file in ["index.html", "verdicts.json", "summary.md", "blocks.csv"] {
            let (then, now) =
                (fs::read(run.join(file)).expect("published"), fs::read(out.join(file)).expect("drawn again"));
            assert!(then == now, "{} is stale: draw it again with `claimbench report`", run.join(file).display());
        }
    }
}

#[test]
fn every_file_that_the_readme_names_is_there() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let links = readme.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link));
    for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
        assert!(root().join(link).exists(), "the README names {link}");
    }
}
