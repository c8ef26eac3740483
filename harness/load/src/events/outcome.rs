//! What event streams measured.

use hdrhistogram::Histogram;

use crate::error::ErrorCounts;
use crate::recorder::histogram;

/// The events of the window, and what became of their streams.
#[derive(Clone, Debug)]
pub struct Events {
    /// Events that came.
    pub received: u64,
    /// Streams that the server ended, in good order.
    pub ended: u64,
    /// Streams that went on when the window ended, and were stopped.
    pub stopped: u64,
    /// Streams that broke after their first event: no further event in the time allowed, a lost connection, bad bytes.
    pub broken: ErrorCounts,
    /// Numbers that were left out, where events bear a counter as their id.
    pub lost: u64,
    /// Events whose number was less than that of the one before.
    pub out_of_order: u64,
    /// Events whose number was that of the one before.
    pub duplicates: u64,
    /// Between one event of a stream and the next, in nanoseconds; of streams that timed out, "at least this long".
    pub gaps: Histogram<u64>,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self {
            received: 0,
            ended: 0,
            stopped: 0,
            broken: ErrorCounts::default(),
            lost: 0,
            out_of_order: 0,
            duplicates: 0,
            gaps: histogram(),
        }
    }

    /// Adds those of another worker.
    pub(crate) fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.ended += other.ended;
        self.stopped += other.stopped;
        self.broken.add_all(&other.broken);
        self.lost += other.lost;
        self.out_of_order += other.out_of_order;
        self.duplicates += other.duplicates;
        self.gaps.add(&other.gaps).expect("all recorders have histograms of one shape");
    }

    /// How an event's number follows the one before.
    pub(crate) const fn follows(&mut self, before: u64, id: u64) {
        if id == before {
            self.duplicates += 1;
        } else if id < before {
            self.out_of_order += 1;
        } else {
            self.lost += id - before - 1;
        }
    }
}
