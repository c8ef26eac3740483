//! Latency over offered rate, and the knee of that curve.
//!
//! The knee is where power, rate over mean response time, is greatest: up to there a greater rate costs proportionally less waiting,
//! beyond it more. Source: Kleinrock 1979, "Power and deterministic rules of thumb for probabilistic problems in computer
//! communications", ICC; Jain 1991, "The Art of Computer Systems Performance Analysis", section 3.3. For M/M/1 it lies at half the
//! capacity.
//!
//! Pure but for the closure that makes a run at a rate.

use crate::run::Outcome;

/// Fewest points that have a knee between them.
pub const POINTS_MIN: u32 = 3;
/// Most points of a sweep.
pub const POINTS_MAX: u32 = 100;
/// A server that answers less than this share of what is offered is far beyond its capacity: the sweep ends.
const ANSWERED_SHARE_MIN: f64 = 0.5;

/// Which rates are offered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// The lowest, in requests/s; greater than zero.
    pub from_per_s: f64,
    /// The greatest; greater than the lowest.
    pub to_per_s: f64,
    /// How many, these two among them; between [`POINTS_MIN`] and [`POINTS_MAX`].
    pub points: u32,
}

/// What one rate gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Requests due a second.
    pub offered_per_s: f64,
    /// Right answers a second.
    pub answered_per_s: f64,
    /// Mean response time in nanoseconds, of requests that took at least so long too.
    pub response_ns_mean: f64,
    /// Quantiles of response time in nanoseconds.
    pub response_ns_p50: u64,
    /// The 90th percentile.
    pub response_ns_p90: u64,
    /// The 99th percentile.
    pub response_ns_p99: u64,
    /// Share of the requests due that failed or stayed unsent.
    pub error_share: f64,
    /// Share of the time in which the busiest worker worked.
    pub generator_busy_share: f64,
}

/// A sweep's points.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// One for each rate, rising.
    pub points: Vec<Point>,
}

/// Where the knee is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Knee {
    /// At this point; the true one lies between its neighbours.
    At {
        /// The point's place.
        point: usize,
    },
    /// Power still rises at the greatest rate: sweep further.
    BeyondLast,
    /// Power falls from the lowest rate on: sweep from lower.
    BeforeFirst,
}

impl Rates {
    /// The rates, evenly spaced as ratios.
    ///
    /// # Errors
    /// When they make no sense; the text says what would.
    pub fn list(&self) -> Result<Vec<f64>, String> {
        let Self { from_per_s, to_per_s, points } = *self;
        if !(from_per_s > 0.0 && to_per_s > from_per_s && to_per_s.is_finite()) {
            return Err(format!("sweep from a rate above 0 to a greater one, not from {from_per_s} to {to_per_s}"));
        }
        if !(POINTS_MIN..=POINTS_MAX).contains(&points) {
            return Err(format!("give a sweep {POINTS_MIN} to {POINTS_MAX} points, not {points}"));
        }
        let step = (to_per_s / from_per_s).powf(1.0 / f64::from(points - 1));
        Ok((0..points).map(|point| from_per_s * step.powf(f64::from(point))).collect())
    }
}

impl Point {
    /// What a run at this rate measured of one of its streams.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "rates and shares")]
    pub fn of(outcome: &Outcome, stream: usize, offered_per_s: f64) -> Self {
        let window_s = outcome.window.length_s().max(f64::MIN_POSITIVE);
        let stream = &outcome.streams[stream];
        let bad = stream.counts.errors.failed_requests() + stream.counts.unsent;
        let times = &stream.response_time;
        Self {
            offered_per_s,
            answered_per_s: stream.answered_in_window as f64 / window_s,
            response_ns_mean: times.mean(),
            response_ns_p50: times.value_at_quantile(0.5),
            response_ns_p90: times.value_at_quantile(0.9),
            response_ns_p99: times.value_at_quantile(0.99),
            error_share: bad as f64 / stream.counts.due.max(1) as f64,
            generator_busy_share: outcome.busiest_share,
        }
    }

