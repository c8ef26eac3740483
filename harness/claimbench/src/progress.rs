//! How a run shows that it goes on: a bar with the time left on a terminal, plain lines elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::plan::Plan;
use model::record::{TrialOutcome, TrialRecord};

use crate::print;

/// Once a run has done this share of what was planned, the time left is told by its own speed alone.
const OWN_SPEED_FROM: f64 = 0.1;

/// Progress over the trials of a plan.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    total: usize,
    /// What each trial that is still to be done should take, in seconds.
    left_s: BTreeMap<u32, f64>,
    /// What the trials that were done should have taken, and what they took, in seconds.
    planned_s: f64,
    took_s: f64,
    last: Instant,
}

impl Progress {
    /// Begins with some trials done in an earlier session.
    #[must_use]
    pub fn begin(plan: &Plan, done_before: &BTreeSet<u32>) -> Self {
        let total = plan.trials.len();
        let bar = std::io::stderr().is_terminal().then(|| bar(total, done_before.len()));
        let left = plan.trials.iter().filter(|trial| !done_before.contains(&trial.index));
        let left_s = left.map(|trial| (trial.index, plan.expected_of(trial).as_secs_f64())).collect();
        Self { bar, total, left_s, planned_s: 0.0, took_s: 0.0, last: Instant::now() }
    }

    /// The next trial begins now: what was set up before it is no part of its time.
    pub fn trial_begins(&mut self) {
        self.last = Instant::now();
    }

    /// Says what is going on beside the trials.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(text.to_owned()),
            None => print::note(text),
        }
    }

    /// Shows a trial that is done.
    pub fn done(&mut self, plan: &Plan, record: &TrialRecord, done: usize) {
        let line = line(plan, record);
        // A trial that runs again is not among those that are left, and its time says nothing of them.
        if let Some(planned_s) = self.left_s.remove(&record.trial.index) {
            self.planned_s += planned_s;
            self.took_s += self.last.elapsed().as_secs_f64();
        }
        let left = self.left_s();
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
        let line = format!(
            "         the host took {:.0} % of its time: it runs again if the host grows quiet in the time planned",
            lost * 100.0
        );
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

    /// Seconds left.
    #[must_use]
    pub fn left_s(&self) -> f64 {
        left_s(self.left_s.values().sum(), self.planned_s, self.took_s)
    }
}

/// What is left of a plan, in seconds, times a run's own speed so far: the more of it is done, the more that counts.
fn left_s(left_s: f64, planned_s: f64, took_s: f64) -> f64 {
    if planned_s <= 0.0 {
        return left_s;
    }
    let trust = (planned_s / ((left_s + planned_s) * OWN_SPEED_FROM)).min(1.0);
    left_s * (1.0 - trust + trust * took_s / planned_s)
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
    let minutes = seconds.div_ceil(60);
    match (minutes / 60, minutes % 60) {
        _ if seconds < 90 => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_whole_minutes_which_make_whole_hours() {
        let told = [89.4, 90.0, 3_540.0, 3_541.0, 10_779.0, 10_781.0].map(minutes);
        assert_eq!(told, ["89 s", "2 min", "59 min", "1 h 0 min", "3 h 0 min", "3 h 0 min"]);
    }

    #[test]
    fn the_time_left_is_the_plans_and_then_more_and_more_the_runs_own() {
        let close =
            |left_s: f64, wanted_s: f64| assert!((left_s - wanted_s).abs() < 1e-9, "{left_s} is not {wanted_s}");
        close(left_s(100.0, 0.0, 0.0), 100.0);
        // A twentieth is done, in twice its time: half of what that says is believed.
        close(left_s(95.0, 5.0, 10.0), 95.0 * 1.5);
        close(left_s(50.0, 50.0, 100.0), 100.0);
        close(left_s(0.0, 100.0, 300.0), 0.0);
    }
}
