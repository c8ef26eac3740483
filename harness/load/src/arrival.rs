//! When requests are due: at a constant rate, as a Poisson process, or once the one before was answered.
//!
//! A schedule depends on rate, seed and index alone, never on what the server or the generator does.

mod stages;

use std::collections::VecDeque;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use stages::Walk;
pub use stages::{STAGES_MAX, Stage, Stages, StagesError};

/// How the requests of a stream arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// On a schedule, whatever the server does.
    Open {
        /// Requests due a second; greater than zero and finite.
        rate_per_s: f64,
        /// How they are spaced.
        spacing: Spacing,
    },
    /// On a schedule whose rate changes over time, whatever the server does.
    Staged {
        /// The rates; they begin with the load, warm-up included.
        stages: Stages,
        /// How they are spaced.
        spacing: Spacing,
    },
    /// Each of the stream's connections is a user who sends the next request a while after the last answer.
    Closed {
        /// The pause between an answer and the next request.
        think: Duration,
    },
}

/// How the requests of an open loop are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Evenly: due(n) = n / rate.
    Constant,
    /// With independent exponential gaps.
    Poisson,
}

/// One worker's part of a stream that several workers drive: every `of`-th request, from the `number`-th on.
///
/// Each worker walks the whole schedule and takes its own requests, so that all of them together are due exactly as they are with one
/// worker, whatever the arrival and the number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which part, from 0.
    pub number: u32,
    /// How many parts there are; at least 1.
    pub of: u32,
}

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self { number: 0, of: 1 };
}

/// The due times of an open loop, in nanoseconds since its start, in order.
#[derive(Clone, Debug)]
pub struct Schedule {
    pace: Pace,
    points: Points,
    /// Points until the next request of ours, and between two of them.
    next: u32,
    every: u32,
}

/// From the number of requests due to the time.
#[derive(Clone, Debug)]
enum Pace {
    Steady { ns_per_request: f64 },
    Staged(Walk),
}

/// At which numbers of requests due, of a process of rate one, there is a request.
#[derive(Clone, Debug)]
enum Points {
    /// At every whole number: how many there were so far.
    Constant { index: u64 },
    /// After independent exponential gaps: their sum so far.
    Poisson { random: Box<ChaCha8Rng>, elapsed: f64 },
}

impl Schedule {
    /// The schedule of a rate; `seed` and `stream` choose the randomness of a Poisson process.
    #[must_use]
    pub fn new(rate_per_s: f64, spacing: Spacing, seed: u64, stream: u64) -> Self {
        Self::with(Pace::Steady { ns_per_request: 1e9 / rate_per_s }, spacing, seed, stream)
    }

    /// The schedule of a rate that changes in stages; it ends with the last one.
    #[must_use]
    pub fn staged(stages: Stages, spacing: Spacing, seed: u64, stream: u64) -> Self {
        Self::with(Pace::Staged(Walk::new(stages)), spacing, seed, stream)
    }

    fn with(pace: Pace, spacing: Spacing, seed: u64, stream: u64) -> Self {
        let points = match spacing {
            Spacing::Constant => Points::Constant { index: 0 },
            Spacing::Poisson => {
                let mut random = Box::new(ChaCha8Rng::seed_from_u64(seed));
                random.set_stream(stream);
                Points::Poisson { random, elapsed: 0.0 }
            }
        };
        Self { pace, points, next: 1, every: 1 }
    }

    /// Only a share of the requests.
    #[must_use]
    pub fn share(mut self, share: Share) -> Self {
        self.next = share.number + 1;
        self.every = share.of.max(1);
        self
    }

    /// The next due time, in nanoseconds since the start; `u64::MAX` where there is none.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and `as` saturates")]
    pub fn next_due_ns(&mut self) -> u64 {
        let due = self.points.skip_to(self.next);
        self.next = self.every;
        match &mut self.pace {
            Pace::Steady { ns_per_request } => (due * *ns_per_request) as u64,
            Pace::Staged(walk) => walk.when_due_s(due).map_or(u64::MAX, |due_s| (due_s * 1e9) as u64),
        }
    }
}

impl Points {
    /// The `count`-th point from here.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "an index above 2^53 is centuries away")]
    fn skip_to(&mut self, count: u32) -> f64 {
        match self {
            Self::Constant { index } => {
                *index += u64::from(count);
                (*index - 1) as f64
            }
            Self::Poisson { random, elapsed } => {
                (0..count).for_each(|_| *elapsed += exponential(random.next_u64()));
                *elapsed
            }
        }
    }
}

/// An exponential variate of mean one, by inversion.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
pub(crate) fn exponential(bits: u64) -> f64 {
    let uniform = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    -(-uniform).ln_1p()
}

