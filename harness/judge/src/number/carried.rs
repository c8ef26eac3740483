//! Numbers that a stream's transport gives: deliveries, events, bytes and connections.

use model::define::claim::Metric;
use model::record::{DeliveriesObservation, TransportObservation};

use super::{NoNumber, Number, enough, quantile_of};
use crate::distribution::Distribution;
use crate::runs::{Measured, StreamRun, mean};

/// Bytes of a MiB.
const MIB: f64 = 1024.0 * 1024.0;

/// A quantile in µs over all deliveries; estimable where there are messages enough, since the deliveries of one are not independent.
pub(super) fn delivery_time(stream: &StreamRun<'_>, quantile: f64) -> Result<Number, NoNumber> {
    enough(quantile, stream.seen.due)?;
    let deliveries = deliveries(stream)?;
    let times = decode(&deliveries.latency)?;
    quantile_of(&times, quantile, times.count(), deliveries.expected.saturating_sub(deliveries.received))
}

/// A quantile in µs of the deliveries to each message's own sender.
pub(super) fn acknowledgement_time(stream: &StreamRun<'_>, quantile: f64) -> Result<Number, NoNumber> {
    enough(quantile, stream.seen.due)?;
    let deliveries = deliveries(stream)?;
    let text = deliveries.acknowledgement.as_ref().ok_or(NoNumber::NotCarried("acknowledgements"))?;
    let times = decode(text)?;
    let missing = deliveries.expected.saturating_sub(deliveries.received).min(times.count());
    quantile_of(&times, quantile, times.count(), missing)
}

/// The share of the deliveries due that came.
pub(super) fn reach(stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    let deliveries = deliveries(stream)?;
    if deliveries.expected == 0 {
        return Err(NoNumber::NoAnswer);
    }
    Ok(Number::exact(deliveries.received as f64 / deliveries.expected as f64))
}

/// A quantile in µs of the time between one event of a stream and the next.
pub(super) fn event_gap(stream: &StreamRun<'_>, quantile: f64) -> Result<Number, NoNumber> {
    let events = transport(stream)?.events.as_ref().ok_or(NoNumber::NotCarried("events"))?;
    let gaps = decode(&events.gaps)?;
    enough(quantile, gaps.count())?;
    quantile_of(&gaps, quantile, gaps.count(), 0)
}

/// Bytes that the clients received and sent, for each CPU second of the server.
pub(super) fn bytes_per_cpu_second(measured: &Measured<'_>, stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    let transfer = transport(stream)?.transfer;
    let cores = measured.cores_used().ok_or(NoNumber::NoSamples)?;
    let bytes = transfer.received_bytes.saturating_add(transfer.sent_bytes);
    Ok(Number::exact(bytes as f64 / (cores * stream.seen.window_s)))
}

/// Jain's index of the bytes that the connections received.
pub(super) fn fairness(stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    transport(stream)?.transfer.fairness.map(Number::exact).ok_or(NoNumber::NoAnswer)
}

/// Bytes of resident memory that the server gained from before the first connection to the window, for each of the connections.
///
/// Pages that its processes share are in both, so that the difference is what the connections took.
pub(super) fn memory_per_connection(measured: &Measured<'_>, stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    let connections = &transport(stream)?.connections;
    if connections.established < u64::from(connections.asked) || connections.lost > 0 {
        let (asked, established, lost) = (connections.asked, connections.established, connections.lost);
        return Err(NoNumber::NotHeld { asked, established, lost });
    }
    let samples = &measured.observation.samples;
    let measured_s = measured.observation.phases.measure_s;
    let before_mib = samples.server_rss_mib.first().ok_or(NoNumber::NoSamples)?;
    let inside = samples.at_s.iter().zip(&samples.server_rss_mib);
    let inside = inside.filter(|&(&at_s, _)| at_s > 0.0 && at_s <= measured_s).map(|(_, &mib)| mib);
    let held_mib = mean(inside).ok_or(NoNumber::NoSamples)?;
    Ok(Number::exact((held_mib - before_mib) * MIB / f64::from(connections.asked)))
}

/// The times of which one of these metrics is a quantile.
pub(super) fn times_of(metric: &Metric, stream: &StreamRun<'_>) -> Option<Distribution> {
    let carried = stream.seen.transport.as_ref()?;
    let text = match metric {
        Metric::DeliveryTime(_) => &carried.deliveries.as_ref()?.latency,
        Metric::AcknowledgementTime(_) => carried.deliveries.as_ref()?.acknowledgement.as_ref()?,
        Metric::EventGap(_) => &carried.events.as_ref()?.gaps,
        _ => return None,
    };
    Distribution::decode(text).ok()
}

fn transport<'r>(stream: &StreamRun<'r>) -> Result<&'r TransportObservation, NoNumber> {
    stream.seen.transport.as_ref().ok_or(NoNumber::NotCarried("it is a record from before they were measured"))
}

fn deliveries<'r>(stream: &StreamRun<'r>) -> Result<&'r DeliveriesObservation, NoNumber> {
    transport(stream)?.deliveries.as_ref().ok_or(NoNumber::NotCarried("deliveries"))
}

fn decode(text: &str) -> Result<Distribution, NoNumber> {
    Distribution::decode(text).map_err(|error| NoNumber::Damaged(error.to_string()))
}
