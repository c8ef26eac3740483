//! Whether a run measured the server rather than the generator: doubts, each with what to do about it.

use std::fmt;
use std::time::Duration;

use crate::anderson_darling;
use crate::arrival::{Arrival, Spacing};
use crate::recorder::StreamOutcome;
use crate::run::Outcome;
use crate::search::GENERATOR_BUSY_MAX;
use crate::stream::StreamSpec;
use crate::window::Window;

/// Least share of the requests due that must have been sent (gate G2 of the method).
pub const SENT_SHARE_MIN: f64 = 0.99;
/// Greatest send lag (99th percentile) as a share of the median response time (gate G2).
pub const LAG_SHARE_MAX: f64 = 0.05;
/// Greatest relative difference between N and X·R (gate G1).
pub const LITTLE_SHARE_MAX: f64 = 0.05;

/// Greatest Fano factor of requests that were to leave evenly: twice that of a Poisson process. What stalls of the host add (a few
/// hundredths each) stays below it; generators that send in bursts have 4 to 8.
pub const FANO_MAX: f64 = 2.0;
/// Greatest share of the window in which the host may stall the generator: beyond it the slowest hundredth, and more, is the host's.
pub const STALLED_SHARE_MAX: f64 = 0.05;

/// Standard deviations of what cutting requests at the window's two ends adds by luck that are allowed beside it.
const END_DEVIATIONS: f64 = 3.0;

/// Why a run may have measured something else than the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// Too few of the requests that were due were sent.
    ScheduleMissed {
        /// The stream.
        stream: String,
        /// The share that was sent.
        sent_share: f64,
    },
    /// Requests left too late.
    GeneratorLagged {
        /// The stream.
        stream: String,
        /// 99th percentile of the send lag.
        lag_us_p99: f64,
        /// Median response time.
        response_us_p50: f64,
    },
    /// The generator had too little time to spare.
    GeneratorBusy {
        /// The share of its time in which it worked.
        share: f64,
    },
    /// The counts, times and rate of a closed loop contradict each other.
    LittlesLawBroken {
        /// The stream.
        stream: String,
        /// N: requests in flight on average.
        in_flight: f64,
        /// X·R: rate times service time.
        expected: f64,
    },
    /// What was to leave evenly left in bursts.
    Bursts {
        /// The stream.
        stream: String,
        /// Variance to mean of requests in each 100 µs.
        fano_factor: f64,
    },
    /// What was to be a Poisson process was none.
    NotPoisson {
        /// The stream.
        stream: String,
        /// The statistic of Anderson and Darling.
        statistic: f64,
    },
    /// The host stalled the generator too long.
    HostStalled {
        /// The share of the window.
        share: f64,
    },
    /// No right answer came at all.
    NoAnswer {
        /// The stream.
        stream: String,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScheduleMissed { stream, sent_share } => write!(
                out,
                "`{stream}` sent {:.1} % of the requests that were due; lower the rate or give it more connections",
                sent_share * 100.0
            ),
            Self::GeneratorLagged { stream, lag_us_p99, response_us_p50 } => write!(
                out,
                "`{stream}` sent late (p99 {lag_us_p99:.0} µs, against a median response time of {response_us_p50:.0} µs); \
                 give the generator a core of its own, or the stream more connections"
            ),
            Self::GeneratorBusy { share } => write!(
                out,
                "the generator worked {:.0} % of the time; lower the rate or give it more cores",
                share * 100.0
            ),
            Self::LittlesLawBroken { stream, in_flight, expected } => write!(
                out,
                "`{stream}` had {in_flight:.2} requests in flight where rate times service time is {expected:.2}; \
                 measure longer, and look for requests left over from an earlier load"
            ),
            Self::Bursts { stream, fano_factor } => write!(
                out,
                "`{stream}` left in bursts (Fano factor {fano_factor:.1} per 100 µs, where an even rate has at most 1); give the \
                 generator a core of its own, or the stream more connections"
            ),
            Self::NotPoisson { stream, statistic } => write!(
                out,
                "the gaps of `{stream}` are not exponential (Anderson-Darling {statistic:.1}, at most {:.1}); give the generator a \
                 core of its own, or the stream more connections",
                anderson_darling::STATISTIC_MAX
            ),
            Self::HostStalled { share } => write!(
                out,
                "the host stalled the generator for {:.1} % of the time; close what else runs here, or measure on a quieter machine",
                share * 100.0
            ),
            Self::NoAnswer { stream } => {
                write!(out, "`{stream}` got no right answer; see its errors, and try the request by hand")
            }
        }
    }
}

