//! How the server behaves: it answers, it freezes now and then, it counts arrivals, or it speaks WebSocket.

use std::ffi::OsString;
use std::thread;
use std::time::{Duration, Instant};

use rustix::time::Timespec;

/// A wait that is none.
pub(crate) const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
/// Length of a bin of arrivals.
const BIN: Duration = Duration::from_micros(100);
/// Most bins: a minute.
const BINS_MAX: usize = 600_000;
/// The share of the bins at either end that is left out: while connections open, and while the load ends.
const EDGE_SHARE: f64 = 0.1;
const COUNTING: &str = "counting";
const ECHO: &str = "echo";

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It answers.
    Plain,
    /// It freezes once in a while.
    Freezing {
        /// Between the beginnings of two freezes.
        every: Duration,
        /// How long each takes.
        length: Duration,
    },
    /// It spins, and counts arrivals.
    Counting,
    /// It speaks WebSocket, and sends back what it gets.
    Echo,
}

impl Manner {
    /// As arguments of the server's process.
    pub(crate) fn arguments(self) -> Vec<String> {
        match self {
            Self::Plain => Vec::new(),
            Self::Freezing { every, length } => vec![every.as_millis().to_string(), length.as_millis().to_string()],
            Self::Counting => vec![COUNTING.to_owned()],
            Self::Echo => vec![ECHO.to_owned()],
        }
    }

    pub(crate) fn parse(arguments: &[OsString]) -> Self {
        let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
        let time = |text: &str| text.parse().ok().map(Duration::from_millis);
        match words[..] {
            [COUNTING] => Self::Counting,
            [ECHO] => Self::Echo,
            [every, length] => match (time(every), time(length)) {
                (Some(every), Some(length)) => Self::Freezing { every, length },
                _ => Self::Plain,
            },
            _ => Self::Plain,
        }
    }
}

/// When the server freezes next.
pub(crate) struct Freezing {
    every: Duration,
    length: Duration,
    next: Instant,
}

impl Freezing {
    pub(crate) fn of(manner: &Manner) -> Option<Self> {
        let Manner::Freezing { every, length } = *manner else { return None };
        Some(Self { every, length, next: Instant::now() + every })
    }

    /// Freezes where that is due; how long there is until the next time. The times do not drift.
    pub(crate) fn freeze_if_due(&mut self) -> Timespec {
        if Instant::now() >= self.next {
            thread::sleep((self.next + self.length).saturating_duration_since(Instant::now()));
            self.next += self.every;
        }
        let left = self.next.saturating_duration_since(Instant::now());
        Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() }
    }
}

/// Requests that came in each 100 µs.
pub(crate) struct Arrivals {
    first: Option<Instant>,
    bins: Vec<u32>,
}

impl Arrivals {
    pub(crate) fn of(manner: &Manner) -> Option<Self> {
        (*manner == Manner::Counting).then(|| Self { first: None, bins: Vec::with_capacity(BINS_MAX) })
    }

    /// Some came now.
    pub(crate) fn count(&mut self, requests: usize) {
        let passed = self.first.get_or_insert_with(Instant::now).elapsed();
        let bin = usize::try_from(passed.as_nanos() / BIN.as_nanos()).unwrap_or(usize::MAX);
        if bin >= BINS_MAX {
            return;
        }
        if bin >= self.bins.len() {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] += u32::try_from(requests).unwrap_or(u32::MAX);
    }

    /// Variance to mean of the bins; nothing where nothing came.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
    pub(crate) fn fano_factor(&self) -> Option<f64> {
        let edge = (self.bins.len() as f64 * EDGE_SHARE) as usize;
        let bins = self.bins.get(edge..self.bins.len() - edge)?;
        let count = bins.len() as f64;
        let mean = bins.iter().map(|bin| f64::from(*bin)).sum::<f64>() / count;
        let variance = bins.iter().map(|bin| (f64::from(*bin) - mean).powi(2)).sum::<f64>() / count;
        (mean > 0.0).then_some(variance / mean)
    }
}
