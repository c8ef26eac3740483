//! Adds up what the workers of one run measured. Nothing is lost: histograms, counts and areas under a curve add.

use crate::recorder::{Counts, StreamOutcome, Totals};

impl Counts {
    /// Adds those of another worker.
    pub(crate) fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.sent += other.sent;
        self.completed += other.completed;
        self.unsent += other.unsent;
        self.unanswered += other.unanswered;
        self.errors.add_all(&other.errors);
    }
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.requests_sent += other.requests_sent;
        self.retries += other.retries;
        self.responses += other.responses;
    }
}

impl StreamOutcome {
    /// Adds what another worker measured of the same stream in the same window. The seconds stay this one's: those of several
    /// workers are joined as they end.
    pub(crate) fn add(&mut self, other: &Self) {
        self.counts.add(&other.counts);
        self.totals.add(&other.totals);
        self.answered_in_window += other.answered_in_window;
        // Requests in flight are a sum at every moment, hence also on average.
        self.in_flight_mean += other.in_flight_mean;
        let histograms = [
            (&mut self.response_time, &other.response_time),
            (&mut self.service_time, &other.service_time),
            (&mut self.first_byte, &other.first_byte),
            (&mut self.send_lag, &other.send_lag),
            (&mut self.failed_time, &other.failed_time),
        ];
        for (sum, more) in histograms {
            sum.add(more).expect("all recorders have histograms of one shape");
        }
        self.tenths.iter_mut().zip(&other.tenths).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
        self.regularity.add(&other.regularity);
        self.transfer.add(&other.transfer);
        self.connections.add(&other.connections);
        // Rooms are driven by one worker, so there is nothing to add to theirs.
        if let (Some(events), Some(more)) = (&mut self.events, &other.events) {
            events.add(more);
        }
    }
}
