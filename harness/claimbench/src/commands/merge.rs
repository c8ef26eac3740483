//! `claimbench merge`: adds up the interval logs of several machines. Histograms add, so the percentiles are those of one log that had
//! everything.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow};
use hdrhistogram::Histogram;
use load::hgrm::hgrm;
use load::interval_log::MergedLogs;
use serde::Serialize;

use super::drive::Times;
use crate::cli::MergeArgs;
use crate::failure::{Exit, Failure, Means};
use crate::print;

/// The longest log that is read.
const LOG_BYTES_MAX: u64 = 1 << 30;

/// What `merge --json` prints: version 1 of a documented interface. Members are only ever added.
#[derive(Debug, Serialize)]
struct Merged {
    intervals: usize,
    requests: u64,
    response_time_us: Times,
    by_tag: BTreeMap<String, Tagged>,
}

#[derive(Debug, Serialize)]
struct Tagged {
    requests: u64,
    response_time_us: Times,
}

/// Reads the logs and prints their sum.
///
/// # Errors
/// When a log cannot be read, or there is nothing in any.
pub fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let mut merged = MergedLogs::default();
    for log in &args.logs {
        let bytes = read(log).means(Exit::Missing)?;
        merged.add(&bytes).with_context(|| format!("{} cannot be merged", log.display())).means(Exit::BadInput)?;
    }
    let joint = merged.joint().ok_or_else(|| anyhow!("there is no interval in these logs")).means(Exit::BadInput)?;
    if let Some(file) = &args.hgrm {
        std::fs::write(file, hgrm(&joint))
            .with_context(|| format!("cannot write {}", file.display()))
            .means(Exit::Missing)?;
    }
    let tagged = |times: &Histogram<u64>| Tagged { requests: times.len(), response_time_us: Times::of(times) };
    let result = Merged {
        intervals: merged.intervals,
        requests: joint.len(),
        response_time_us: Times::of(&joint),
        by_tag: merged.by_tag.iter().map(|(tag, times)| (tag.clone(), tagged(times))).collect(),
    };
    let text = if args.json {
        serde_json::to_string_pretty(&result).context("a sum is not serialisable")?
    } else {
        result.in_words()
    };
    Ok(print::result(&text)?)
}

fn read(log: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", log.display());
    let length = std::fs::metadata(log).with_context(cannot)?.len();
    if length > LOG_BYTES_MAX {
        return Err(anyhow!("{} has {length} bytes; logs of at most {LOG_BYTES_MAX} are read", log.display()));
    }
    std::fs::read(log).with_context(cannot)
}

impl Merged {
    fn in_words(&self) -> String {
        let mut lines = vec![format!("{} requests in {} intervals", self.requests, self.intervals)];
        lines.push(format!("response time  {}", self.response_time_us.in_words()));
        if self.by_tag.len() > 1 {
            let tags = self.by_tag.iter();
            lines.extend(
                tags.map(|(tag, of)| format!("  {tag}: {} requests  {}", of.requests, of.response_time_us.in_words())),
            );
        }
        lines.join("\n")
    }
}
