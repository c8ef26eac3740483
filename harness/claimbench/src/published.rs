//! The claims as all published records registered them: those in `results/` now, and those that git remembers.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::read::GzDecoder;
use model::define::claim::Claim;
use model::record::Line;

/// What of a published run is looked at.
const RECORD: &str = "record.ndjson.gz";
/// Where runs are published.
const RESULTS: &str = "results";
/// The longest header that is read: a plan of thousands of trials has a few megabytes.
const HEADER_BYTES_MAX: u64 = 64 << 20;
/// The most versions of records that are read; beyond it the newest.
const RECORDS_MAX: usize = 500;

/// Claims as they were registered for data that were published.
#[derive(Debug, Default)]
pub struct Published {
    /// Each with the run (and commit) it stands in.
    pub claims: Vec<(String, Claim)>,
    /// What could not be looked at, in words.
    pub unseen: Option<String>,
}

/// All that was ever published.
#[must_use]
pub fn published(root: &Path) -> Published {
    let mut found = Published::default();
    for (name, path) in on_disk(&root.join(RESULTS)) {
        let claims = std::fs::File::open(path).ok().and_then(claims_of).unwrap_or_default();
        found.claims.extend(claims.into_iter().map(|claim| (name.clone(), claim)));
    }
    match remembered(root) {
        None => {
            found.unseen = Some(
                "git could not be asked, so that only the runs in results/ were looked at for claims changed after data".to_owned(),
            );
        }
        Some(records) => {
            for (name, id) in records.into_iter().take(RECORDS_MAX) {
                let claims = git_bytes(root, &["cat-file", "blob", &id]).and_then(|bytes| claims_of(bytes.as_slice()));
                found.claims.extend(claims.unwrap_or_default().into_iter().map(|claim| (name.clone(), claim)));
            }
        }
    }
    found
}

fn on_disk(results: &Path) -> Vec<(String, PathBuf)> {
    let runs = std::fs::read_dir(results).into_iter().flatten().flatten().map(|run| run.path());
    let mut records: Vec<(String, PathBuf)> = runs
        .filter_map(|run| Some((format!("{RESULTS}/{}", run.file_name()?.to_string_lossy()), run.join(RECORD))))
        .filter(|(_, record)| record.is_file())
        .collect();
    records.sort();
    records
}

/// The claims in a record's header; nothing where it is none.
fn claims_of(compressed: impl Read) -> Option<Vec<Claim>> {
    let mut header = String::new();
    let mut lines = std::io::BufReader::new(GzDecoder::new(compressed).take(HEADER_BYTES_MAX));
    std::io::BufRead::read_line(&mut lines, &mut header).ok()?;
    match serde_json::from_str::<Line>(&header).ok()? {
        Line::Header(header) => {
            let experiments = header.plan.experiments.into_iter();
            Some(experiments.flat_map(|experiment| experiment.claims).map(|planned| planned.claim).collect())
        }
        _ => None,
    }
}

/// Every version of every published record in the history, newest first, as run and blob. Nothing where there is no git or no history.
fn remembered(root: &Path) -> Option<Vec<(String, String)>> {
    let pattern = format!(":(glob){RESULTS}/*/{RECORD}");
    let log = ["log", "--no-renames", "--no-abbrev", "--raw", "--format=%h", "--", pattern.as_str()];
    let text = String::from_utf8(git_bytes(root, &log)?).ok()?;
    let (mut commit, mut seen, mut records) = (String::new(), BTreeSet::new(), Vec::new());
    for line in text.lines().filter(|line| !line.is_empty()) {
        let Some(raw) = line.strip_prefix(':') else {
            commit = line.to_owned();
            continue;
        };
        // ":100644 100644 OLD NEW M\tresults/RUN/record.ndjson.gz"; a deleted one has only zeros as its new blob.
        let (facts, path) = raw.split_once('\t')?;
        let id = facts.split(' ').nth(3)?;
        if id.bytes().any(|byte| byte != b'0') && seen.insert(id.to_owned()) {
            let run = Path::new(path).parent().map_or(path.to_owned(), |run| run.display().to_string());
            records.push((format!("{run}, commit {commit}"), id.to_owned()));
        }
    }
    Some(records)
}

/// What git says; nothing where it is not there or fails.
fn git_bytes(root: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output =
        Command::new("git").arg("-C").arg(root).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.ok().filter(|output| output.status.success()).map(|output| output.stdout)
}
