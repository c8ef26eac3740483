//! What the run record keeps of a stream's connections, bytes, deliveries and events.

use std::collections::BTreeMap;

use model::record::{
    ConnectionsObservation, ConnectionsPoint, DeliveriesObservation, EventsObservation, RoomObservation, RoomPoint,
    TransferObservation, TransportObservation,
};

use super::{encode, micros, seconds};
use crate::connections::Connections;
use crate::error::ErrorCounts;
use crate::events::outcome::Events;
use crate::fan_out::outcome::{Deliveries, Room, RoomSecond};
use crate::recorder::StreamOutcome;
use crate::window::Window;

pub(super) fn observe(stream: &StreamOutcome, window: Window) -> TransportObservation {
    let transfer = &stream.transfer;
    TransportObservation {
        connections: connections(&stream.connections, window),
        transfer: TransferObservation {
            received_bytes: transfer.received_bytes,
            sent_bytes: transfer.sent_bytes,
            fairness: transfer.fairness(),
        },
        deliveries: stream.deliveries.as_ref().map(deliveries),
        events: stream.events.as_ref().map(events),
    }
}

fn by_name(counts: &ErrorCounts) -> BTreeMap<String, u64> {
    counts.iter().map(|(class, count)| (class.name().to_owned(), count)).collect()
}

fn connections(counted: &Connections, window: Window) -> ConnectionsObservation {
    let point = |second: &crate::connections::ConnectionsSecond| ConnectionsPoint {
        established: second.established,
        lost: second.lost,
        alive: second.alive,
    };
    ConnectionsObservation {
        began_s: counted.began_ns.map(|began_ns| seconds(began_ns) - seconds(window.start_ns)),
        asked: counted.asked,
        established: counted.established,
        lost: counted.lost,
        ended: counted.ended,
        failed: counted.failed,
        reasons: by_name(&counted.reasons),
        alive: counted.alive,
        alive_max: counted.alive_max,
        seconds: counted.seconds.iter().map(point).collect(),
    }
}

fn deliveries(measured: &Deliveries) -> DeliveriesObservation {
    DeliveriesObservation {
        expected: measured.expected,
        received: measured.received,
        late: measured.late,
        duplicates: measured.duplicates,
        out_of_order: measured.out_of_order,
        foreign: measured.foreign,
        latency: encode(&measured.latency),
        acknowledgement: Some(encode(&measured.acknowledgement)),
        rooms: measured.rooms.iter().map(room).collect(),
    }
}

fn room(room: &Room) -> RoomObservation {
    let seconds = room.seconds.iter().map(room_point).collect();
    RoomObservation { expected: room.expected, received: room.received, seconds }
}

#[expect(clippy::cast_precision_loss, reason = "a mean")]
fn room_point(second: &RoomSecond) -> RoomPoint {
    let some = second.received > 0;
    RoomPoint {
        received: second.received,
        latency_us_mean: some.then(|| micros(second.latency_ns_sum) / second.received as f64),
        latency_us_max: some.then(|| micros(second.latency_ns_max)),
    }
}

fn events(measured: &Events) -> EventsObservation {
    EventsObservation {
        received: measured.received,
        ended: measured.ended,
        stopped: measured.stopped,
        broken: by_name(&measured.broken),
        lost: measured.lost,
        out_of_order: measured.out_of_order,
        duplicates: measured.duplicates,
        gaps: encode(&measured.gaps),
    }
}
