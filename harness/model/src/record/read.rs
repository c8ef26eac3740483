//! Reads a run record from its text: strict about what it is, lenient about a last line that was cut off.

use crate::record::quiet::counts_instead;
use crate::record::{FORMAT, Header, Line, RunRecord, TrialRecord};

/// Why a text is no run record that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not a record at all.
    #[error(
        "not a run record: the first line is no claimbench header ({detail}); name the `record.ndjson` of a run, or its folder"
    )]
    NotARecord {
        /// What the parser said.
        detail: String,
    },
    /// From a later version.
    #[error(
        "the record has format {found}, and this claimbench reads up to {FORMAT}; judge it with a newer claimbench"
    )]
    Newer {
        /// The record's format.
        found: u64,
    },
    /// A line in the middle is damaged.
    #[error(
        "line {line} of the record is damaged ({detail}); restore the file, or cut it off before that line to keep what stands above"
    )]
    Damaged {
        /// The line, from 1.
        line: usize,
        /// What the parser said.
        detail: String,
    },
}

/// Reads a record from its text. A last line without its newline that does not parse was cut off: it is left out
/// and said so.
///
/// # Errors
/// When the text is no record, is newer than this version, or is damaged before its last line.
pub fn read_record(text: &str) -> Result<RunRecord, RecordError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let first = lines.next().map_or("", |(_, line)| line);
    let header = read_header(first)?;
    let mut record = RunRecord::begin(header);
    let whole = text.ends_with('\n');
    let mut lines = lines.peekable();
    while let Some((number, line)) = lines.next() {
        match serde_json::from_str::<Line>(line) {
            Ok(line) => add(&mut record, line, number)?,
            Err(_) if !whole && lines.peek().is_none() => record.cut_off = true,
            Err(error) => return Err(RecordError::Damaged { line: number + 1, detail: error.to_string() }),
        }
    }
    Ok(record)
}

fn read_header(line: &str) -> Result<Header, RecordError> {
    let not_a_record = |error: serde_json::Error| RecordError::NotARecord { detail: error.to_string() };
    let value: serde_json::Value = serde_json::from_str(line).map_err(not_a_record)?;
    let format = value.pointer("/header/format").and_then(serde_json::Value::as_u64);
    match format {
        None => Err(RecordError::NotARecord { detail: "it has no `header.format`".to_owned() }),
        Some(found) if found > u64::from(FORMAT) => Err(RecordError::Newer { found }),
        Some(_) => match serde_json::from_value(value).map_err(not_a_record)? {
            Line::Header(header) => Ok(*header),
            _ => Err(RecordError::NotARecord { detail: "its first line is another".to_owned() }),
        },
    }
}

fn add(record: &mut RunRecord, line: Line, number: usize) -> Result<(), RecordError> {
    match line {
        Line::Header(_) => {
            return Err(RecordError::Damaged { line: number + 1, detail: "a second header".to_owned() });
        }
        Line::Calibration(calibration) => record.calibrations.push(calibration),
        Line::Trial(trial) => record.add(*trial),
        Line::Finished(finished) => record.finished = Some(finished),
        Line::Withdrawn(withdrawn) => record.withdrawn.push(withdrawn),
    }
    Ok(())
}

impl RunRecord {
    /// A record in which nothing has run yet.
    #[must_use]
    pub fn begin(header: Header) -> Self {
        Self {
            header,
            calibrations: Vec::new(),
            trials: Vec::new(),
            repeats: Vec::new(),
            finished: None,
            withdrawn: Vec::new(),
            cut_off: false,
        }
    }

    /// Adds what became of a trial, as the run goes on: of several attempts at one, the one from which the host took least counts.
    pub fn add(&mut self, new: TrialRecord) {
        let plan = &self.header.plan;
        let layout = plan.arm(&new.trial).and_then(|arm| plan.layouts.get(&arm.cores));
        match self.trials.iter_mut().find(|old| old.trial.index == new.trial.index) {
            None => self.trials.push(new),
            Some(old) if counts_instead(&new, old, layout) => self.repeats.push(std::mem::replace(old, new)),
            Some(_) => self.repeats.push(new),
        }
    }
}