impl Doubt {
    /// Whether it is about the generator or the host, whatever the server did: a server beyond its capacity makes requests wait for
    /// connections and breaks no more than the schedule.
    #[must_use]
    pub const fn is_about_generator(&self) -> bool {
        matches!(self, Self::GeneratorBusy { .. } | Self::HostStalled { .. } | Self::LittlesLawBroken { .. })
    }
}

/// The doubts about a run, given the streams it was made with and the send lag that is below notice (the calibrated
/// floor).
#[must_use]
pub fn doubts(specs: &[StreamSpec], outcome: &Outcome, lag_floor: Duration) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let busy = outcome.busiest_share;
    if busy >= GENERATOR_BUSY_MAX {
        doubts.push(Doubt::GeneratorBusy { share: busy });
    }
    let stalled = stalled_share(outcome);
    if stalled > STALLED_SHARE_MAX {
        doubts.push(Doubt::HostStalled { share: stalled });
    }
    for (spec, stream) in specs.iter().zip(&outcome.streams) {
        if stream.counts.completed == 0 {
            // Subscriptions that were answered before the window may go on through all of it.
            if stream.events.as_ref().is_none_or(|events| events.received == 0) {
                doubts.push(Doubt::NoAnswer { stream: stream.name.clone() });
            }
            continue;
        }
        match spec.arrival {
            Arrival::Open { spacing, .. } => {
                schedule_doubts(stream, lag_floor, stalled, &mut doubts);
                doubts.extend(pattern_doubt(stream, spacing));
            }
            // Neither even nor exponential where the rate changes.
            Arrival::Staged { .. } => schedule_doubts(stream, lag_floor, stalled, &mut doubts),
            Arrival::Closed { .. } => doubts.extend(littles_law(stream, outcome.window)),
        }
    }
    doubts
}

/// The share of the window in which the host stalled the generator's thread: what was due then left late through no fault of the
/// generator, and counts in the response times.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a share")]
pub fn stalled_share(outcome: &Outcome) -> f64 {
    (outcome.generator.hiccups_ns as f64 / outcome.generator.wall_ns.max(1) as f64).min(1.0)
}

/// Whether requests left in the pattern that they were to have.
fn pattern_doubt(stream: &StreamOutcome, spacing: Spacing) -> Option<Doubt> {
    let name = || stream.name.clone();
    match spacing {
        Spacing::Constant => {
            let fano_factor = stream.fano_factor.filter(|fano_factor| *fano_factor > FANO_MAX)?;
            Some(Doubt::Bursts { stream: name(), fano_factor })
        }
        Spacing::Poisson => {
            let statistic = anderson_darling::statistic(&stream.regularity.gaps_ns());
            let statistic = statistic.filter(|statistic| *statistic > anderson_darling::STATISTIC_MAX)?;
            Some(Doubt::NotPoisson { stream: name(), statistic })
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "shares and microseconds")]
fn schedule_doubts(stream: &StreamOutcome, lag_floor: Duration, stalled: f64, doubts: &mut Vec<Doubt>) {
    let sent_share = stream.counts.sent as f64 / stream.counts.due.max(1) as f64;
    if sent_share < SENT_SHARE_MIN {
        doubts.push(Doubt::ScheduleMissed { stream: stream.name.clone(), sent_share });
    }
    let lag_us_p99 = stream.send_lag.value_at_quantile(0.99 * (1.0 - stalled)) as f64 / 1e3;
    let response_us_p50 = stream.response_time.value_at_quantile(0.5) as f64 / 1e3;
    if lag_us_p99 > (LAG_SHARE_MAX * response_us_p50).max(lag_floor.as_secs_f64() * 1e6) {
        doubts.push(Doubt::GeneratorLagged { stream: stream.name.clone(), lag_us_p99, response_us_p50 });
    }
}

/// N against X·R. Of the N requests under way at either end of the window T, each has spent a share of its time R outside: R / √12 is its
/// deviation, √(2N/12) · R that of all, and N · T what it is compared with.
#[expect(clippy::cast_precision_loss, reason = "a product of means")]
fn littles_law(stream: &StreamOutcome, window: Window) -> Option<Doubt> {
    let rate_per_s = stream.counts.completed as f64 / window.length_s();
    let service_s = stream.service_time.mean() / 1e9;
    let expected = rate_per_s * service_s;
    let in_flight = stream.in_flight_mean;
    let ends = END_DEVIATIONS * service_s / (window.length_s() * (6.0 * in_flight.max(1.0)).sqrt());
    let broken = (in_flight - expected).abs() > (LITTLE_SHARE_MAX + ends) * in_flight;
    broken.then(|| Doubt::LittlesLawBroken { stream: stream.name.clone(), in_flight, expected })
}
