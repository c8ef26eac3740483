//! `drive --search` and `drive --sweep`: runs at many rates, and what they say together.

use std::time::Duration;

use anyhow::anyhow;
use load::arrival::Arrival;
use load::from_model::at_rate;
use load::run::Outcome;
use load::search::{Bounds, Found, Measured, Objective, StepKind};
use load::selfcheck::doubts;
use load::stream::StreamSpec;
use load::sweep::{Knee, Point, Rates, Sweep};
use serde::Serialize;

use super::onlooker::Onlooker;
use super::picture::micros_of;
use super::summary::{LAG_FLOOR, Summary};
use super::{Driver, judged, outputs, say};
use crate::failure::{Exit, Failure, Means};

/// Connections of the closed loop that shows about where to search.
const PROBE_CONNECTIONS: u32 = 64;
/// How long it takes; servers that compile as they run are warm then.
const PROBE: Duration = Duration::from_secs(2);
/// A search begins at this share of what the server did in it: most servers hold an objective a little below.
const START_SHARE: f64 = 0.8;
/// The search goes as far beyond it.
const MOST_FACTOR: f64 = 4.0;
/// A search ends once the rates that hold and fail are this close; below what one confirming run can tell apart.
const PRECISION: f64 = 1.05;
/// The most runs of a search, the confirming ones left out.
const STEPS_MAX: u32 = 14;
/// The lowest rate that is tried makes this many requests in a step; fewer say nothing of any quantile.
const LEAST_REQUESTS: f64 = 20.0;
/// By how much the confirming run is longer.
const CONFIRMING: u32 = 2;

/// What `drive --search --json` prints; members are only ever added.
#[derive(Debug, Serialize)]
struct SearchResult {
    /// The greatest rate that held the objective and was confirmed, in requests/s; null where none did.
    greatest_per_s: Option<f64>,
    /// Whether the true value may be greater, since the generator or the bounds ended the search.
    bounded_by_generator: bool,
    steps: Vec<StepResult>,
    /// The last run: the one that confirmed, where one did.
    last: Summary,
}

#[derive(Debug, Serialize)]
struct StepResult {
    rate_per_s: f64,
    response_us: f64,
    error_share: f64,
    held: bool,
    confirming: bool,
}

/// Searches the greatest rate within the objective.
pub(super) fn search(driver: &Driver<'_>, open: StreamSpec, objective: &Objective) -> Result<(), Failure> {
    let args = driver.args;
    let step = args.duration.duration();
    let mut onlooker = Onlooker::new(args.quiet, driver.crew.workers());
    let bounds = bounds(driver, &open, step, &mut onlooker)?;
    let mut last: Option<([StreamSpec; 1], Outcome)> = None;
    let found = load::search::search(&bounds, objective, |rate_per_s, kind| {
        onlooker.say(&format!("{rate_per_s:.0}/s{}", if kind == StepKind::Confirming { ", to confirm" } else { "" }));
        let streams = [at_rate(&open, rate_per_s)];
        let length = if kind == StepKind::Confirming { step * CONFIRMING } else { step };
        let outcome = driver.run(&streams, length, args.warm_up.duration(), &mut onlooker)?;
        let measured = Measured::of(&outcome, 0, objective);
        last = Some((streams, outcome));
        if driver.is_interrupted() { Err(interrupted()) } else { Ok(measured) }
    });
    onlooker.end()?;
    let found = found?;
    let (streams, outcome) = last.ok_or_else(|| anyhow!("the search made no run"))?;
    outputs::hgrm(args.hgrm.as_deref(), &outcome).means(Exit::Missing)?;
    let result = SearchResult::of(&found, Summary::of(&streams, &outcome, driver.crew.workers())?);
    say(args, &result, &result.in_words(objective))?;
    result.last.judged()
}

/// Where to search: around what the server does in a short closed loop.
fn bounds(driver: &Driver<'_>, open: &StreamSpec, step: Duration, onlooker: &mut Onlooker) -> Result<Bounds, Failure> {
    let arrival = Arrival::Closed { think: Duration::ZERO };
    let closed = StreamSpec { arrival, connections: PROBE_CONNECTIONS, ..open.clone() };
    onlooker.say("a closed loop, to see about where to search");
    let outcome = driver.run(&[closed], PROBE, Duration::ZERO, onlooker)?;
    let answered = outcome.streams.first().map_or(0, |stream| stream.answered_in_window);
    let around_per_s = answered as f64 / outcome.window.length_s().max(f64::MIN_POSITIVE);
    let least_per_s = LEAST_REQUESTS / step.as_secs_f64().max(f64::EPSILON);
    let most_per_s = (around_per_s * MOST_FACTOR).max(least_per_s);
    let start_per_s = (around_per_s * START_SHARE).clamp(least_per_s, most_per_s);
    Ok(Bounds { start_per_s, least_per_s, most_per_s, precision: PRECISION, steps_max: STEPS_MAX, confirm_from: 1.0 })
}

impl SearchResult {
    fn of(found: &Found, last: Summary) -> Self {
        let step = |step: &load::search::Step| StepResult {
            rate_per_s: step.rate_per_s,
            response_us: step.measured.response_ns as f64 / 1e3,
            error_share: step.measured.error_share,
            held: step.held,
            confirming: step.kind == StepKind::Confirming,
        };
        Self {
            greatest_per_s: found.greatest_per_s,
            bounded_by_generator: found.bounded_by_generator,
            steps: found.steps.iter().map(step).collect(),
            last,
        }
    }

