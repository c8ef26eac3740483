//! `drive --hlog` and `--hgrm`, and `merge`: what is written is what HdrHistogram's own tools read, and several logs are as one.

use std::path::Path;
use std::process::Command as Process;

use assert_cmd::Command;
use serde_json::Value;

use crate::{count, drive, serve};

/// Reads a log with the Python implementation of HdrHistogram and prints its intervals, count, 50th and 99th percentile.
const READ: &str = "
import sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
total = HdrHistogram(1, 3600000000000, 3)
reader = HistogramLogReader(sys.argv[1], HdrHistogram(1, 3600000000000, 3))
intervals = 0
while (interval := reader.get_next_interval_histogram()) is not None:
    total.add(interval)
    intervals += 1
print(intervals, total.get_total_count(), total.get_value_at_percentile(50), total.get_value_at_percentile(99))
";

/// A log of a short run, and what the run said.
fn logged(folder: &Path, name: &str) -> (String, Value) {
    let log = folder.join(name).display().to_string();
    let (_, summary) = drive(&serve("200 OK"), &["--rate", "150", "--workers", "2", "--hlog", &log]);
    (log, summary)
}

fn merged(logs: &[&str]) -> Value {
    let mut command = Command::cargo_bin("claimbench").expect("the binary is built");
    let output = command.args(["merge", "--json"]).args(logs).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_log_has_the_run_and_several_are_as_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, of_first) = logged(folder.path(), "first.hlog");
    let alone = merged(&[&first]);
    assert_eq!(alone["response_time_us"], of_first["response_time_us"], "the log's sum is the run's own histogram");
    assert_eq!(alone["requests"], of_first["due"], "an open loop loses no request");
    let (second, of_second) = logged(folder.path(), "second.hlog");
    let both = merged(&[&first, &second]);
    assert_eq!(count(&both, "requests"), count(&of_first, "due") + count(&of_second, "due"));
    assert_eq!(both["by_tag"]["main"]["requests"], both["requests"]);
    assert_eq!(both, merged(&[&second, &first]));
}

#[test]
fn what_is_no_log_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wrong.hlog");
    std::fs::write(&file, "no log\n").expect("it can be written");
    let merge =
        |log: &Path| Command::cargo_bin("claimbench").expect("the binary is built").arg("merge").arg(log).assert();
    merge(&file).code(64);
    merge(&folder.path().join("missing.hlog")).code(69);
}

#[test]
fn plotters_get_every_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.hgrm");
    let (_, summary) = drive(&serve("200 OK"), &["--rate", "100", "--hgrm", &file.display().to_string()]);
    let text = std::fs::read_to_string(&file).expect("it was written");
    let total = format!("Total count    = {:>12}]", count(&summary, "due"));
    assert!(text.starts_with("       Value     Percentile TotalCount") && text.contains(&total), "{text}");
}

#[test]
fn another_implementation_reads_the_log_alike() {
    if std::env::var_os("CLAIMBENCH_TEST_OFFLINE").is_some() {
        eprintln!("skipped: CLAIMBENCH_TEST_OFFLINE is set, and hdrhistogram comes from PyPI");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let python = folder.path().join("venv/bin/python");
    let installed = succeeds(Process::new("python3").args(["-m", "venv"]).arg(folder.path().join("venv")))
        && succeeds(Process::new(&python).args(["-m", "pip", "install", "--quiet", "hdrhistogram==0.10.8"]));
    if !installed {
        eprintln!("skipped: hdrhistogram cannot be installed from PyPI");
        return;
    }
    let (log, summary) = logged(folder.path(), "run.hlog");
    let output = Process::new(&python).args(["-c", READ, &log]).output().expect("python runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [_, requests, p50_ns, _] = numbers[..] else { panic!("{text}{}", String::from_utf8_lossy(&output.stderr)) };
    assert!((requests - count(&summary, "due") as f64).abs() < f64::EPSILON, "{text}");
    let own_us = summary["response_time_us"]["p50"].as_f64().expect("a median");
    assert!((p50_ns / 1e3 / own_us - 1.0).abs() < 1e-3, "{p50_ns} ns there, {own_us} µs here");
}

fn succeeds(command: &mut Process) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
