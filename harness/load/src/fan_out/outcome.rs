//! What a fan-out measured: latency and reach of deliveries, in all and by room.

use hdrhistogram::Histogram;

use crate::recorder::histogram;
use crate::window::Window;

const SECOND_NS: u64 = 1_000_000_000;
/// Most points of all rooms' series together: 24 MB. Where rooms and seconds are more, the last seconds have none.
const POINTS_MAX: usize = 1 << 20;

/// What became of the deliveries of the window's messages: one for each message and each member that was to get it.
#[derive(Clone, Debug)]
pub struct Deliveries {
    /// Deliveries that were to be.
    pub expected: u64,
    /// Of those, the ones that came within the time allowed.
    pub received: u64,
    /// Deliveries that came after that.
    pub late: u64,
    /// Deliveries that came again.
    pub duplicates: u64,
    /// Deliveries that came after a later one of the same sender, or not as the next of the server's own order.
    pub out_of_order: u64,
    /// Messages that no sender of the run sent, or not to that room.
    pub foreign: u64,
    /// Received minus due, in nanoseconds; of those not received, "at least this long".
    pub latency: Histogram<u64>,
    /// The same of the deliveries to each message's own sender: its acknowledgement.
    pub acknowledgement: Histogram<u64>,
    /// By room.
    pub rooms: Vec<Room>,
}

/// The deliveries of one room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// Deliveries that were to be.
    pub expected: u64,
    /// Of those, the ones that came.
    pub received: u64,
    /// One entry a second of the window.
    pub seconds: Vec<RoomSecond>,
}

/// One second of one room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomSecond {
    /// Deliveries that came in it.
    pub received: u64,
    /// The sum of their latencies, in nanoseconds.
    pub latency_ns_sum: u64,
    /// The greatest of them, in nanoseconds.
    pub latency_ns_max: u64,
}

impl Deliveries {
    pub(crate) fn new(rooms: u32, window: Window) -> Self {
        let seconds = usize::try_from(window.length_ns().div_ceil(SECOND_NS)).unwrap_or(usize::MAX);
        let seconds = seconds.min(POINTS_MAX / rooms.max(1) as usize);
        let room = Room { seconds: vec![RoomSecond::default(); seconds], ..Room::default() };
        Self {
            expected: 0,
            received: 0,
            late: 0,
            duplicates: 0,
            out_of_order: 0,
            foreign: 0,
            latency: histogram(),
            acknowledgement: histogram(),
            rooms: vec![room; rooms as usize],
        }
    }

    /// The share of the expected deliveries that came; nothing where none was to be.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn reach(&self) -> Option<f64> {
        (self.expected > 0).then(|| self.received as f64 / self.expected as f64)
    }

    /// A delivery came in time.
    pub(crate) fn came(&mut self, room: u32, window: Window, now_ns: u64, latency_ns: u64) {
        self.latency.saturating_record(latency_ns);
        let second = usize::try_from(now_ns.saturating_sub(window.start_ns) / SECOND_NS).unwrap_or(usize::MAX);
        if let Some(point) = self.rooms.get_mut(room as usize).and_then(|room| room.seconds.get_mut(second)) {
            point.received += 1;
            point.latency_ns_sum = point.latency_ns_sum.saturating_add(latency_ns);
            point.latency_ns_max = point.latency_ns_max.max(latency_ns);
        }
    }

    /// A message is over: so many of its deliveries were to be, and so many never came in the time that it was given.
    pub(crate) fn over(&mut self, room: u32, expected: u32, missing: u32, took_ns: u64) {
        let (expected, missing) = (u64::from(expected), u64::from(missing));
        self.expected += expected;
        self.received += expected - missing;
        self.latency.saturating_record_n(took_ns, missing);
        if let Some(room) = self.rooms.get_mut(room as usize) {
            room.expected += expected;
            room.received += expected - missing;
        }
    }
}
