//! Drives a workload through the load generator: as it is, or searching for the greatest rate within its objective.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use load::arrival::Arrival;
use load::from_model::{StreamPlan, at_rate, stream_plan};
use load::observe::{capacity_search, observe};
use load::pacer::PacerKind;
use load::request::RequestSpec;
use load::run::{Ending, Opening, Outcome, RunSpec, Target};
use load::search::{Bounds, Found, Measured, Objective, StepKind, search};
use load::stream::StreamSpec;
use load::window::Phases;
use model::define::workload::{Role, WarmUpLoad, Workload};
use model::plan::{ALONE, SearchEffort};
use model::record::{CapacitySearch, Stage, StreamObservation};

use super::fault::{At, Fault};
use super::warm_up::Warming;
use super::workers::on_each;

/// The longest wait for outstanding answers after the window; longer than any route takes when it is not overloaded.
const DRAIN: Duration = Duration::from_secs(5);
/// The greatest rate that a search tries where no calibration says what the generator can do.
const MOST_PER_S: f64 = 50_000.0;
/// The lowest rate that a search tries makes this many requests in a step; fewer say nothing of any quantile.
const LEAST_REQUESTS: f64 = 20.0;
/// A search begins at this share of what the server did in a closed loop: most servers hold an objective a little below.
const START_SHARE: f64 = 0.8;
/// Confirming begins at this share of the greatest rate that held a short step: that rate itself mostly fails in a second, longer one, since
/// it is the greatest of several that had luck.
const CONFIRM_FROM: f64 = 0.95;
/// The share of a search step, or of a window on a warmed server, that warms the new rate up: connections are opened anew for each, and what that
/// costs the server must be over.
const STEP_WARM_UP: f64 = 0.33;
/// By how much the confirming run is longer than a step.
const CONFIRMING: u32 = 2;

/// Connections of the closed-loop load that warms a server up before a search: enough that a server which waits 50 ms for others is kept busy.
const WARM_UP_CONNECTIONS: u32 = 128;
/// The fewest connections of a step.
const STEP_CONNECTIONS_MIN: u32 = 64;
/// A step has so many times the connections that are waited for at once where every answer comes as late as the objective allows. Each is opened
/// anew, so that more would be time in which nothing is measured; fewer would hold requests back that are due.
const CONNECTIONS_ROOM: f64 = 1.5;

/// What the streams that go on alone are given before they are measured again: the backlog of the background is over by then.
const ALONE_WARM_UP: Duration = Duration::from_millis(200);

/// From so many connections on, they are opened on a schedule, since one after the other, each with an answer over it, would take longer than
/// the load.
const MANY: u32 = 1_000;
/// Connections opened a second where they are many: below what every server accepts. Where each begins with a handshake that the server answers, as in
/// WebSocket, it is the server that sets the pace (seen: 700 to 3,000 a second), since few wait for theirs at once.
const OPENED_PER_S: f64 = 4_000.0;

/// What is driven, where and how long.
pub(super) struct Drive<'a> {
    pub(super) workload: &'a Workload,
    pub(super) warm_up: Duration,
    pub(super) measure: Duration,
    pub(super) port: u16,
    /// How many processes of the server share its listening socket.
    pub(super) processes: u32,
    pub(super) pacer: PacerKind,
    /// The generator's cores; a worker on each.
    pub(super) cores: &'a [u16],
    pub(super) seed: u64,
    pub(super) ceiling_per_s: Option<f64>,
    pub(super) search_effort: SearchEffort,
    pub(super) interrupted: &'a AtomicBool,
    /// Ends the measurement before its time: all that it was for has been seen.
    pub(super) seen_enough: Option<&'a AtomicBool>,
}

/// What driving gave.
pub(super) struct Driven {
    pub(super) streams: Vec<StreamObservation>,
    /// The measured streams without the background's load.
    pub(super) alone: Vec<StreamObservation>,
    pub(super) search: Option<CapacitySearch>,
    /// The run that the streams were taken from; of a search, the last; of attacks, none.
    pub(super) last: Option<Outcome>,
    /// From the first window's start to the last one's end, on the monotonic clock.
    pub(super) measured: Range<Duration>,
    /// Answers from the first request of the warm-up to the end of the drain.
    pub(super) answered: u64,
    pub(super) warm_up_s: f64,
    pub(super) drain_s: f64,
}

impl Driven {
    /// Requests of the last run whose answer did not come, whenever they were sent.
    pub(super) fn unanswered(&self) -> u64 {
        let totals = self.last.iter().flat_map(|last| &last.streams).map(|stream| stream.totals);
        totals.map(|totals| (totals.requests_sent + totals.retries).saturating_sub(totals.responses)).sum()
    }

    /// The window that the streams were measured in.
    pub(super) fn last_window(&self) -> Range<Duration> {
        self.last.as_ref().map_or_else(|| self.measured.clone(), window)
    }
}

