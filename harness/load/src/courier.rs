//! Carries each second's histogram from a worker to whoever looks on, and the empty ones back, so that nothing is copied and, in steady
//! state, nothing allocated.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use hdrhistogram::Histogram;

use crate::recorder::histogram;

/// Seconds of all streams and workers that may wait to be looked at. When they are not, the next second is joined to the one before.
pub(crate) const WAITING_MAX: usize = 1_024;
/// Empty histograms that wait for a stream's next seconds; with a prompt onlooker one is enough.
const SPARES: usize = 3;

/// What was counted in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Right answers.
    pub completed: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Requests that left.
    pub sent: u64,
    /// The longest that one of them left after it was due, in nanoseconds.
    pub lag_ns_max: u64,
    /// CPU time that the generator's own work took since the window began, in nanoseconds; as of at most a second ago.
    pub busy_ns: u64,
}

impl Seen {
    #[inline]
    pub(crate) fn sent(&mut self, lag_ns: u64) {
        self.sent += 1;
        self.lag_ns_max = self.lag_ns_max.max(lag_ns);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.completed += other.completed;
        self.failed += other.failed;
        self.sent += other.sent;
        self.lag_ns_max = self.lag_ns_max.max(other.lag_ns_max);
        self.busy_ns += other.busy_ns;
    }
}

/// One worker's second of one stream.
pub(crate) struct Parcel {
    pub(crate) worker: u32,
    pub(crate) stream: usize,
    pub(crate) until_ns: u64,
    pub(crate) seen: Seen,
    pub(crate) response_time: Histogram<u64>,
}

/// Takes the seconds of one stream and worker.
#[derive(Debug)]
pub(crate) struct Courier {
    /// The second that is not over yet.
    pub(crate) seen: Seen,
    worker: u32,
    stream: usize,
    to: SyncSender<Parcel>,
    spares: Receiver<Histogram<u64>>,
}

impl Courier {
    /// A courier, and where to return the histograms that were looked at.
    pub(crate) fn new(worker: u32, stream: usize, to: SyncSender<Parcel>) -> (Self, SyncSender<Histogram<u64>>) {
        let (back, spares) = sync_channel(SPARES);
        (0..SPARES).for_each(|_| drop(back.try_send(histogram())));
        (Self { seen: Seen::default(), worker, stream, to, spares }, back)
    }

    /// Hands a second over, and leaves an empty histogram. Never waits: where too many seconds wait already, this one goes on.
    pub(crate) fn hand_over(&mut self, until_ns: u64, full: &mut Histogram<u64>) {
        let empty = self.spares.try_recv().unwrap_or_else(|_| histogram());
        let parcel = self.parcel(until_ns, std::mem::replace(full, empty));
        match self.to.try_send(parcel) {
            Ok(()) => self.seen = Seen { busy_ns: self.seen.busy_ns, ..Seen::default() },
            Err(TrySendError::Full(parcel) | TrySendError::Disconnected(parcel)) => *full = parcel.response_time,
        }
    }

    /// Hands over what is left, waiting for room.
    pub(crate) fn hand_over_last(self, until_ns: u64, rest: Histogram<u64>) {
        let parcel = self.parcel(until_ns, rest);
        // Where nobody looks on any more, nobody misses it.
        let _ = self.to.send(parcel);
    }

    fn parcel(&self, until_ns: u64, response_time: Histogram<u64>) -> Parcel {
        Parcel { worker: self.worker, stream: self.stream, until_ns, seen: self.seen, response_time }
    }
}
