//! HdrHistogram interval logs (`.hlog`, V2): one line a second and stream, as the official log reader, processor and plotter take them;
//! and their sum, which has the percentiles of all of them together.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

use crate::fleet::SecondOfStream;
use crate::observe::encode;

/// The greatest value of an interval stands in the log in this unit of nanoseconds: milliseconds, as the official tools have it.
const MAX_VALUE_UNIT: f64 = 1e6;
/// Most intervals of all logs that are merged: a day of 11 streams, one a second.
pub const INTERVALS_MAX: usize = 1_000_000;

/// Writes a log, interval by interval; keeps none.
#[derive(Debug)]
pub struct IntervalLog<W: Write> {
    out: W,
}

impl<W: Write> IntervalLog<W> {
    /// Begins a log of a window that began then.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(mut out: W, began: SystemTime) -> io::Result<Self> {
        let began_s = began.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        writeln!(out, "#[Logged by claimbench; response times in nanoseconds]")?;
        writeln!(out, "#[Histogram log format version 1.3]")?;
        writeln!(out, "#[StartTime: {began_s:.3} (seconds since epoch)]")?;
        writeln!(out, "#[BaseTime: {began_s:.3} (seconds since epoch)]")?;
        writeln!(out, r#""StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram""#)?;
        Ok(Self { out })
    }

    /// Adds a second of a stream, under the stream's name as its tag.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, second: &SecondOfStream<'_>) -> io::Result<()> {
        let (from, until) = (Duration::from_nanos(second.from_ns), Duration::from_nanos(second.until_ns));
        self.add_interval(second.name, from, until.saturating_sub(from), second.response_time)
    }

    /// Adds an interval: its start since the window's, its length and its times in nanoseconds.
    ///
    /// # Errors
    /// When it cannot be written.
    #[expect(clippy::cast_precision_loss, reason = "three digits are what it has")]
    pub fn add_interval(
        &mut self,
        tag: &str,
        from: Duration,
        length: Duration,
        times: &Histogram<u64>,
    ) -> io::Result<()> {
        let (from_s, length_s) = (from.as_secs_f64(), length.as_secs_f64());
        let greatest_ms = times.max() as f64 / MAX_VALUE_UNIT;
        writeln!(self.out, "Tag={},{from_s:.3},{length_s:.3},{greatest_ms:.3},{}", tag_text(tag), encode(times))
    }

    /// Ends the log.
    ///
    /// # Errors
    /// When the rest cannot be written.
    pub fn end(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A stream's name as a tag: commas and blanks would end it.
fn tag_text(name: &str) -> String {
    name.chars().map(|letter| if letter == ',' || letter.is_whitespace() { '_' } else { letter }).collect()
}

/// The sum of logs.
#[derive(Clone, Debug, Default)]
pub struct MergedLogs {
    /// For each tag all its intervals together; without a tag it is empty.
    pub by_tag: BTreeMap<String, Histogram<u64>>,
    /// How many intervals there were.
    pub intervals: usize,
}

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A line is none of an interval log.
    #[error("interval {number} is none of an HdrHistogram interval log; give logs as `drive --hlog` writes them")]
    Malformed {
        /// Which, from 1.
        number: usize,
    },
    /// An interval's histogram cannot be decoded.
    #[error("the histogram of interval {number} cannot be decoded: {detail}")]
    Histogram {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        detail: String,
    },
    /// There are too many.
    #[error("there are more than {INTERVALS_MAX} intervals; merge fewer logs at once")]
    TooMany,
}

impl MergedLogs {
    /// Adds all intervals of a log.
    ///
    /// # Errors
    /// When it is no log, or there are too many intervals.
    pub fn add(&mut self, log: &[u8]) -> Result<(), LogError> {
        for entry in IntervalLogIterator::new(log) {
            let number = self.intervals + 1;
            let LogEntry::Interval(interval) = entry.map_err(|_| LogError::Malformed { number })? else { continue };
            if number > INTERVALS_MAX {
                return Err(LogError::TooMany);
            }
            let times =
                decode(interval.encoded_histogram()).map_err(|detail| LogError::Histogram { number, detail })?;
            let tag = interval.tag().map_or("", |tag| tag.as_str());
            match self.by_tag.get_mut(tag) {
                None => drop(self.by_tag.insert(tag.to_owned(), times)),
                Some(sum) => add(sum, &times).map_err(|detail| LogError::Histogram { number, detail })?,
            }
            self.intervals = number;
        }
        Ok(())
    }

    /// All tags together; nothing where there is no interval.
    #[must_use]
    pub fn joint(&self) -> Option<Histogram<u64>> {
        let mut all = self.by_tag.values();
        let mut joint = all.next()?.clone();
        // Histograms of different shape, as of different tools, are added value by value.
        all.try_for_each(|more| add(&mut joint, more)).ok()?;
        Some(joint)
    }
}

/// Adds, growing where the other is larger.
fn add(sum: &mut Histogram<u64>, more: &Histogram<u64>) -> Result<(), String> {
    sum.auto(true);
    sum.add(more).map_err(|error| error.to_string())
}

fn decode(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
    Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::histogram;
    use proptest::prelude::*;

    fn log(tag: &str, intervals: &[Vec<u64>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let began = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let mut log = IntervalLog::begin(&mut bytes, began).unwrap();
        for (second, values) in (0_u64..).zip(intervals) {
            let mut times = histogram();
            values.iter().for_each(|value| times.saturating_record(*value));
            log.add_interval(tag, Duration::from_secs(second), Duration::from_secs(1), &times).unwrap();
        }
        log.end().unwrap();
        bytes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn merged_logs_are_the_histogram_recorded_jointly(
            machines in prop::collection::vec(prop::collection::vec(prop::collection::vec(1_u64..1_u64 << 41, 0..30), 1..4), 1..4),
        ) {
            let (mut joint, mut merged) = (histogram(), MergedLogs::default());
            for machine in &machines {
                machine.iter().flatten().for_each(|value| joint.saturating_record(*value));
                merged.add(&log("main", machine)).unwrap();
            }
            prop_assert_eq!(merged.intervals, machines.iter().map(Vec::len).sum::<usize>());
            prop_assert_eq!(merged.joint().unwrap(), joint);
        }
    }

    #[test]
    fn tags_are_kept_apart_and_joined() {
        let mut merged = MergedLogs::default();
        merged.add(&log("reads of all", &[vec![1_000, 2_000]])).unwrap();
        merged.add(&log("writes", &[vec![5_000]])).unwrap();
        let tags: Vec<(&str, u64)> = merged.by_tag.iter().map(|(tag, times)| (tag.as_str(), times.len())).collect();
        assert_eq!(tags, [("reads_of_all", 2), ("writes", 1)]);
        assert_eq!(merged.joint().unwrap().len(), 3);
        assert!(MergedLogs::default().joint().is_none());
    }

    #[test]
    fn what_is_no_log_is_refused() {
        let mut merged = MergedLogs::default();
        assert!(matches!(merged.add(b"hello\n"), Err(LogError::Malformed { number: 1 })));
        let wrong = b"Tag=a,0.000,1.000,2.000,AAAA\n";
        assert!(matches!(merged.add(wrong), Err(LogError::Histogram { number: 1, .. })));
    }
}
