//! The synthetic transport: answers after times drawn from a known distribution, without a socket or a server.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::f64::consts::TAU;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::arrival::exponential;
use crate::error::ErrorClass;

/// Keeps the randomness of latencies apart from that of arrivals, which use the stream's own number.
const RANDOM_STREAM: u64 = 1 << 32;

/// What the answers of a synthetic server are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SyntheticSpec {
    /// How long each takes from when its request was sent, whatever else is under way.
    pub latency: Latency,
    /// The share of them that are wrong (their status): from 0 to 1.
    pub error_share: f64,
}

/// A distribution of latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Latency {
    /// Always the same.
    Constant(Duration),
    /// Exponential.
    Exponential {
        /// Its mean; the quantile q is −mean · ln(1 − q).
        mean: Duration,
    },
    /// Its logarithm is normal: the usual shape of a server's response times.
    LogNormal {
        /// Its median.
        median: Duration,
        /// The deviation of the logarithm; not negative.
        sigma: f64,
    },
}

impl SyntheticSpec {
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.error_share) {
            return Err(format!("the share of errors lies between 0 and 1, not at {}", self.error_share));
        }
        match self.latency {
            Latency::LogNormal { sigma, .. } if !(sigma.is_finite() && sigma >= 0.0) => {
                Err(format!("the deviation of a log-normal latency is a number that is not negative, not {sigma}"))
            }
            _ => Ok(()),
        }
    }
}

/// Draws the answers of one stream.
#[derive(Debug)]
pub(crate) struct Drawer {
    spec: SyntheticSpec,
    random: ChaCha8Rng,
}

impl Drawer {
    pub(crate) fn new(spec: SyntheticSpec, seed: u64, stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(RANDOM_STREAM + stream);
        Self { spec, random }
    }

    pub(crate) fn seed(&mut self, seed: u64, stream: u64) {
        *self = Self::new(self.spec, seed, stream);
    }

    /// How long the next answer takes, in nanoseconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and `as` saturates")]
    pub(crate) fn latency_ns(&mut self) -> u64 {
        let time_s = match self.spec.latency {
            Latency::Constant(time) => return u64::try_from(time.as_nanos()).unwrap_or(u64::MAX),
            Latency::Exponential { mean } => mean.as_secs_f64() * exponential(self.random.next_u64()),
            Latency::LogNormal { median, sigma } => median.as_secs_f64() * (sigma * self.normal()).exp(),
        };
        (time_s * 1e9) as u64
    }

    /// Whether the answer is right.
    pub(crate) fn verdict(&mut self) -> Result<(), ErrorClass> {
        if self.uniform() < self.spec.error_share { Err(ErrorClass::WrongStatus) } else { Ok(()) }
    }

    /// A standard normal variate (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (2.0 * exponential(self.random.next_u64())).sqrt();
        radius * (TAU * self.uniform()).cos()
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    fn uniform(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// When the exchanges end that are under way: at most one for each connection.
#[derive(Debug, Default)]
pub(crate) struct Ends(BinaryHeap<Reverse<End>>);

/// The end of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct End {
    pub(crate) done_ns: u64,
    pub(crate) connection: u32,
    pub(crate) generation: u32,
}

impl Ends {
    pub(crate) fn add(&mut self, end: End) {
        self.0.push(Reverse(end));
    }

    /// When the next one ends; `u64::MAX` where none is under way.
    #[inline]
    pub(crate) fn next_ns(&self) -> u64 {
        self.0.peek().map_or(u64::MAX, |Reverse(end)| end.done_ns)
    }

    /// Takes the next one that is over.
    #[inline]
    pub(crate) fn take_over(&mut self, now_ns: u64) -> Option<End> {
        if self.next_ns() > now_ns {
            return None;
        }
        self.0.pop().map(|Reverse(end)| end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted_ms(latency: Latency) -> Vec<f64> {
        let mut drawer = Drawer::new(SyntheticSpec { latency, error_share: 0.0 }, 3, 0);
        let mut times: Vec<f64> = (0..40_000).map(|_| drawer.latency_ns() as f64 / 1e6).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    #[test]
    fn latencies_have_the_quantiles_of_their_distribution() {
        let exponential = sorted_ms(Latency::Exponential { mean: Duration::from_millis(10) });
        let log_normal = sorted_ms(Latency::LogNormal { median: Duration::from_millis(10), sigma: 0.5 });
        // The normal deviate of 0.9 is 1.28155.
        let expected = [(&exponential, 50, 6.9315), (&exponential, 90, 23.026), (&exponential, 99, 46.05)];
        let also = [(&log_normal, 50, 10.0), (&log_normal, 90, 10.0 * (0.5 * 1.28155_f64).exp())];
        for (times, quantile, wanted) in expected.into_iter().chain(also) {
            let found = times[quantile * times.len() / 100];
            assert!((found / wanted - 1.0).abs() < 0.05, "percentile {quantile}: {found}, not {wanted}");
        }
    }

    #[test]
    fn the_share_of_errors_is_as_asked() {
        let latency = Latency::Constant(Duration::ZERO);
        let mut drawer = Drawer::new(SyntheticSpec { latency, error_share: 0.2 }, 1, 0);
        let wrong = (0..10_000).filter(|_| drawer.verdict().is_err()).count();
        assert!((1_800..2_200).contains(&wrong), "{wrong}");
    }
}
