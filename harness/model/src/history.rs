//! The history: one derived line a run in `results/history.ndjson`, and the trends that are read from it.
//!
//! Format history: 1 — the first (2026-11).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::names::ClaimId;
use crate::plan::ProfileName;
use crate::record::RunRecord;
use crate::verdict::{Outcome, Verdict};

/// The newest format that this version writes and reads.
pub const HISTORY_FORMAT: u32 = 1;

/// One run in a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryLine {
    /// The format's version.
    pub format: u32,
    /// What tells the run from all others: when it began, and its seed.
    pub run: String,
    /// When it began (RFC 3339, UTC).
    pub began: String,
    /// The git commit of the definitions, if known.
    pub commit: Option<String>,
    /// The machine's type: runs are compared within one type only.
    pub machine: String,
    /// The profile.
    pub profile: ProfileName,
    /// The blocks of each arm.
    pub blocks: u32,
    /// Every claim that was judged.
    pub claims: Vec<HistoryClaim>,
}

/// What a claim came to in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryClaim {
    /// The claim.
    pub claim: ClaimId,
    /// The verdict.
    pub verdict: Outcome,
    /// The estimated ratio treatment / baseline.
    pub effect: Option<f64>,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
}

impl HistoryLine {
    /// The line of a run.
    #[must_use]
    pub fn of(record: &RunRecord, verdicts: &[Verdict]) -> Self {
        let header = &record.header;
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let claim = |verdict: &Verdict| HistoryClaim {
            claim: verdict.claim.clone(),
            verdict: verdict.outcome,
            effect: finite(verdict.effect),
            low: finite(verdict.low),
            high: finite(verdict.high),
        };
        Self {
            format: HISTORY_FORMAT,
            run: format!("{}/{}", header.began, header.plan.seed),
            began: header.began.clone(),
            commit: header.commit.clone(),
            machine: header.machine.kind_in_words(),
            profile: header.plan.profile.name,
            blocks: header.plan.profile.blocks,
            claims: verdicts.iter().map(claim).collect(),
        }
    }
}

/// Why a history cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A line is damaged.
    #[error("line {line} is no line of a history: {error}; take it out, or restore the file from git")]
    Damaged {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// A line is newer than this version.
    #[error("line {line} has format {format}, but this claimbench reads up to {HISTORY_FORMAT}: update claimbench")]
    Newer {
        /// The line, from 1.
        line: usize,
        /// Its format.
        format: u32,
    },
}

/// Reads a history; empty lines are passed over.
///
/// # Errors
/// When a line is damaged, or newer than this version.
pub fn read_history(text: &str) -> Result<Vec<HistoryLine>, HistoryError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, text)| {
            let line = number + 1;
            let read: HistoryLine =
                serde_json::from_str(text).map_err(|error| HistoryError::Damaged { line, error })?;
            if read.format > HISTORY_FORMAT {
                return Err(HistoryError::Newer { line, format: read.format });
            }
            Ok(read)
        })
        .collect()
}

/// One claim over the runs of one type of machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// The machine's type.
    pub machine: String,
    /// The claim.
    pub claim: ClaimId,
    /// The runs in which it has an effect, in the order in which they began.
    pub points: Vec<TrendPoint>,
    /// The stretches with one level; a stretch that does not begin with the first run begins with a change.
    pub levels: Vec<TrendLevel>,
}

/// One run of a trend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrendPoint {
    /// When it began.
    pub began: String,
    /// The git commit of the definitions, if known.
    pub commit: Option<String>,
    /// The verdict.
    pub verdict: Outcome,
    /// The ratio.
    pub effect: f64,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
}

/// A stretch of runs with one level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrendLevel {
    /// Its first run, as an index into the points.
    pub first: usize,
    /// The geometric mean of its ratios.
    pub effect: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(format: u32) -> String {
        format!(
            r#"{{"format":{format},"run":"r","began":"b","commit":null,"machine":"m","profile":"quick","blocks":6,"claims":[{{"claim":"gil-threads","verdict":"supported","effect":1.0,"low":null,"high":1.1}}]}}"#
        )
    }

    #[test]
    fn a_history_reads_back_what_was_written() {
        let read = read_history(&format!("{}\n\n{}\n", line(1), line(1))).expect("two lines");
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].claims[0].low, None);
        let written = serde_json::to_string(&read[0]).expect("JSON");
        assert_eq!(read_history(&written).expect("a line"), read[..1]);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line() {
        let damaged = read_history(&format!("{}\n{{\"format\":1\n", line(1))).expect_err("damaged").to_string();
        assert!(damaged.starts_with("line 2 is no line of a history"), "{damaged}");
        let newer = read_history(&line(HISTORY_FORMAT + 1)).expect_err("newer").to_string();
        assert!(newer.contains("update claimbench"), "{newer}");
    }
}
