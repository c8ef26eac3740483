//! What a summary says of connections, bytes, deliveries and events.

use load::connections::Connections;
use load::events::outcome::Events;
use load::fan_out::outcome::Deliveries;
use load::recorder::StreamOutcome;
use load::transfer::Transfer;
use serde::Serialize;

use super::summary::Times;

/// What became of the connections, from the first that was opened to the end.
#[derive(Debug, Serialize)]
pub(crate) struct ConnectionsSummary {
    asked: u32,
    established: u64,
    lost: u64,
    failed: u64,
    alive: u64,
    alive_max: u64,
}

/// What they moved in the window.
#[derive(Debug, Serialize)]
pub(crate) struct TransferSummary {
    received_bytes: u64,
    sent_bytes: u64,
    /// Jain's index of the bytes received by connection: 1 where all got the same.
    fairness: Option<f64>,
}

/// What became of messages to rooms: one delivery for each message and member.
#[derive(Debug, Serialize)]
pub(crate) struct DeliveriesSummary {
    expected: u64,
    received: u64,
    /// Received over expected.
    reach: Option<f64>,
    late: u64,
    duplicates: u64,
    out_of_order: u64,
    foreign: u64,
    /// Received minus due.
    latency_us: Times,
}

/// What became of event streams behind their first event.
#[derive(Debug, Serialize)]
pub(crate) struct EventsSummary {
    received: u64,
    ended: u64,
    stopped: u64,
    broken: u64,
    lost: u64,
    out_of_order: u64,
    duplicates: u64,
    /// Between one event of a stream and the next.
    gaps_us: Times,
}

impl ConnectionsSummary {
    pub(super) fn of(connections: &Connections) -> Self {
        let Connections { asked, established, lost, failed, alive, alive_max, .. } = *connections;
        Self { asked, established, lost, failed, alive, alive_max }
    }
}

impl TransferSummary {
    pub(super) fn of(transfer: &Transfer) -> Self {
        let Transfer { received_bytes, sent_bytes, .. } = *transfer;
        Self { received_bytes, sent_bytes, fairness: transfer.fairness() }
    }
}

impl DeliveriesSummary {
    pub(super) fn of(deliveries: &Deliveries) -> Self {
        Self {
            expected: deliveries.expected,
            received: deliveries.received,
            reach: deliveries.reach(),
            late: deliveries.late,
            duplicates: deliveries.duplicates,
            out_of_order: deliveries.out_of_order,
            foreign: deliveries.foreign,
            latency_us: Times::of(&deliveries.latency),
        }
    }
}

impl EventsSummary {
    pub(super) fn of(events: &Events) -> Self {
        Self {
            received: events.received,
            ended: events.ended,
            stopped: events.stopped,
            broken: events.broken.iter().map(|(_, count)| count).sum(),
            lost: events.lost,
            out_of_order: events.out_of_order,
            duplicates: events.duplicates,
            gaps_us: Times::of(&events.gaps),
        }
    }
}

/// The lines for people that not every run has.
pub(super) fn in_words(stream: &StreamOutcome) -> Vec<String> {
    let connections = &stream.connections;
    let mut lines = Vec::new();
    if connections.lost + connections.failed > 0 || connections.alive_max < u64::from(connections.asked) {
        lines.push(format!(
            "connections    {} asked, {} established, {} lost, {} failed, {} alive at the end",
            connections.asked, connections.established, connections.lost, connections.failed, connections.alive
        ));
    }
    if let Some(deliveries) = &stream.deliveries {
        let reach = deliveries.reach().map_or_else(|| "–".to_owned(), |reach| format!("{:.2} %", reach * 100.0));
        lines.push(format!(
            "deliveries     {} of {} ({reach}), {} late, {} twice, {} out of order  {}",
            deliveries.received,
            deliveries.expected,
            deliveries.late,
            deliveries.duplicates,
            deliveries.out_of_order,
            Times::of(&deliveries.latency).in_words()
        ));
    }
    if let Some(events) = &stream.events {
        lines.push(format!(
            "events         {}, {} lost, {} out of order; gaps  {}",
            events.received,
            events.lost,
            events.out_of_order,
            Times::of(&events.gaps).in_words()
        ));
    }
    lines
}
