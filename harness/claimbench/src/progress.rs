//! How a run shows that it goes on: a bar with the time left on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::plan::Plan;
use model::record::{TrialOutcome, TrialRecord};

use crate::print;

/// Progress over the trials of a plan.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    began: Instant,
    done_before: usize,
    total: usize,
    expected_s: f64,
}

impl Progress {
    /// Begins with some trials done in an earlier session.
    #[must_use]
    pub fn begin(plan: &Plan, done_before: usize) -> Self {
        let total = plan.trials.len();
        let bar = std::io::stderr().is_terminal().then(|| bar(total, done_before));
        Self { bar, began: Instant::now(), done_before, total, expected_s: plan.expected.as_secs_f64() }
    }

    /// Says what is going on beside the trials.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(text.to_owned()),
            None => print::note(text),
        }
    }

    /// Shows a trial that is done.
    pub fn done(&self, plan: &Plan, record: &TrialRecord, done: usize) {
        let line = line(plan, record);
        let left = self.left_s(done);
        match &self.bar {
            Some(bar) => {
                if let TrialOutcome::Failed(_) = record.outcome {
                    bar.println(&line);
                }
                bar.set_position(done as u64);
                bar.set_message(format!("{line}; about {} left", minutes(left)));
            }
            None => print::note(&format!("[{done:>4}/{}] {line}; about {} left", self.total, minutes(left))),
        }
    }

    /// Says that the trial just shown waits to be run again, since the host took this share of its time.
    pub fn again(&self, lost: f64) {
        let line =
            format!("         the host took {:.0} % of its time: it is run again once the host is quiet", lost * 100.0);
        match &self.bar {
            Some(bar) => bar.set_message(line),
            None => print::note(&line),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Seconds left: by this run's own speed once enough is done, by the plan before.
    fn left_s(&self, done: usize) -> f64 {
        let here = done.saturating_sub(self.done_before);
        let left = self.total.saturating_sub(done) as f64;
        let planned = self.expected_s / self.total.max(1) as f64;
        let seen = self.began.elapsed().as_secs_f64() / here.max(1) as f64;
        let trust = (here as f64 / (self.total as f64 / 2.0).max(1.0)).min(1.0);
        left * (planned * (1.0 - trust) + seen * trust)
    }
}

fn bar(total: usize, done_before: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len}\n{wide_msg}") {
        bar.set_style(style);
    }
    bar.set_position(done_before as u64);
    bar
}

fn line(plan: &Plan, record: &TrialRecord) -> String {
    let trial = &record.trial;
    let workload = plan.experiments.get(trial.experiment).map_or("", |experiment| experiment.workload.name.as_str());
    let label = plan.arm(trial).map_or_else(|| trial.arm.to_string(), |arm| arm.label.clone());
    let result = match &record.outcome {
        TrialOutcome::Failed(failure) => format!("failed: {}", failure.reason.lines().next().unwrap_or_default()),
        TrialOutcome::Observed(seen) => match (&seen.search, seen.streams.first()) {
            (Some(search), _) => {
                search.greatest_per_s.map_or_else(|| "no rate held".to_owned(), |rate| format!("{rate:.0}/s held"))
            }
            (None, Some(stream)) => {
                format!("{:.0}/s", stream.completed as f64 / stream.window_s.max(f64::MIN_POSITIVE))
            }
            (None, None) => "nothing measured".to_owned(),
        },
    };
    format!("{workload}, block {}, {label}: {result}", trial.block + 1)
}

/// A number of seconds in words: `45 s`, `12 min`, `1 h 20 min`.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a plan can take")]
pub fn minutes(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 1e7).round() as u64;
    match (seconds / 3600, (seconds % 3600).div_ceil(60), seconds) {
        (0, _, seconds) if seconds < 90 => format!("{seconds} s"),
        (0, minutes, _) => format!("{minutes} min"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