/// The requests of one stream as they become due.
#[derive(Debug)]
pub(crate) enum Source {
    Open {
        schedule: Schedule,
        start_ns: u64,
        next_ns: u64,
    },
    /// When each thinking user will send; in order, since all think equally long.
    Closed {
        think_ns: u64,
        ready_ns: VecDeque<u64>,
    },
}

impl Source {
    /// The source of one worker's share of a stream.
    pub(crate) fn new(arrival: &Arrival, share: Share, users: u32, start_ns: u64, seed: u64, stream: u64) -> Self {
        let open = |schedule: Schedule| {
            let mut schedule = schedule.share(share);
            let next_ns = start_ns.saturating_add(schedule.next_due_ns());
            Self::Open { schedule, start_ns, next_ns }
        };
        match arrival {
            Arrival::Open { rate_per_s, spacing } => open(Schedule::new(*rate_per_s, *spacing, seed, stream)),
            Arrival::Staged { stages, spacing } => open(Schedule::staged(stages.clone(), *spacing, seed, stream)),
            Arrival::Closed { think } => Self::Closed {
                think_ns: u64::try_from(think.as_nanos()).unwrap_or(u64::MAX),
                ready_ns: std::iter::repeat_n(start_ns, users as usize).collect(),
            },
        }
    }

    /// When the next request is due; `u64::MAX` where none is.
    #[inline]
    pub(crate) fn peek_ns(&self) -> u64 {
        match self {
            Self::Open { next_ns, .. } => *next_ns,
            Self::Closed { ready_ns, .. } => ready_ns.front().copied().unwrap_or(u64::MAX),
        }
    }

    /// Takes the request that [`peek_ns`](Self::peek_ns) told of.
    #[inline]
    pub(crate) fn advance(&mut self) {
        match self {
            Self::Open { schedule, start_ns, next_ns } => {
                *next_ns = start_ns.saturating_add(schedule.next_due_ns());
            }
            Self::Closed { ready_ns, .. } => {
                ready_ns.pop_front();
            }
        }
    }

