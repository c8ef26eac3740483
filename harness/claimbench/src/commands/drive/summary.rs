//! What `claimbench drive` prints: first whether the run is valid, then its numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::anyhow;
use load::anderson_darling;
use load::recorder::StreamOutcome;
use load::run::Outcome;
use load::selfcheck::{doubts, stalled_share};
use load::stream::StreamSpec;
use model::record::StreamObservation;
use serde::Serialize;

use super::carried::{self, ConnectionsSummary, DeliveriesSummary, EventsSummary, TransferSummary};
use super::picture::micros_of;
use crate::failure::{Exit, Failure, Means};

/// The send lag that needs no reason: what a sleeping thread's wake-up takes on a virtual machine.
pub(super) const LAG_FLOOR: Duration = Duration::from_micros(100);
/// Requests below which a 99th percentile is not estimable (method.md, *Numbers*).
const P99_REQUESTS: u64 = 1_000;
/// Requests below which a 99.9th percentile is not estimable.
const P999_REQUESTS: u64 = 10_000;

/// What `drive --json` prints: version 1 of a documented interface. Members are only ever added.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// Whether the generator did what it was asked for, so that the numbers are the server's.
    pub(crate) valid: bool,
    /// Why not, each with what to do.
    pub(crate) doubts: Vec<String>,
    /// What is left out of the numbers, and why.
    pub(crate) notes: Vec<String>,
    /// Requests due in the window.
    pub(crate) due: u64,
    /// Of those, sent.
    pub(crate) sent: u64,
    /// Of those, rightly answered.
    pub(crate) completed: u64,
    /// Requests that went wrong.
    pub(crate) errors: u64,
    /// The same by class.
    pub(crate) errors_by_class: BTreeMap<String, u64>,
    /// Due but not sent when the window ended.
    pub(crate) unsent: u64,
    /// Sent but not answered when the window ended.
    pub(crate) unanswered: u64,
    /// Length of the window in seconds.
    pub(crate) duration_s: f64,
    /// Right answers a second.
    pub(crate) rate: f64,
    /// Done minus due.
    pub(crate) response_time_us: Times,
    /// Done minus sent.
    pub(crate) service_time_us: Times,
    /// Sent minus due.
    pub(crate) send_lag_us: Times,
    /// CPU of the generator for each request, spinning left out.
    pub(crate) generator_cpu_us_per_request: f64,
    /// Variance to mean of requests sent in each 100 µs; 0 is perfectly regular, 1 is Poisson.
    pub(crate) fano_factor: Option<f64>,
    /// Mean requests in flight.
    pub(crate) in_flight_mean: f64,
    /// Generator threads.
    pub(crate) workers: u32,
    /// What the generator found about itself.
    pub(crate) self_check: SelfCheck,
    /// What became of the connections.
    pub(crate) connections: ConnectionsSummary,
    /// What they moved.
    pub(crate) transfer: TransferSummary,
    /// What became of messages to rooms; null where there are none.
    pub(crate) deliveries: Option<DeliveriesSummary>,
    /// What became of event streams; null where there are none.
    pub(crate) events: Option<EventsSummary>,
    #[serde(skip)]
    more: Vec<String>,
}

/// The figures behind the doubts.
#[derive(Debug, Serialize)]
pub(crate) struct SelfCheck {
    /// Sent over due.
    pub(crate) sent_share: f64,
    /// The share of its time in which the busiest worker worked.
    pub(crate) generator_busy_share: f64,
    /// The share of the window in which the host stalled the generator.
    pub(crate) host_stalled_share: f64,
    /// How often it did.
    pub(crate) hiccups: u64,
    /// Rate times mean service time: what Little's law says of `in_flight_mean`.
    pub(crate) in_flight_expected: f64,
    /// Whether the gaps between requests are exponential: the statistic of Anderson and Darling; null where too few left.
    pub(crate) anderson_darling: Option<f64>,
}

impl SelfCheck {
    fn of(outcome: &Outcome, stream: &StreamOutcome) -> Self {
        let rate_per_s = stream.counts.completed as f64 / outcome.window.length_s().max(f64::MIN_POSITIVE);
        Self {
            sent_share: stream.counts.sent as f64 / stream.counts.due.max(1) as f64,
            generator_busy_share: outcome.busiest_share,
            host_stalled_share: stalled_share(outcome),
            hiccups: outcome.generator.hiccups,
            in_flight_expected: rate_per_s * stream.service_time.mean() / 1e9,
            anderson_darling: anderson_darling::statistic(&stream.regularity.gaps_ns()),
        }
    }

    fn in_words(&self) -> String {
        format!(
            "sent {:.2} % of what was due; worked {:.0} % of the time; the host stalled it for {:.2} %",
            self.sent_share * 100.0,
            self.generator_busy_share * 100.0,
            self.host_stalled_share * 100.0
        )
    }
}

/// A distribution in microseconds; a quantile is null where too few requests support it.
#[derive(Debug, Serialize)]
pub(crate) struct Times {
    p50: Option<f64>,
    p90: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    p999: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
}

impl Times {
    pub(crate) fn of(histogram: &hdrhistogram::Histogram<u64>) -> Self {
        let count = histogram.len();
        let at = |quantile: f64, least: u64| {
            (count >= least.max(1)).then(|| histogram.value_at_quantile(quantile) as f64 / 1e3)
        };
        Self {
            p50: at(0.5, 1),
            p90: at(0.9, 1),
            p95: at(0.95, 1),
            p99: at(0.99, P99_REQUESTS),
            p999: at(0.999, P999_REQUESTS),
            max: at(1.0, 1),
            mean: (count > 0).then(|| histogram.mean() / 1e3),
        }
    }

