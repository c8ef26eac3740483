//! What happened in each second of the window: counts and percentiles, in memory that is set aside at the start.

use hdrhistogram::Histogram;

use crate::recorder::LONGEST_NS;
use crate::window::Window;

const SECOND_NS: u64 = 1_000_000_000;
/// Two digits: enough for a line of a chart, and small enough to read out and clear once a second.
const SIGNIFICANT_DIGITS: u8 = 2;
/// Longest window with a series, in seconds: a day.
const SECONDS_MAX: u64 = 86_400;

/// One second of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Second {
    /// Its end, in nanoseconds since the window began; the last one may be shorter than a second.
    pub until_ns: u64,
    /// Right answers in it.
    pub completed: u64,
    /// Requests that failed in it.
    pub failed: u64,
    /// Response times of the right answers; nothing where there was none.
    pub response: Option<SecondPercentiles>,
}

/// Response times of one second, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondPercentiles {
    /// The median.
    pub p50_ns: u64,
    /// The 99th percentile.
    pub p99_ns: u64,
    /// The longest.
    pub max_ns: u64,
}

/// Collects the seconds.
#[derive(Debug)]
pub(crate) struct Series {
    start_ns: u64,
    next_ns: u64,
    failed: u64,
    interval: Histogram<u64>,
    seconds: Vec<Second>,
}

impl Series {
    pub(crate) fn new(window: Window) -> Self {
        let seconds = (window.length_ns() / SECOND_NS + 1).min(SECONDS_MAX);
        Self {
            start_ns: window.start_ns,
            next_ns: window.start_ns.saturating_add(SECOND_NS),
            failed: 0,
            interval: Histogram::new_with_max(LONGEST_NS, SIGNIFICANT_DIGITS).expect("constant bounds that are valid"),
            seconds: Vec::with_capacity(usize::try_from(seconds).unwrap_or_default()),
        }
    }

    #[inline]
    pub(crate) fn completed(&mut self, now_ns: u64, response_ns: u64) {
        self.go_on(now_ns);
        self.interval.saturating_record(response_ns);
    }

    pub(crate) fn failed(&mut self, now_ns: u64) {
        self.go_on(now_ns);
        self.failed += 1;
    }

    /// Closes all seconds that are over.
    #[inline]
    pub(crate) fn go_on(&mut self, now_ns: u64) {
        while now_ns >= self.next_ns {
            self.close(self.next_ns);
            self.next_ns = self.next_ns.saturating_add(SECOND_NS);
        }
    }

    pub(crate) fn finish(mut self, window: Window) -> Vec<Second> {
        self.go_on(window.end_ns);
        if window.end_ns > self.next_ns - SECOND_NS {
            self.close(window.end_ns);
        }
        self.seconds
    }

    fn close(&mut self, until_ns: u64) {
        if self.seconds.len() < self.seconds.capacity() {
            let response = (!self.interval.is_empty()).then(|| SecondPercentiles {
                p50_ns: self.interval.value_at_quantile(0.5),
                p99_ns: self.interval.value_at_quantile(0.99),
                max_ns: self.interval.max(),
            });
            self.seconds.push(Second {
                until_ns: until_ns - self.start_ns,
                completed: self.interval.len(),
                failed: self.failed,
                response,
            });
        }
        self.interval.reset();
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_add_up_and_empty_ones_are_there() {
        let window = Window { start_ns: 500, end_ns: 500 + 3 * SECOND_NS + 7 };
        let mut series = Series::new(window);
        series.completed(600, 10);
        series.completed(500 + SECOND_NS - 1, 20);
        series.failed(500 + 2 * SECOND_NS);
        series.completed(500 + 3 * SECOND_NS + 1, 30);
        let seconds = series.finish(window);
        let counts: Vec<_> = seconds.iter().map(|second| (second.completed, second.failed)).collect();
        assert_eq!(counts, [(2, 0), (0, 0), (0, 1), (1, 0)]);
        assert_eq!(seconds[1].response, None);
        assert_eq!(seconds[0].response.unwrap().max_ns, 20);
        assert_eq!(seconds[3].until_ns, 3 * SECOND_NS + 7);
    }

    #[test]
    fn a_whole_number_of_seconds_has_no_rest() {
        let window = Window { start_ns: 0, end_ns: 2 * SECOND_NS };
        assert_eq!(Series::new(window).finish(window).len(), 2);
    }
}
