//! Records what becomes of the requests of one stream. One recorder a worker; it allocates nothing after its creation.

use std::hint::black_box;

use hdrhistogram::Histogram;

use crate::connections::Connections;
use crate::error::{ErrorClass, ErrorCounts};
use crate::events::outcome::Events;
use crate::fan_out::outcome::Deliveries;
use crate::in_flight::InFlight;
use crate::regularity::Regularity;
use crate::series::{Second, Series};
use crate::tenths::Tenths;
use crate::transfer::Transfer;
use crate::window::Window;

/// Longest time that a histogram tells apart, in nanoseconds: one hour. Longer ones count as that long.
pub const LONGEST_NS: u64 = 3_600_000_000_000;
/// Significant digits of the histograms.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// What became of the requests of the measuring window: `due = sent + unsent`,
/// `sent = completed + failed requests + unanswered`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that belong to the window. Open loop: due in it. Closed loop: under way at its start, or due in it.
    pub due: u64,
    /// Of those, the ones that left.
    pub sent: u64,
    /// Of those, the ones with a right answer before the window ended.
    pub completed: u64,
    /// Due, but not sent when the window ended.
    pub unsent: u64,
    /// Sent, but neither answered nor failed when the window ended.
    pub unanswered: u64,
    /// What went wrong in the window.
    pub errors: ErrorCounts,
}

/// The whole session, from the first request of the warm-up to the end of the drain: what a server's own count is held to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Requests that left at least once.
    pub requests_sent: u64,
    /// Requests that left a second time, after [`ErrorClass::IdleReset`].
    pub retries: u64,
    /// Whole answers that came, right or wrong.
    pub responses: u64,
}

/// What one stream measured. Times are in nanoseconds, of the requests of the window.
#[derive(Clone, Debug)]
pub struct StreamOutcome {
    /// The stream's name.
    pub name: String,
    /// What became of the requests of the window.
    pub counts: Counts,
    /// Right answers that came in the window, whenever their requests were due; for the rate.
    pub answered_in_window: u64,
    /// The whole session.
    pub totals: Totals,
    /// Done minus due of right answers; and, as "at least this long", of requests that timed out, that were not sent
    /// (until the window's end), or not answered in time (until they were, or until the drain's end).
    /// Its length is `completed + timeouts + unsent + unanswered`.
    pub response_time: Histogram<u64>,
    /// Done minus sent, of right answers.
    pub service_time: Histogram<u64>,
    /// First byte minus sent, of right answers.
    pub first_byte: Histogram<u64>,
    /// Sent minus due, of all that were sent.
    pub send_lag: Histogram<u64>,
    /// Done minus due of requests that failed, other than by timeout.
    pub failed_time: Histogram<u64>,
    /// Mean number of requests in flight over the window: N of Little's law.
    pub in_flight_mean: f64,
    /// Variance to mean of the number of requests sent in each 100 µs of the window: 0 is regular, 1 is Poisson.
    pub fano_factor: Option<f64>,
    /// When the requests of the window left.
    pub regularity: Regularity,
    /// One entry a second of the window.
    pub seconds: Vec<Second>,
    /// Right answers in each tenth of a second of the window, for its first minute.
    pub tenths: Vec<u32>,
    /// What the connections moved.
    pub transfer: Transfer,
    /// What became of the connections.
    pub connections: Connections,
    /// What became of the deliveries, where the stream's messages go to many.
    pub deliveries: Option<Deliveries>,
    /// What became of the event streams, where the stream's answers are such.
    pub events: Option<Events>,
}

/// The moments of one exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pub(crate) due_ns: u64,
    pub(crate) sent_ns: u64,
    pub(crate) first_byte_ns: u64,
    pub(crate) done_ns: u64,
}

/// Records one stream.
pub(crate) struct Recorder {
    pub(crate) counts: Counts,
    pub(crate) totals: Totals,
    pub(crate) in_flight: InFlight,
    pub(crate) series: Series,
    tenths: Tenths,
    answered_in_window: u64,
    regularity: Regularity,
    response_time: Histogram<u64>,
    /// Service times of answers that came all at once, as most do: they are first-byte times too, and recorded once for both.
    at_once: Histogram<u64>,
    service_time: Histogram<u64>,
    first_byte: Histogram<u64>,
    send_lag: Histogram<u64>,
    failed_time: Histogram<u64>,
}

impl Recorder {
    pub(crate) fn new(window: Window) -> Self {
        Self {
            counts: Counts::default(),
            totals: Totals::default(),
            in_flight: InFlight::new(window),
            series: Series::new(window),
            tenths: Tenths::new(window),
            answered_in_window: 0,
            regularity: Regularity::new(window),
            response_time: histogram(),
            at_once: histogram(),
            service_time: histogram(),
            first_byte: histogram(),
            send_lag: histogram(),
            failed_time: histogram(),
        }
    }

    /// Sets the record to the start of a window. What was sent before stands in the server's own count, and stays in the totals.
    pub(crate) fn begin(&mut self, window: Window) {
        let Self { response_time, at_once, service_time, first_byte, send_lag, failed_time, .. } = self;
        for times in [response_time, at_once, service_time, first_byte, send_lag, failed_time] {
            times.reset();
        }
        self.counts = Counts::default();
        self.in_flight = InFlight::new(window);
        self.series = Series::new(window);
        self.tenths = Tenths::new(window);
        self.answered_in_window = 0;
        self.regularity = Regularity::new(window);
    }