/// A search as planned.
struct Searched {
    /// Its place among the streams.
    at: usize,
    objective: Objective,
    step: Duration,
}

/// How many connections a step at this rate has, of the most that the workload allows.
fn connections_at(rate_per_s: f64, objective: &Objective, most: u32) -> u32 {
    let waiting = (rate_per_s * objective.at_most.as_secs_f64() * CONNECTIONS_ROOM).ceil();
    // A cast of a float to an integer saturates.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, at most `most`")]
    let waiting = waiting as u32;
    waiting.max(STEP_CONNECTIONS_MIN).min(most)
}

impl Drive<'_> {
    /// Drives, on the calling thread.
    pub(super) fn run(&self) -> Result<Driven, Fault> {
        if let Some(attacked) = self.workload.streams.iter().find(|stream| !stream.attacks.is_empty()) {
            return self.attack(attacked);
        }
        let plans = self.workload.streams.iter().map(stream_plan).collect::<Result<Vec<_>, _>>().at(Stage::Drive)?;
        let mut searched = None;
        let mut streams = Vec::new();
        for (at, plan) in plans.into_iter().enumerate() {
            streams.push(match plan {
                StreamPlan::Fixed(stream) => stream,
                StreamPlan::Search { stream, objective, step } => {
                    searched = Some(Searched { at, objective, step });
                    stream
                }
            });
        }
        match searched {
            Some(searched) => self.search(streams, &searched),
            None if self.workload.warm_up_load == WarmUpLoad::Closed => self.warmed(&streams),
            None => self.fixed(&streams),
        }
    }

    /// The load as planned, on a server that closed-loop load has warmed up.
    fn warmed(&self, streams: &[StreamSpec]) -> Result<Driven, Fault> {
        let began = crate::platform::monotonic();
        let (_, answered_before) = self.warm(&mut streams.to_vec(), 0)?;
        let settling = self.measure.mul_f64(STEP_WARM_UP);
        let warm_up = crate::platform::monotonic().saturating_sub(began) + settling;
        let outcome = self.one(streams, settling, self.measure, self.ending(streams))?;
        let measured = window(&outcome);
        self.driven(outcome, measured, None, answered_before, warm_up)
    }

    fn fixed(&self, streams: &[StreamSpec]) -> Result<Driven, Fault> {
        let outcome = self.one(streams, self.warm_up, self.measure, self.ending(streams))?;
        let measured = window(&outcome);
        let driven = self.driven(outcome, measured, None, 0, self.warm_up)?;
        if self.workload.goes_on_alone() { self.alone(streams, driven) } else { Ok(driven) }
    }

    /// The measured streams once more, without the background.
    fn alone(&self, streams: &[StreamSpec], driven: Driven) -> Result<Driven, Fault> {
        let roles = self.workload.streams.iter().map(|stream| stream.role);
        let measured = streams.iter().zip(roles).filter(|(_, role)| *role == Role::Measured);
        let measured: Vec<StreamSpec> = measured.map(|(stream, _)| stream.clone()).collect();
        let outcome = self.one(&measured, ALONE_WARM_UP, ALONE.duration(), Ending::Close)?;
        let alone = observe(&outcome).map_err(|error| error.to_string()).at(Stage::Drive)?;
        Ok(Driven { alone, answered: driven.answered + answered(&outcome), ..driven })
    }

    /// Closed-loop load warms the server up and shows about where to search.
    fn search(&self, mut streams: Vec<StreamSpec>, searched: &Searched) -> Result<Driven, Fault> {
        let open = streams[searched.at].clone();
        let began = crate::platform::monotonic();
        let (warming, mut answered) = self.warm(&mut streams, searched.at)?;
        let warm_up = crate::platform::monotonic().saturating_sub(began);
        let least_per_s = LEAST_REQUESTS / searched.step.as_secs_f64().max(f64::EPSILON);
        let most_per_s = self.ceiling_per_s.unwrap_or(MOST_PER_S).max(least_per_s);
        let start_per_s = (warming.best_per_s() * START_SHARE).clamp(least_per_s, most_per_s);
        let SearchEffort { precision, steps_max, .. } = self.search_effort;
        let bounds = Bounds { start_per_s, least_per_s, most_per_s, precision, steps_max, confirm_from: CONFIRM_FROM };
        let mut measured: Option<Range<Duration>> = None;
        let mut last = None;
        let found: Found = search(&bounds, &searched.objective, |rate_per_s, kind| {
            streams[searched.at] = at_rate(&open, rate_per_s);
            streams[searched.at].connections = connections_at(rate_per_s, &searched.objective, open.connections);
            let measure = match kind {
                StepKind::Searching => searched.step,
                StepKind::Confirming => searched.step * CONFIRMING,
            };
            let outcome = self.one(&streams, searched.step.mul_f64(STEP_WARM_UP), measure, Ending::Close)?;
            let now = window(&outcome);
            measured = Some(measured.take().map_or(now.start, |range| range.start)..now.end);
            let step = Measured::of(&outcome, searched.at, &searched.objective);
            answered += self::answered(&outcome);
            last = Some(outcome);
            Ok::<_, Fault>(step)
        })?;
        let nothing = || "the search made no run".to_owned();
        let (last, measured) = last.zip(measured).ok_or_else(nothing).at(Stage::Drive)?;
        let before_last = answered - self::answered(&last);
        self.driven(last, measured, Some(capacity_search(&found)), before_last, warm_up)
    }

    /// Slices of closed-loop load, each as long as the planned warm-up, until the server is warm; with the answers they got.
    fn warm(&self, streams: &mut [StreamSpec], at: usize) -> Result<(Warming, u64), Fault> {
        streams[at].arrival = Arrival::Closed { think: Duration::ZERO };
        streams[at].connections = streams[at].connections.min(WARM_UP_CONNECTIONS);
        let (mut warming, mut answers) = (Warming::of(self.search_effort.warm_ups_max), 0);
        while !warming.is_over() {
            let slice = self.one(streams, Duration::ZERO, self.warm_up, Ending::Close)?;
            warming.saw(rate_so_far_per_s(&slice, at));
            answers += answered(&slice);
        }
        Ok((warming, answers))
    }

    /// Many WebSocket connections are left to end with the server, which takes seconds to work off as many goodbyes (seen: 2.3 s for 10,000) and is
    /// only asked what it counted. Connections of HTTP are soon closed, and a server that is full of them (gunicorn, `worker_connections`) cannot
    /// be asked.
    fn ending(&self, streams: &[StreamSpec]) -> Ending {
        if are_many(streams) && self.workload.shakes_hands() { Ending::LeaveOpen } else { Ending::Close }
    }

    /// One run; an interrupted one counts as none.
    fn one(
        &self,
        streams: &[StreamSpec],
        warm_up: Duration,
        measure: Duration,
        ending: Ending,
    ) -> Result<Outcome, Fault> {
        let health = RequestSpec::get("/health");
        let stop: Vec<&AtomicBool> = std::iter::once(self.interrupted).chain(self.seen_enough).collect();
        let outcome = on_each(
            self.cores,
            &RunSpec {
                target: Target { address: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)) },
                streams,
                phases: Phases { warm_up, measure, drain: DRAIN },
                // Servers do not count /health among their requests.
                opening: match self.processes {
                    1 if !are_many(streams) => Opening::OneByOne(&health),
                    1 => Opening::AtRate { per_s: OPENED_PER_S },
                    _ => Opening::UnderLoad,
                },
                pacer: self.pacer,
                seed: self.seed,
                stop: &stop,
                ending,
            },
        );
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Fault::Interrupted);
        }
        outcome.at(Stage::Drive)
    }

    fn driven(
        &self,
        last: Outcome,
        measured: Range<Duration>,
        search: Option<CapacitySearch>,
        answered_before: u64,
        warm_up: Duration,
    ) -> Result<Driven, Fault> {
        let streams = observe(&last).map_err(|error| error.to_string()).at(Stage::Drive)?;
        let drain_s = crate::platform::monotonic().saturating_sub(measured.end).as_secs_f64();
        let answered = answered_before + answered(&last);
        let warm_up_s = warm_up.as_secs_f64();
        let alone = Vec::new();
        Ok(Driven { streams, alone, search, last: Some(last), measured, answered, warm_up_s, drain_s })
    }
}

