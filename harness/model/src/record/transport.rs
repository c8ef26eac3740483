//! What a stream's transport gave beside its requests: connections, bytes, deliveries to rooms, event streams.
//!
//! Histograms are as in [`StreamObservation`](super::StreamObservation).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a stream's transport gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransportObservation {
    /// What became of the connections.
    pub connections: ConnectionsObservation,
    /// What they moved.
    pub transfer: TransferObservation,
    /// What became of the deliveries, where messages go to rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<DeliveriesObservation>,
    /// What became of the event streams, where answers are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<EventsObservation>,
}

/// What became of a stream's connections, from the first that was opened to the end of the drain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConnectionsObservation {
    /// When the first was opened, in seconds since the measuring window began (negative: before it); nothing in records from before it was
    /// kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_s: Option<f64>,
    /// Connections that were wanted.
    pub asked: u32,
    /// How often one was established.
    pub established: u64,
    /// How often one was lost.
    pub lost: u64,
    /// How often one ended in good order.
    pub ended: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Why they were lost or failed, by class.
    pub reasons: BTreeMap<String, u64>,
    /// Alive when the load ended.
    pub alive: u64,
    /// The most that were alive at once.
    pub alive_max: u64,
    /// One point a second since the first was opened.
    pub seconds: Vec<ConnectionsPoint>,
}

/// One second of the connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionsPoint {
    /// Established in it.
    pub established: u64,
    /// Lost in it.
    pub lost: u64,
    /// Alive at its end.
    pub alive: u64,
}

/// What a stream's connections moved in the window, heads and framing included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TransferObservation {
    /// Bytes received.
    pub received_bytes: u64,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// Jain's index of the bytes received by connection: 1 where all got the same; nothing where none got any.
    pub fairness: Option<f64>,
}

/// What became of the deliveries of the window's messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveriesObservation {
    /// Deliveries that were to be.
    pub expected: u64,
    /// Of those, the ones that came in time.
    pub received: u64,
    /// Deliveries that came after that.
    pub late: u64,
    /// Deliveries that came again.
    pub duplicates: u64,
    /// Deliveries that came after a later one of the same sender, or of a document, not as the next of the server's order.
    pub out_of_order: u64,
    /// Messages that no sender of the run sent.
    pub foreign: u64,
    /// Received minus due; of those not received, "at least this long".
    pub latency: String,
    /// The same of the deliveries to each message's own sender; nothing in records from before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<String>,
    /// By room.
    pub rooms: Vec<RoomObservation>,
}

/// The deliveries of one room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomObservation {
    /// Deliveries that were to be.
    pub expected: u64,
    /// Of those, the ones that came in time.
    pub received: u64,
    /// One point a second of the window.
    pub seconds: Vec<RoomPoint>,
}

/// One second of a room.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomPoint {
    /// Deliveries that came in it.
    pub received: u64,
    /// Mean of their latencies, in µs; nothing where none came.
    pub latency_us_mean: Option<f64>,
    /// The greatest of them, in µs; nothing where none came.
    pub latency_us_max: Option<f64>,
}

/// The events of the window and their streams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventsObservation {
    /// Events that came.
    pub received: u64,
    /// Streams that the server ended.
    pub ended: u64,
    /// Streams that went on when the window ended.
    pub stopped: u64,
    /// Streams that broke after their first event, by class.
    pub broken: BTreeMap<String, u64>,
    /// Numbers that were left out.
    pub lost: u64,
    /// Events whose number was less than that of the one before.
    pub out_of_order: u64,
    /// Events whose number was that of the one before.
    pub duplicates: u64,
    /// Between one event of a stream and the next.
    pub gaps: String,
}