    /// A request came to its end, well or badly.
    #[inline]
    pub(crate) fn ended(&mut self, now_ns: u64) {
        if let Self::Closed { think_ns, ready_ns } = self {
            ready_ns.push_back(now_ns.saturating_add(*think_ns));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(rate_per_s: f64, spacing: Spacing, seed: u64, count: usize) -> Vec<u64> {
        let mut schedule = Schedule::new(rate_per_s, spacing, seed, 0);
        (0..count).map(|_| schedule.next_due_ns()).collect()
    }

    proptest! {
        #[test]
        fn a_constant_schedule_does_not_drift(rate_per_s in 0.1..1e6_f64, count in 1_usize..2_000) {
            for (n, due_ns) in times(rate_per_s, Spacing::Constant, 0, count).into_iter().enumerate() {
                prop_assert!((due_ns as f64 - n as f64 * 1e9 / rate_per_s).abs() <= 1.0);
            }
        }

        #[test]
        fn a_poisson_schedule_is_ordered_and_repeatable(rate_per_s in 0.1..1e6_f64, seed: u64) {
            let first = times(rate_per_s, Spacing::Poisson, seed, 500);
            prop_assert!(first.is_sorted());
            prop_assert_eq!(&first, &times(rate_per_s, Spacing::Poisson, seed, 500));
            prop_assert_ne!(&first, &times(rate_per_s, Spacing::Poisson, seed ^ 1, 500));
        }

        #[test]
        fn poisson_gaps_have_mean_and_deviation_of_an_exponential(seed: u64) {
            let count = 20_000;
            let due_ns = times(1_000.0, Spacing::Poisson, seed, count);
            let gaps: Vec<f64> = due_ns.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1e6).collect();
            let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
            let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
            // Seven standard errors of each.
            prop_assert!((mean - 1.0).abs() < 0.05, "mean {mean}");
            prop_assert!((variance - 1.0).abs() < 0.15, "variance {variance}");
        }
    }

    fn until_end(mut schedule: Schedule, count: usize) -> Vec<u64> {
        std::iter::from_fn(|| Some(schedule.next_due_ns()))
            .take_while(|due_ns| *due_ns < u64::MAX)
            .take(count)
            .collect()
    }

    proptest! {
        #[test]
        fn shares_together_are_the_whole_schedule(
            rate_per_s in 1.0..1e6_f64, of in 1_u32..9, seed: u64, poisson: bool, staged: bool,
        ) {
            let spacing = if poisson { Spacing::Poisson } else { Spacing::Constant };
            let length = Duration::from_secs(3);
            let stages = [Stage::steady(length, rate_per_s), Stage { length, from_per_s: 0.0, to_per_s: rate_per_s }];
            let whole = if staged {
                Schedule::staged(Stages::new(&stages).unwrap(), spacing, seed, 0)
            } else {
                Schedule::new(rate_per_s, spacing, seed, 0)
            };
            let each = 200;
            let part = |number| until_end(whole.clone().share(Share { number, of }), each);
            let mut parts: Vec<u64> = (0..of).flat_map(part).collect();
            parts.sort_unstable();
            prop_assert_eq!(parts, until_end(whole.clone(), each * of as usize));
        }

        #[test]
        fn as_many_are_due_as_the_integral_of_the_rate(
            rates in prop::collection::vec((1_u64..3_000, 0.0..2_000.0_f64, 0.0..2_000.0_f64), 1..6),
        ) {
            let stage = |(ms, from_per_s, to_per_s)| Stage { length: Duration::from_millis(ms), from_per_s, to_per_s };
            let list: Vec<Stage> = rates.into_iter().map(stage).collect();
            let Ok(stages) = Stages::new(&list) else { return Ok(()) };
            let due_ns = until_end(Schedule::staged(stages.clone(), Spacing::Constant, 0, 0), usize::MAX);
            prop_assert!(due_ns.is_sorted());
            // The first is due at once, so that there is one more than the integral's whole part.
            for (n, due_ns) in due_ns.iter().enumerate() {
                let integral = stages.due_until(Duration::from_nanos(*due_ns));
                // What a nanosecond, to which due times are cut, and the arithmetic can make.
                prop_assert!((integral - n as f64).abs() < 1e-4, "request {n} at {due_ns} ns, where {integral} are due");
            }
            let all = stages.due_until(stages.length());
            prop_assert!((due_ns.len() as f64 - all).abs() <= 1.0 + 1e-6, "{} of {all}", due_ns.len());
        }
    }

    #[test]
    fn a_ramp_rises_evenly_and_stages_follow_each_other() {
        let second = Duration::from_secs(1);
        let ramp = Stage { length: second * 2, from_per_s: 0.0, to_per_s: 100.0 };
        let stages = Stages::new(&[Stage::steady(second, 10.0), ramp]).unwrap();
        assert_eq!(stages.rate_per_s(second / 2), 10.0);
        assert_eq!(stages.rate_per_s(second * 2), 50.0);
        assert_eq!(stages.rate_per_s(second * 3), 0.0);
        assert_eq!(stages.due_until(second * 3), 110.0);
        let due_ns = until_end(Schedule::staged(stages, Spacing::Constant, 0, 0), usize::MAX);
        // In the first half of the ramp a quarter of its requests is due.
        assert_eq!(due_ns.iter().filter(|due_ns| **due_ns < 2_000_000_000).count(), 10 + 25);
        assert_eq!(due_ns.len(), 110);
    }

    #[test]
    fn a_poisson_process_in_stages_has_the_rate_of_each() {
        let second = Duration::from_secs(1);
        let stages = Stages::new(&[Stage::steady(second, 1_000.0), Stage::steady(second, 9_000.0)]).unwrap();
        let due_ns = until_end(Schedule::staged(stages, Spacing::Poisson, 5, 0), usize::MAX);
        let first = due_ns.iter().filter(|due_ns| **due_ns < 1_000_000_000).count() as f64;
        let second = due_ns.len() as f64 - first;
        // Five standard deviations of each count.
        assert!((first - 1_000.0).abs() < 5.0 * 1_000.0_f64.sqrt(), "{first}");
        assert!((second - 9_000.0).abs() < 5.0 * 9_000.0_f64.sqrt(), "{second}");
    }

    #[test]
    fn stages_that_make_no_sense_are_refused() {
        let second = Duration::from_secs(1);
        assert_eq!(Stages::new(&[]), Err(StagesError::Count(0)));
        assert_eq!(Stages::new(&[Stage::steady(second, 1.0); 33]), Err(StagesError::Count(33)));
        assert_eq!(Stages::new(&[Stage::steady(second, -1.0)]), Err(StagesError::Rate(-1.0)));
        assert_eq!(Stages::new(&[Stage::steady(Duration::ZERO, 1.0)]), Err(StagesError::Empty));
        assert_eq!(Stages::new(&[Stage::steady(second, 0.0)]), Err(StagesError::Nothing));
    }

    #[test]
    fn streams_of_one_seed_differ() {
        let mut first = Schedule::new(100.0, Spacing::Poisson, 7, 0);
        let mut second = Schedule::new(100.0, Spacing::Poisson, 7, 1);
        assert_ne!(first.next_due_ns(), second.next_due_ns());
    }

    #[test]
    fn a_closed_loop_waits_for_the_answer_and_thinks() {
        let closed = Arrival::Closed { think: Duration::from_nanos(10) };
        let mut source = Source::new(&closed, Share::WHOLE, 2, 100, 0, 0);
        assert_eq!(source.peek_ns(), 100);
        source.advance();
        source.advance();
        assert_eq!(source.peek_ns(), u64::MAX, "both users wait for an answer");
        source.ended(150);
        assert_eq!(source.peek_ns(), 160);
    }
}