    pub(crate) fn in_words(&self) -> String {
        let named = [("p50", self.p50), ("p90", self.p90), ("p99", self.p99), ("p99.9", self.p999), ("max", self.max)];
        let parts = named
            .iter()
            .map(|(name, value)| format!("{name} {}", value.map_or_else(|| "–".to_owned(), |us| micros_of(us * 1e3))));
        parts.collect::<Vec<_>>().join("  ")
    }
}

impl Summary {
    /// Sums a run up.
    ///
    /// # Errors
    /// When the run has no stream, which would be a bug.
    pub(crate) fn of(streams: &[StreamSpec], outcome: &Outcome, workers: u32) -> anyhow::Result<Self> {
        let stream = outcome.streams.first().ok_or_else(|| anyhow!("a run without a stream"))?;
        let observations = load::observe::observe(outcome)?;
        let seen: &StreamObservation = observations.first().ok_or_else(|| anyhow!("a run without an observation"))?;
        let mut doubts: Vec<String> = doubts(streams, outcome, LAG_FLOOR).iter().map(ToString::to_string).collect();
        let errors = seen.errors.values().sum();
        if errors > 0 {
            doubts.push(format!("{errors} requests went wrong ({}); look at the server's log", classes(&seen.errors)));
        }
        let notes = notes(stream.response_time.len());
        let generator = load::observe::generator_use(
            outcome,
            load::observe::GeneratorPlace { cores: 1, shares_core: false, services_cpu_s: 0.0 },
        );
        Ok(Self {
            valid: doubts.is_empty(),
            doubts,
            notes,
            due: seen.due,
            sent: seen.sent,
            completed: seen.completed,
            errors,
            errors_by_class: seen.errors.clone(),
            unsent: seen.unsent,
            unanswered: seen.unanswered,
            duration_s: seen.window_s,
            rate: seen.completed as f64 / seen.window_s.max(f64::MIN_POSITIVE),
            response_time_us: Times::of(&stream.response_time),
            service_time_us: Times::of(&stream.service_time),
            send_lag_us: Times::of(&stream.send_lag),
            generator_cpu_us_per_request: generator.cpu_us_per_request,
            fano_factor: stream.fano_factor,
            in_flight_mean: seen.in_flight_mean,
            workers,
            self_check: SelfCheck::of(outcome, stream),
            connections: ConnectionsSummary::of(&stream.connections),
            transfer: TransferSummary::of(&stream.transfer),
            deliveries: stream.deliveries.as_ref().map(DeliveriesSummary::of),
            events: stream.events.as_ref().map(EventsSummary::of),
            more: carried::in_words(stream),
        })
    }

    /// A failure where the run is not valid.
    pub(super) fn judged(&self) -> Result<(), Failure> {
        match self.doubts.len() {
            0 => Ok(()),
            // Which ones stands at the top of what was printed.
            1 => Err(anyhow!("the run is not valid; the summary says why")).means(Exit::Condition),
            more => {
                Err(anyhow!("the run is not valid, for {more} reasons; the summary has them")).means(Exit::Condition)
            }
        }
    }

    /// The same, of a run that was interrupted.
    pub(super) fn of_interrupted(mut self) -> Self {
        self.notes.push(format!("interrupted: the window ended after {:.1} s", self.duration_s));
        self
    }

    /// The summary for people.
    #[must_use]
    pub(crate) fn in_words(&self) -> String {
        let mut lines = match self.doubts.split_first() {
            None => vec!["valid".to_owned()],
            Some((first, _)) => vec![format!("NOT VALID: {first}")],
        };
        lines.extend(self.doubts.iter().skip(1).map(|doubt| format!("       and: {doubt}")));
        lines.extend(self.notes.iter().map(|note| format!("  note: {note}")));
        lines.push(format!("rate           {:.1} right answers/s over {:.1} s", self.rate, self.duration_s));
        lines.push(format!(
            "requests       {} due, {} sent, {} completed, {} wrong, {} unsent, {} unanswered",
            self.due, self.sent, self.completed, self.errors, self.unsent, self.unanswered
        ));
        lines.push(format!("response time  {}", self.response_time_us.in_words()));
        lines.push(format!("service time   {}", self.service_time_us.in_words()));
        lines.push(format!("send lag       {}", self.send_lag_us.in_words()));
        lines.extend(self.more.iter().cloned());
        lines.push(format!(
            "generator      {:.1} µs CPU a request; {}",
            self.generator_cpu_us_per_request,
            self.self_check.in_words()
        ));
        lines.join("\n")
    }
}

fn classes(errors: &BTreeMap<String, u64>) -> String {
    let each: Vec<String> =
        errors.iter().filter(|(_, count)| **count > 0).map(|(class, count)| format!("{class} {count}")).collect();
    each.join(", ")
}

fn notes(requests: u64) -> Vec<String> {
    let mut notes = Vec::new();
    if requests < P99_REQUESTS {
        notes.push(format!("{requests} requests support no 99th percentile (1,000 do); measure longer"));
    } else if requests < P999_REQUESTS {
        notes.push(format!("{requests} requests support no 99.9th percentile (10,000 do); measure longer"));
    }
    notes
}
