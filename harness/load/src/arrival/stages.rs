//! A rate that changes over time, in stages: each holds a rate or goes evenly from one to another.
//!
//! With Λ(t) for the number of requests due until t (the integral of the rate), the n-th request is due at Λ⁻¹(n); and where the
//! y-th point of a Poisson process of rate one is taken instead of n, the requests are a Poisson process of that changing rate
//! (the time-change theorem: Çinlar 1975, "Introduction to Stochastic Processes", section 4.7).

use std::sync::Arc;
use std::time::Duration;

/// Most stages of one stream.
pub const STAGES_MAX: usize = 32;

/// One stage of a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// How long it takes.
    pub length: Duration,
    /// Requests due a second at its beginning; not negative and finite.
    pub from_per_s: f64,
    /// Requests due a second at its end; the rate changes evenly in between.
    pub to_per_s: f64,
}

/// Stages, one after the other. After the last one nothing is due.
#[derive(Clone, Debug, PartialEq)]
pub struct Stages(Arc<[Stage]>);

/// Why stages are none.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StagesError {
    /// Too few or too many.
    #[error("give 1 to {STAGES_MAX} stages, not {0}")]
    Count(usize),
    /// A rate is no rate.
    #[error("the rate of a stage must be 0 requests/s or more and finite, not {0}")]
    Rate(f64),
    /// A stage takes no time.
    #[error("a stage takes no time; give it some")]
    Empty,
    /// Nothing is ever due.
    #[error("nothing is due in any stage; give at least one a rate greater than 0")]
    Nothing,
}

impl Stage {
    /// A stage of one rate.
    #[must_use]
    pub const fn steady(length: Duration, rate_per_s: f64) -> Self {
        Self { length, from_per_s: rate_per_s, to_per_s: rate_per_s }
    }

    /// Requests due in all of it.
    #[must_use]
    pub fn due(&self) -> f64 {
        f64::midpoint(self.from_per_s, self.to_per_s) * self.length.as_secs_f64()
    }

    /// The rate `at_s` seconds after its beginning.
    fn rate_per_s(&self, at_s: f64) -> f64 {
        self.from_per_s + (self.to_per_s - self.from_per_s) * at_s / self.length.as_secs_f64()
    }

    /// Requests due until `at_s` seconds after its beginning.
    fn due_until(&self, at_s: f64) -> f64 {
        f64::midpoint(self.from_per_s, self.rate_per_s(at_s)) * at_s
    }

    /// When, in seconds after its beginning, this many requests were due: the positive root of
    /// `(to − from) / (2 · length) · t² + from · t = due`, in the form that does not cancel.
    fn when_due_s(&self, due: f64) -> f64 {
        let slope = (self.to_per_s - self.from_per_s) / self.length.as_secs_f64();
        let root = (self.from_per_s.powi(2) + 2.0 * slope * due).max(0.0).sqrt();
        2.0 * due / (self.from_per_s + root)
    }
}

impl Stages {
    /// Stages in this order.
    ///
    /// # Errors
    /// Where there is none or too many, a rate is none, a stage takes no time, or nothing is due in any.
    pub fn new(stages: &[Stage]) -> Result<Self, StagesError> {
        if stages.is_empty() || stages.len() > STAGES_MAX {
            return Err(StagesError::Count(stages.len()));
        }
        let rates = stages.iter().flat_map(|stage| [stage.from_per_s, stage.to_per_s]);
        if let Some(rate) = rates.into_iter().find(|rate| !(rate.is_finite() && *rate >= 0.0)) {
            return Err(StagesError::Rate(rate));
        }
        if stages.iter().any(|stage| stage.length.is_zero()) {
            return Err(StagesError::Empty);
        }
        if stages.iter().all(|stage| stage.due() <= 0.0) {
            return Err(StagesError::Nothing);
        }
        Ok(Self(stages.into()))
    }

    /// The stages.
    #[must_use]
    pub fn list(&self) -> &[Stage] {
        &self.0
    }

    /// How long all of them take.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.list().iter().map(|stage| stage.length).sum()
    }

    /// The rate at a time since the start, in requests/s; zero after the last stage. Where two stages meet, it is the later one's.
    #[must_use]
    pub fn rate_per_s(&self, at: Duration) -> f64 {
        let mut before = Duration::ZERO;
        for stage in self.list() {
            if at < before + stage.length {
                return stage.rate_per_s((at - before).as_secs_f64());
            }
            before += stage.length;
        }
        0.0
    }

    /// Requests due from the start until a time: the integral of the rate.
    #[must_use]
    pub fn due_until(&self, at: Duration) -> f64 {
        let mut before = Duration::ZERO;
        let mut due = 0.0;
        for stage in self.list() {
            due += stage.due_until(at.saturating_sub(before).min(stage.length).as_secs_f64());
            before += stage.length;
        }
        due
    }
}

/// Walks through stages from one due time to the next.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    stages: Stages,
    at: usize,
    /// Requests due before the current stage.
    due_before: f64,
    /// When the current stage begins.
    begins_s: f64,
}

impl Walk {
    pub(super) fn new(stages: Stages) -> Self {
        Self { stages, at: 0, due_before: 0.0, begins_s: 0.0 }
    }

    /// When this many requests were due, in seconds since the start; numbers never fall from call to call. Nothing after the end.
    pub(super) fn when_due_s(&mut self, due: f64) -> Option<f64> {
        while let Some(stage) = self.stages.list().get(self.at) {
            let in_stage = due - self.due_before;
            if in_stage < stage.due() {
                return Some(self.begins_s + stage.when_due_s(in_stage.max(0.0)).max(0.0));
            }
            self.due_before += stage.due();
            self.begins_s += stage.length.as_secs_f64();
            self.at += 1;
        }
        None
    }
}