    /// Kleinrock's power: rate over mean response time.
    #[must_use]
    pub fn power(&self) -> f64 {
        self.answered_per_s / self.response_ns_mean.max(1.0)
    }
}

/// Sweeps over the rates, running each by `run_at`, until the server is far beyond its capacity.
///
/// # Errors
/// Whatever `run_at` fails with.
pub fn sweep<E>(rates: &[f64], mut run_at: impl FnMut(f64) -> Result<Point, E>) -> Result<Sweep, E> {
    let mut points = Vec::with_capacity(rates.len());
    for rate_per_s in rates {
        let point = run_at(*rate_per_s)?;
        points.push(point);
        if point.answered_per_s < ANSWERED_SHARE_MIN * point.offered_per_s {
            break;
        }
    }
    Ok(Sweep { points })
}

impl Sweep {
    /// Where the knee is; nothing where there are fewer than [`POINTS_MIN`] points.
    #[must_use]
    pub fn knee(&self) -> Option<Knee> {
        if self.points.len() < POINTS_MIN as usize {
            return None;
        }
        let powers = self.points.iter().map(Point::power).enumerate();
        let (point, _) = powers.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
        Some(match point {
            0 => Knee::BeforeFirst,
            last if last + 1 == self.points.len() => Knee::BeyondLast,
            point => Knee::At { point },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    /// An M/M/1 queue: the mean response time is 1/(µ − λ); beyond its capacity it answers µ, ever later.
    fn queue(capacity: f64) -> impl FnMut(f64) -> Result<Point, Infallible> {
        move |offered_per_s| {
            let mean_s = if offered_per_s < capacity { 1.0 / (capacity - offered_per_s) } else { 10.0 };
            Ok(Point {
                offered_per_s,
                answered_per_s: offered_per_s.min(capacity),
                response_ns_mean: mean_s * 1e9,
                response_ns_p50: 0,
                response_ns_p90: 0,
                response_ns_p99: 0,
                error_share: 0.0,
                generator_busy_share: 0.0,
            })
        }
    }

    proptest! {
        #[test]
        fn the_knee_of_a_single_server_queue_lies_at_half_its_capacity(capacity in 500.0..50_000.0_f64) {
            let rates = Rates { from_per_s: 100.0, to_per_s: 60_000.0, points: 40 }.list().unwrap();
            let sweep = sweep(&rates, queue(capacity)).unwrap();
            let Some(Knee::At { point }) = sweep.knee() else { panic!("{:?}", sweep.knee()) };
            let (below, above) = (sweep.points[point - 1].offered_per_s, sweep.points[point + 1].offered_per_s);
            prop_assert!(below < capacity / 2.0 && capacity / 2.0 < above, "{below} to {above} for {capacity}");
        }
    }

    #[test]
    fn a_knee_outside_of_the_sweep_is_said_to_be_there() {
        let knee = |from_per_s, to_per_s| {
            let rates = Rates { from_per_s, to_per_s, points: 5 }.list().unwrap();
            sweep(&rates, queue(1_000.0)).unwrap().knee()
        };
        assert_eq!(knee(10.0, 100.0), Some(Knee::BeyondLast));
        assert_eq!(knee(700.0, 900.0), Some(Knee::BeforeFirst));
    }

    #[test]
    fn a_sweep_ends_far_beyond_the_capacity() {
        let rates = Rates { from_per_s: 100.0, to_per_s: 102_400.0, points: 11 }.list().unwrap();
        let sweep = sweep(&rates, queue(1_000.0)).unwrap();
        let offered: Vec<f64> = sweep.points.iter().map(|point| point.offered_per_s.round()).collect();
        assert_eq!(offered, [100.0, 200.0, 400.0, 800.0, 1_600.0, 3_200.0]);
    }

    #[test]
    fn rates_that_make_no_sense_are_refused() {
        for (from_per_s, to_per_s, points) in [(0.0, 1.0, 5), (2.0, 1.0, 5), (1.0, f64::INFINITY, 5), (1.0, 2.0, 2)] {
            assert!(Rates { from_per_s, to_per_s, points }.list().is_err(), "{from_per_s} to {to_per_s}");
        }
    }
}