    fn in_words(&self, objective: &Objective) -> String {
        let (percent, at_most) = (objective.quantile * 100.0, objective.at_most);
        let greatest = match (self.greatest_per_s, self.bounded_by_generator) {
            (None, _) => "no rate that was tried holds it".to_owned(),
            (Some(rate), false) => format!("{rate:.0}/s hold it, confirmed"),
            (Some(rate), true) => format!(
                "{rate:.0}/s hold it, confirmed; the generator or the bounds ended the search, so it may be more"
            ),
        };
        let mut lines = vec![format!("p{percent} ≤ {at_most:?}: {greatest}")];
        lines.extend(self.steps.iter().map(|step| {
            let (held, kind) =
                (if step.held { "held" } else { "failed" }, if step.confirming { ", confirming" } else { "" });
            format!(
                "  {:>9.0}/s  {:>10.0} µs  {:.2} % errors  {held}{kind}",
                step.rate_per_s,
                step.response_us,
                step.error_share * 100.0
            )
        }));
        lines.push(format!("the last run: {}", self.last.in_words()));
        lines.join("\n")
    }
}

/// What `drive --sweep --json` prints; members are only ever added.
#[derive(Debug, Serialize)]
struct SweepResult {
    /// Why points may be the generator's rather than the server's.
    doubts: Vec<String>,
    points: Vec<PointResult>,
    /// Where power, rate over mean response time, is greatest: `at`, `beyond-last` or `before-first`; null for too few points.
    knee: Option<&'static str>,
    /// The knee's rate, in requests/s.
    knee_per_s: Option<f64>,
}

#[derive(Debug, Serialize)]
struct PointResult {
    offered_per_s: f64,
    answered_per_s: f64,
    response_us_mean: f64,
    response_us_p50: f64,
    response_us_p90: f64,
    response_us_p99: f64,
    error_share: f64,
    generator_busy_share: f64,
}

/// Measures at rising rates.
pub(super) fn sweep(driver: &Driver<'_>, open: StreamSpec, (from_per_s, to_per_s): (f64, f64)) -> Result<(), Failure> {
    let args = driver.args;
    let rates = Rates { from_per_s, to_per_s, points: args.points }.list().map_err(|detail| anyhow!(detail));
    let rates = rates.means(Exit::BadInput)?;
    let mut onlooker = Onlooker::new(args.quiet, driver.crew.workers());
    let mut doubted = Vec::new();
    let swept = load::sweep::sweep(&rates, |rate_per_s| {
        onlooker.say(&format!("{rate_per_s:.0}/s"));
        let streams = [at_rate(&open, rate_per_s)];
        let outcome = driver.run(&streams, args.duration.duration(), args.warm_up.duration(), &mut onlooker)?;
        let found = doubts(&streams, &outcome, LAG_FLOOR);
        doubted.extend(
            found
                .iter()
                .filter(|doubt| doubt.is_about_generator())
                .map(|doubt| format!("at {rate_per_s:.0}/s {doubt}")),
        );
        if driver.is_interrupted() { Err(interrupted()) } else { Ok(Point::of(&outcome, 0, rate_per_s)) }
    });
    onlooker.end()?;
    let result = SweepResult::of(&swept?, doubted);
    say(args, &result, &result.in_words())?;
    judged(&result.doubts)
}

impl SweepResult {
    fn of(sweep: &Sweep, doubts: Vec<String>) -> Self {
        let (knee, knee_per_s) = match sweep.knee() {
            None => (None, None),
            Some(Knee::BeforeFirst) => (Some("before-first"), None),
            Some(Knee::BeyondLast) => (Some("beyond-last"), None),
            Some(Knee::At { point }) => (Some("at"), sweep.points.get(point).map(|point| point.offered_per_s)),
        };
        Self { doubts, points: sweep.points.iter().map(PointResult::of).collect(), knee, knee_per_s }
    }

    fn in_words(&self) -> String {
        let knee = match (self.knee, self.knee_per_s) {
            (_, Some(rate)) => format!("the knee is at about {rate:.0}/s"),
            (Some("beyond-last"), _) => "no knee up to the greatest rate; sweep further".to_owned(),
            (Some("before-first"), _) => "the knee lies below the lowest rate; sweep from lower".to_owned(),
            _ => "too few points for a knee".to_owned(),
        };
        let mut lines = vec![if self.doubts.is_empty() {
            "valid".to_owned()
        } else {
            format!("NOT VALID: {}", self.doubts.join("; "))
        }];
        lines.push(knee);
        lines.push("  offered/s  answered/s        mean         p50         p90         p99   errors".to_owned());
        lines.extend(self.points.iter().map(PointResult::in_words));
        lines.join("\n")
    }
}

impl PointResult {
    fn of(point: &Point) -> Self {
        let us = |time_ns: u64| time_ns as f64 / 1e3;
        Self {
            offered_per_s: point.offered_per_s,
            answered_per_s: point.answered_per_s,
            response_us_mean: point.response_ns_mean / 1e3,
            response_us_p50: us(point.response_ns_p50),
            response_us_p90: us(point.response_ns_p90),
            response_us_p99: us(point.response_ns_p99),
            error_share: point.error_share,
            generator_busy_share: point.generator_busy_share,
        }
    }

    fn in_words(&self) -> String {
        let times = [self.response_us_mean, self.response_us_p50, self.response_us_p90, self.response_us_p99];
        let times: String = times.iter().map(|us| format!("{:>12}", micros_of(us * 1e3))).collect();
        format!("{:>11.0} {:>11.0}{times}   {:.2} %", self.offered_per_s, self.answered_per_s, self.error_share * 100.0)
    }
}

fn interrupted() -> Failure {
    Failure { exit: Exit::Interrupted, error: anyhow!("interrupted; a search or a sweep says nothing before its end") }
}
