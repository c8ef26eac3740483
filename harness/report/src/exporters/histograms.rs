//! `histograms/*.hgrm` and `*.hlog`: the response times of each arm and stream in HdrHistogram's own text formats.
//!
//! `.hgrm` holds all blocks of an arm together, by percentile (the text that `outputPercentileDistribution` writes). `.hlog` is its
//! interval log, version 1.3, with one interval a trial: the record keeps a histogram a trial, not a second. Times are in
//! milliseconds in both; the histograms inside a log are in nanoseconds, as recorded.

use std::fmt::Write as _;

use model::names::StreamName;
use model::plan::{ArmId, Experiment};

use crate::artifact::Artifact;
use crate::distribution::{Distribution, observed};
use crate::joined::Run;
use crate::words;

/// Percentiles in each half of the distance that is left to 100 %, as the original writes.
const TICKS_PER_HALF: f64 = 5.0;
const NS_PER_MS: f64 = 1e6;
/// Shares are summed up; a rank must not be missed by what that rounds.
const ROUNDING: f64 = 1e-12;

/// The path of an arm's histograms without its ending; nothing for an arm that the experiment lacks. The arm's place keeps
/// names apart that differ in signs alone.
pub(crate) fn stem(number: usize, experiment: &Experiment, arm: &ArmId, stream: &StreamName) -> Option<String> {
    let place = experiment.arms.iter().position(|found| found.id == *arm)?;
    let plain: String = arm.0.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
    let name: String = parts.join("-").chars().take(80).collect();
    Some(format!("histograms/{}-{}/{}-{name}-{stream}", number + 1, experiment.workload.name, place + 1))
}

/// Both files of every arm and stream.
pub(crate) fn export(run: &Run<'_>) -> Vec<Artifact> {
    let mut files = Vec::new();
    for (number, experiment) in run.record.header.plan.experiments.iter().enumerate() {
        for arm in &experiment.arms {
            for stream in &experiment.workload.streams {
                let Some(stem) = stem(number, experiment, &arm.id, &stream.name) else { continue };
                let blocks = run.times.blocks(number, &arm.id, &stream.name);
                let pooled = Distribution::pooled(blocks.iter().map(|(_, one)| one));
                let log = log(run, number, &arm.id, &stream.name, blocks);
                files.push(Artifact::text(format!("{stem}.hgrm"), "text/plain", percentiles(&pooled)));
                files.push(Artifact::text(format!("{stem}.hlog"), "text/plain", log));
            }
        }
    }
    files
}

fn percentiles(pooled: &Distribution) -> String {
    let mut out = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let all = pooled.count();
    let mut share: f64 = 0.0;
    for (edge_ns, below) in pooled.steps() {
        let reached = below as f64 / all as f64;
        while share < 1.0 && share <= reached + ROUNDING {
            let last = below == all && share > 1.0 - 1.0 / all as f64;
            if last {
                break;
            }
            let left = 1.0 / (1.0 - share);
            let _ = writeln!(out, "{:>12.3} {share:>2.12} {below:>10} {left:>14.2}", edge_ns as f64 / NS_PER_MS);
            share += 1.0 / (TICKS_PER_HALF * 2f64.powf(left.log2().floor() + 1.0));
        }
        if below == all {
            let _ = writeln!(out, "{:>12.3} {:>2.12} {below:>10}", edge_ns as f64 / NS_PER_MS, 1.0);
        }
    }
    let (mean, deviation) = moments(pooled);
    let greatest = pooled.ends().map_or(0.0, |(_, greatest)| greatest as f64 / NS_PER_MS);
    let _ = writeln!(out, "#[Mean    = {mean:>12.3}, StdDeviation   = {deviation:>12.3}]");
    let _ = writeln!(out, "#[Max     = {greatest:>12.3}, Total count    = {all:>12}]");
    out
}

/// Mean and standard deviation in ms, from the upper edges of the buckets (at most a thousandth too great).
fn moments(pooled: &Distribution) -> (f64, f64) {
    let all = (pooled.count() as f64).max(1.0);
    let mut before = 0;
    let values: Vec<(f64, f64)> = pooled
        .steps()
        .map(|(edge_ns, below)| {
            let count = below - before;
            before = below;
            (edge_ns as f64 / NS_PER_MS, count as f64)
        })
        .collect();
    let mean = values.iter().map(|(value, count)| value * count).sum::<f64>() / all;
    let squares = values.iter().map(|(value, count)| (value - mean).powi(2) * count).sum::<f64>();
    (mean, (squares / all).sqrt())
}

/// The log: a trial a line, begun at its second of the run. The record's text is the log's, byte for byte.
fn log(run: &Run<'_>, number: usize, arm: &ArmId, stream: &StreamName, blocks: &[(u32, Distribution)]) -> String {
    let began: String = words::printable(&run.record.header.began).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = format!(
        "#[Histogram log format version 1.3]\n#[claimbench: the run began {began}; an interval a trial, tagged with its block]\n\
         \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
    );
    for (block, observation) in observed(run.record, number, arm) {
        let times = blocks.iter().find(|(found, _)| *found == block).map(|(_, times)| times);
        let seen = observation.streams.iter().find(|found| found.stream == *stream);
        let (Some(times), Some(seen)) = (times, seen) else { continue };
        let greatest = times.ends().map_or(0.0, |(_, greatest)| greatest as f64 / NS_PER_MS);
        let start_s = observation.began_s + observation.phases.start_up_s + observation.phases.warm_up_s;
        let _ = writeln!(
            out,
            "Tag=block-{},{start_s:.3},{:.3},{greatest:.3},{}",
            block + 1,
            seen.window_s,
            seen.response_time
        );
    }
    out
}
