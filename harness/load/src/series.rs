//! What happened in each second of the window: counts and percentiles, in memory that is set aside at the start. Or, where somebody
//! looks on, each second's whole histogram, which is handed over as the second ends.

use hdrhistogram::Histogram;

use crate::courier::Courier;
use crate::recorder::LONGEST_NS;
use crate::window::Window;

pub(crate) const SECOND_NS: u64 = 1_000_000_000;
/// Two digits: enough for a line of a chart, and small enough to read out and clear once a second.
const SIGNIFICANT_DIGITS: u8 = 2;
/// Longest window with a series, in seconds: a day.
pub(crate) const SECONDS_MAX: u64 = 86_400;

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
    to: To,
}

/// What becomes of a second that is over.
#[derive(Debug)]
enum To {
    Keep(Vec<Second>),
    HandOver(Courier),
}

impl Series {
    pub(crate) fn new(window: Window) -> Self {
        let seconds = (window.length_ns() / SECOND_NS + 1).min(SECONDS_MAX);
        Self {
            start_ns: window.start_ns,
            next_ns: window.start_ns.saturating_add(SECOND_NS),
            failed: 0,
            interval: Histogram::new_with_max(LONGEST_NS, SIGNIFICANT_DIGITS).expect("constant bounds that are valid"),
            to: To::Keep(Vec::with_capacity(usize::try_from(seconds).unwrap_or_default())),
        }
    }

    /// Hands each second over from now on instead of keeping it.
    pub(crate) fn hand_over(&mut self, courier: Courier) {
        self.interval = crate::recorder::histogram();
        self.to = To::HandOver(courier);
    }

    #[inline]
    pub(crate) fn completed(&mut self, now_ns: u64, response_ns: u64) {
        self.go_on(now_ns);
        self.interval.saturating_record(response_ns);
        if let To::HandOver(courier) = &mut self.to {
            courier.seen.completed += 1;
        }
    }

    /// A request left this late.
    #[inline]
    pub(crate) fn sent(&mut self, lag_ns: u64) {
        if let To::HandOver(courier) = &mut self.to {
            courier.seen.sent(lag_ns);
        }
    }

    /// The worker's own work took this much CPU time since the window began.
    pub(crate) fn busy(&mut self, busy_ns: u64) {
        if let To::HandOver(courier) = &mut self.to {
            courier.seen.busy_ns = busy_ns;
        }
    }

    /// A request took this long or longer. It stands in the histograms that are handed over, which add up to the run's.
    pub(crate) fn took_at_least(&mut self, time_ns: u64) {
        if let To::HandOver(_) = &self.to {
            self.interval.saturating_record(time_ns);
        }
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

    /// The seconds, where they were kept.
    pub(crate) fn finish(mut self, window: Window) -> Vec<Second> {
        if let To::HandOver(_) = self.to {
            // The last second also has what was recorded after it, such as answers that never came.
            self.go_on(window.end_ns.saturating_sub(1));
            let until_ns = window.end_ns.saturating_sub(self.start_ns);
            self.hand_over_last(until_ns);
            return Vec::new();
        }
        self.go_on(window.end_ns);
        if window.end_ns > self.next_ns - SECOND_NS {
            self.close(window.end_ns);
        }
        match self.to {
            To::Keep(seconds) => seconds,
            To::HandOver(_) => Vec::new(),
        }
    }

    fn hand_over_last(self, until_ns: u64) {
        if let To::HandOver(mut courier) = self.to {
            courier.seen.failed += self.failed;
            courier.hand_over_last(until_ns, self.interval);
        }
    }

    fn close(&mut self, until_ns: u64) {
        let until_ns = until_ns - self.start_ns;
        match &mut self.to {
            To::Keep(seconds) => {
                if seconds.len() < seconds.capacity() {
                    let (completed, failed) = (self.interval.len(), self.failed);
                    let response = SecondPercentiles::of(&self.interval);
                    seconds.push(Second { until_ns, completed, failed, response });
                }
                self.interval.reset();
            }
            To::HandOver(courier) => {
                courier.seen.failed += self.failed;
                courier.hand_over(until_ns, &mut self.interval);
            }
        }
        self.failed = 0;
    }
}

impl SecondPercentiles {
    /// Those of a histogram; nothing where it is empty.
    pub(crate) fn of(times: &Histogram<u64>) -> Option<Self> {
        (!times.is_empty()).then(|| Self {
            p50_ns: times.value_at_quantile(0.5),
            p99_ns: times.value_at_quantile(0.99),
            max_ns: times.max(),
        })
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
