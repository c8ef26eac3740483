//! What is seen while a run goes on: on a terminal a few lines that change, with the last seconds as a small chart; elsewhere a plain
//! line a second. It also writes the interval log.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use load::fleet::{SecondOfStream, Watcher};
use load::interval_log::IntervalLog;

use super::picture::{Picture, Shown};
use crate::{clock, print};

/// Width of a terminal that does not tell its own.
const COLUMNS: u16 = 80;

/// Looks on.
pub(super) struct Onlooker {
    view: View,
    workers: u32,
    log: Option<IntervalLog<BufWriter<File>>>,
    log_failed: Option<io::Error>,
    picture: Picture,
    busy_ns: u64,
}

enum View {
    Terminal(ProgressBar),
    Lines,
    Nothing,
}

impl Onlooker {
    pub(super) fn new(quiet: bool, workers: u32) -> Self {
        let view = match (quiet, io::stderr().is_terminal()) {
            (true, _) => View::Nothing,
            (false, true) => View::Terminal(lines_that_change()),
            (false, false) => View::Lines,
        };
        Self { view, workers, log: None, log_failed: None, picture: Picture::default(), busy_ns: 0 }
    }

    /// Writes an interval log of the run whose window begins after this time.
    pub(super) fn log_to(&mut self, file: &Path, after: Duration) -> anyhow::Result<()> {
        let cannot = || format!("cannot write {}", file.display());
        let out = BufWriter::new(File::create(file).with_context(cannot)?);
        self.log = Some(IntervalLog::begin(out, clock::now_system() + after).with_context(cannot)?);
        Ok(())
    }

    /// Says what is going on beside the seconds.
    pub(super) fn say(&self, text: &str) {
        match &self.view {
            View::Terminal(bar) => bar.println(text),
            View::Lines => print::note(text),
            View::Nothing => {}
        }
    }

    /// Takes the view away and closes the log.
    pub(super) fn end(self) -> anyhow::Result<()> {
        if let View::Terminal(bar) = &self.view {
            bar.finish_and_clear();
        }
        let ended = self.log_failed.map_or(Ok(()), Err);
        ended.and_then(|()| self.log.map_or(Ok(()), IntervalLog::end)).context("the interval log could not be written")
    }
}

impl Watcher for Onlooker {
    fn second(&mut self, second: &SecondOfStream<'_>) {
        if let Some(log) = &mut self.log
            && self.log_failed.is_none()
        {
            self.log_failed = log.add(second).err();
        }
        let length_ns = second.until_ns.saturating_sub(second.from_ns).max(1) as f64;
        // Of a run that follows another, the count begins again.
        let busy_ns = second.seen.busy_ns.checked_sub(self.busy_ns).unwrap_or(second.seen.busy_ns);
        self.busy_ns = second.seen.busy_ns;
        let times = second.response_time;
        let shown = Shown {
            until_s: second.until_ns as f64 / 1e9,
            rate_per_s: second.seen.completed as f64 / length_ns * 1e9,
            p50_ns: times.value_at_quantile(0.5),
            p99_ns: times.value_at_quantile(0.99),
            max_ns: times.max(),
            errors: second.seen.failed,
            lag_ns_max: second.seen.lag_ns_max,
            busy_share: busy_ns as f64 / (length_ns * f64::from(self.workers)),
        };
        match &self.view {
            View::Terminal(bar) => {
                self.picture.add(shown);
                // Asked anew each time, since it may have been resized.
                let columns = console::Term::stderr().size_checked().map_or(COLUMNS, |(_, columns)| columns);
                bar.set_message(self.picture.lines(usize::from(columns)).join("\n"));
                bar.tick();
            }
            View::Lines => print::note(&shown.in_a_line()),
            View::Nothing => {}
        }
    }
}

fn lines_that_change() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg}") {
        bar.set_style(style);
    }
    bar.set_message("warming up");
    bar.tick();
    bar
}
