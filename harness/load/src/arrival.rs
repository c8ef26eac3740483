//! When requests are due: at a constant rate, as a Poisson process, or once the one before was answered.
//!
//! A schedule depends on rate, seed and index alone, never on what the server or the generator does.

use std::collections::VecDeque;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// How the requests of a stream arrive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrival {
    /// On a schedule, whatever the server does.
    Open {
        /// Requests due a second; greater than zero and finite.
        rate_per_s: f64,
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

/// The due times of an open loop, in nanoseconds since its start, in order and without end.
#[derive(Clone, Debug)]
pub struct Schedule {
    ns_per_request: f64,
    gaps: Gaps,
}

#[derive(Clone, Debug)]
enum Gaps {
    /// How many were due so far.
    Constant { index: u64 },
    /// A process of rate one, stretched to the asked rate: the sum of its gaps so far.
    Poisson { random: Box<ChaCha8Rng>, elapsed: f64 },
}

impl Schedule {
    /// The schedule of a rate; `seed` and `stream` choose the randomness of a Poisson process.
    #[must_use]
    pub fn new(rate_per_s: f64, spacing: Spacing, seed: u64, stream: u64) -> Self {
        let gaps = match spacing {
            Spacing::Constant => Gaps::Constant { index: 0 },
            Spacing::Poisson => {
                let mut random = Box::new(ChaCha8Rng::seed_from_u64(seed));
                random.set_stream(stream);
                Gaps::Poisson { random, elapsed: 0.0 }
            }
        };
        Self { ns_per_request: 1e9 / rate_per_s, gaps }
    }

    /// The next due time, in nanoseconds since the start.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and `as` saturates")]
    #[expect(clippy::cast_precision_loss, reason = "an index above 2^53 is centuries away")]
    pub fn next_due_ns(&mut self) -> u64 {
        match &mut self.gaps {
            Gaps::Constant { index } => {
                let due = *index as f64 * self.ns_per_request;
                *index += 1;
                due as u64
            }
            Gaps::Poisson { random, elapsed } => {
                *elapsed += exponential(random.next_u64());
                (*elapsed * self.ns_per_request) as u64
            }
        }
    }
}

/// An exponential variate of mean one, by inversion.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn exponential(bits: u64) -> f64 {
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
    pub(crate) fn new(arrival: Arrival, users: u32, start_ns: u64, seed: u64, stream: u64) -> Self {
        match arrival {
            Arrival::Open { rate_per_s, spacing } => {
                let mut schedule = Schedule::new(rate_per_s, spacing, seed, stream);
                let next_ns = start_ns.saturating_add(schedule.next_due_ns());
                Self::Open { schedule, start_ns, next_ns }
            }
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

    #[test]
    fn streams_of_one_seed_differ() {
        let mut first = Schedule::new(100.0, Spacing::Poisson, 7, 0);
        let mut second = Schedule::new(100.0, Spacing::Poisson, 7, 1);
        assert_ne!(first.next_due_ns(), second.next_due_ns());
    }

    #[test]
    fn a_closed_loop_waits_for_the_answer_and_thinks() {
        let closed = Arrival::Closed { think: Duration::from_nanos(10) };
        let mut source = Source::new(closed, 2, 100, 0, 0);
        assert_eq!(source.peek_ns(), 100);
        source.advance();
        source.advance();
        assert_eq!(source.peek_ns(), u64::MAX, "both users wait for an answer");
        source.ended(150);
        assert_eq!(source.peek_ns(), 160);
    }
}
