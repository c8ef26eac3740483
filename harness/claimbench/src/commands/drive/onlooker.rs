//! What is seen while a run goes on: on a terminal a few lines that change, with the last seconds as a small chart; elsewhere a plain
//! line a second. It also writes the interval log.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use load::fleet::{SecondOfStream, Watcher};
use load::interval_log::IntervalLog;

use crate::{clock, print};

/// Seconds in the chart.
const CHARTED: usize = 60;
/// The chart's letters, from nothing to the most.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Looks on.
pub(super) struct Onlooker {
    view: View,
    workers: u32,
    log: Option<IntervalLog<BufWriter<File>>>,
    log_failed: Option<io::Error>,
    charted: VecDeque<Charted>,
    busy_ns: u64,
}

enum View {
    Terminal(ProgressBar),
    Lines,
    Nothing,
}

/// A second of the chart.
struct Charted {
    rate_per_s: f64,
    p99_ns: u64,
}

impl Onlooker {
    pub(super) fn new(quiet: bool, workers: u32) -> Self {
        let view = match (quiet, io::stderr().is_terminal()) {
            (true, _) => View::Nothing,
            (false, true) => View::Terminal(lines_that_change()),
            (false, false) => View::Lines,
        };
        Self { view, workers, log: None, log_failed: None, charted: VecDeque::new(), busy_ns: 0 }
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

    fn chart(&self, value: impl Fn(&Charted) -> f64) -> String {
        let most = self.charted.iter().map(&value).fold(f64::MIN_POSITIVE, f64::max);
        self.charted.iter().map(|second| bar(value(second) / most)).collect()
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
        let line = line(second, length_ns, busy_ns as f64 / (length_ns * f64::from(self.workers)));
        let p99_ns = second.response_time.value_at_quantile(0.99);
        self.charted.push_back(Charted { rate_per_s: second.seen.completed as f64 / length_ns * 1e9, p99_ns });
        if self.charted.len() > CHARTED {
            self.charted.pop_front();
        }
        match &self.view {
            View::Terminal(bar) => {
                let (rates, times) =
                    (self.chart(|second| second.rate_per_s), self.chart(|second| second.p99_ns as f64));
                bar.set_message(format!("{line}\nrate {rates}\np99  {times}"));
                bar.tick();
            }
            View::Lines => print::note(&line),
            View::Nothing => {}
        }
    }
}

/// A second in words.
fn line(second: &SecondOfStream<'_>, length_ns: f64, busy_share: f64) -> String {
    let times = second.response_time;
    let at = |quantile: f64| micros(times.value_at_quantile(quantile));
    format!(
        "{:>6.1} s  {:>9.0}/s  p50 {}  p99 {}  max {}  errors {}  send lag up to {}  generator {:.0} %",
        second.until_ns as f64 / 1e9,
        second.seen.completed as f64 / length_ns * 1e9,
        at(0.5),
        at(0.99),
        micros(times.max()),
        second.seen.failed,
        micros(second.seen.lag_ns_max),
        busy_share * 100.0
    )
}

/// A time in a unit that keeps it short.
pub(super) fn micros(time_ns: u64) -> String {
    match time_ns as f64 / 1e3 {
        us if us < 1e4 => format!("{us:.0} µs"),
        us if us < 1e7 => format!("{:.1} ms", us / 1e3),
        us => format!("{:.1} s", us / 1e6),
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

/// The letter of a share of the most.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the letters")]
fn bar(share: f64) -> char {
    let last = BARS.len() - 1;
    BARS[((share * last as f64).round().clamp(0.0, last as f64)) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_rises_with_its_values() {
        let letters: String = [0.0, 0.5, 1.0, 7.0, f64::NAN].map(bar).iter().collect();
        assert_eq!(letters, "▁▅██▁");
        assert_eq!([micros(999_000), micros(25_000_000), micros(12_000_000_000)], ["999 µs", "25.0 ms", "12.0 s"]);
    }
}