fn are_many(streams: &[StreamSpec]) -> bool {
    streams.iter().map(|stream| stream.connections).sum::<u32>() >= MANY
}

fn window(outcome: &Outcome) -> Range<Duration> {
    Duration::from_nanos(outcome.window.start_ns)..Duration::from_nanos(outcome.window.end_ns)
}

fn answered(outcome: &Outcome) -> u64 {
    outcome.streams.iter().map(|stream| stream.totals.responses).sum()
}

/// A stream's rate from the run's first request until now, the drain included: with many connections the first answers may
/// come after a short window's end.
fn rate_so_far_per_s(outcome: &Outcome, stream: usize) -> f64 {
    let answered = outcome.streams.get(stream).map_or(0, |stream| stream.totals.responses);
    let passed = crate::platform::monotonic().saturating_sub(window(outcome).start);
    answered as f64 / passed.as_secs_f64().max(f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_as_many_connections_as_its_objective_can_fill() {
        let objective = Objective { quantile: 0.99, at_most: Duration::from_millis(100), errors_at_most: 0.001 };
        let at = |rate_per_s| connections_at(rate_per_s, &objective, 1_000);
        assert_eq!([10.0, 2_000.0, 50_000.0].map(at), [64, 300, 1_000]);
        assert_eq!(connections_at(10.0, &objective, 8), 8, "never more than the workload says");
    }
}