    /// A request of the window left for the first time.
    #[inline]
    pub(crate) fn sent(&mut self, due_ns: u64, sent_ns: u64) {
        self.counts.sent += 1;
        self.send_lag.saturating_record(sent_ns.saturating_sub(due_ns));
        self.regularity.sent(due_ns, sent_ns);
        self.series.sent(sent_ns.saturating_sub(due_ns));
    }

    /// A request of the window has its right answer.
    #[inline]
    pub(crate) fn completed(&mut self, moments: Moments) {
        let Moments { due_ns, sent_ns, first_byte_ns, done_ns } = moments;
        let response_ns = done_ns.saturating_sub(due_ns);
        self.counts.completed += 1;
        self.response_time.saturating_record(response_ns);
        let service_ns = done_ns.saturating_sub(sent_ns);
        if first_byte_ns == done_ns {
            self.at_once.saturating_record(service_ns);
        } else {
            self.service_time.saturating_record(service_ns);
            self.first_byte.saturating_record(first_byte_ns.saturating_sub(sent_ns));
        }
        self.series.completed(done_ns, response_ns);
        self.tenths.completed(done_ns);
    }

    /// A right answer came in the window, whenever its request was due.
    #[inline]
    pub(crate) fn answered_in_window(&mut self) {
        self.answered_in_window += 1;
    }

    /// A request of the window failed.
    pub(crate) fn failed(&mut self, class: ErrorClass, due_ns: u64, now_ns: u64) {
        self.counts.errors.add(class);
        self.series.failed(now_ns);
        let time_ns = now_ns.saturating_sub(due_ns);
        if class.is_timeout() {
            self.took_at_least(due_ns, now_ns);
        } else {
            self.failed_time.saturating_record(time_ns);
        }
    }

    /// A request was not sent when the window ended.
    pub(crate) fn unsent(&mut self, due_ns: u64, end_ns: u64) {
        self.counts.unsent += 1;
        self.took_at_least(due_ns, end_ns);
    }

    /// A request that was not answered when the window ended took until now, or longer.
    pub(crate) fn took_at_least(&mut self, due_ns: u64, now_ns: u64) {
        let time_ns = now_ns.saturating_sub(due_ns);
        self.response_time.saturating_record(time_ns);
        self.series.took_at_least(time_ns);
    }

    /// Closes the record at the end of the window.
    pub(crate) fn finish(mut self, name: String, window: Window) -> StreamOutcome {
        self.in_flight.end_at(window.end_ns);
        for sum in [&mut self.service_time, &mut self.first_byte] {
            sum.add(&self.at_once).expect("all histograms here are of one shape");
        }
        StreamOutcome {
            name,
            counts: self.counts,
            answered_in_window: self.answered_in_window,
            totals: self.totals,
            in_flight_mean: self.in_flight.mean(),
            fano_factor: self.regularity.fano_factor(window),
            regularity: self.regularity,
            seconds: self.series.finish(window),
            tenths: self.tenths.finish(),
            response_time: self.response_time,
            service_time: self.service_time,
            first_byte: self.first_byte,
            send_lag: self.send_lag,
            failed_time: self.failed_time,
            transfer: Transfer::default(),
            connections: Connections::default(),
            deliveries: None,
            events: None,
        }
    }
}

/// A histogram of nanoseconds as every recorder has them; of one shape, so that they can be added. 270 kB, all of it there from the
/// start: memory that a rare value is the first to touch would be asked of the system on the hot path, and seem to grow for hours.
#[must_use]
pub fn histogram() -> Histogram<u64> {
    let mut times = Histogram::new_with_max(LONGEST_NS, SIGNIFICANT_DIGITS).expect("constant bounds that are valid");
    // Seen from outside, or the compiler leaves zeros out that are written over zeros.
    black_box(&mut times).reset();
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_keeps_three_digits_up_to_an_hour() {
        let mut times = histogram();
        for value_ns in [1, 999, 123_456, 59_999_999_999, LONGEST_NS] {
            times.reset();
            times.saturating_record(value_ns);
            let kept = times.value_at_quantile(0.5);
            assert!(kept.abs_diff(value_ns) as f64 <= value_ns as f64 / 1_000.0, "{value_ns} became {kept}");
        }
        times.reset();
        times.saturating_record(u64::MAX);
        assert_eq!(times.len(), 1);
    }

    #[test]
    fn an_answer_that_came_at_once_has_its_first_byte_when_it_is_done() {
        let window = Window { start_ns: 0, end_ns: 1_000_000_000 };
        let mut recorder = Recorder::new(window);
        recorder.completed(Moments { due_ns: 0, sent_ns: 100, first_byte_ns: 400, done_ns: 400 });
        recorder.completed(Moments { due_ns: 0, sent_ns: 100, first_byte_ns: 150, done_ns: 900 });
        let outcome = recorder.finish(String::new(), window);
        let (service, first) = (&outcome.service_time, &outcome.first_byte);
        assert_eq!((service.len(), service.min(), service.max()), (2, 300, 800));
        assert_eq!((first.len(), first.min(), first.max()), (2, 50, 300));
    }

    #[test]
    fn a_timeout_counts_as_at_least_as_long_and_other_failures_stand_apart() {
        let window = Window { start_ns: 0, end_ns: 1_000_000_000 };
        let mut recorder = Recorder::new(window);
        recorder.failed(ErrorClass::Timeout, 0, 500);
        recorder.failed(ErrorClass::WrongStatus, 0, 20);
        recorder.unsent(100, 1_000);
        let outcome = recorder.finish(String::new(), window);
        assert_eq!((outcome.response_time.len(), outcome.response_time.max()), (2, 900));
        assert_eq!((outcome.failed_time.len(), outcome.failed_time.max()), (1, 20));
        assert_eq!(outcome.counts.errors.failed_requests(), 2);
    }
}
