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

/// Bytes of memory that the server gained from before the first connection to the window, for each of the connections: of its proportional
/// set size where the record has it over time, else of its resident memory, in which pages that processes share count for each of them.
pub(super) fn memory_per_connection(measured: &Measured<'_>, stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    let connections = &transport(stream)?.connections;
    if connections.established < u64::from(connections.asked) || connections.lost > 0 {
        let (asked, established, lost) = (connections.asked, connections.established, connections.lost);
        return Err(NoNumber::NotHeld { asked, established, lost });
    }
    let samples = &measured.observation.samples;
    let measured_s = measured.observation.phases.measure_s;
    let resident = || samples.at_s.iter().copied().zip(samples.server_rss_mib.iter().copied());
    let proportional = || samples.server_pss.iter().map(|point| (point.at_s, point.mib));
    let sizes = gained(proportional, measured_s).or_else(|| gained(resident, measured_s));
    let (before_mib, held_mib) = sizes.ok_or(NoNumber::NoSamples)?;
    Ok(Number::exact((held_mib - before_mib) * MIB / f64::from(connections.asked)))
}

/// The first of a series of sizes, and their mean over the window.
fn gained<S: Iterator<Item = (f64, f64)>>(series: impl Fn() -> S, measured_s: f64) -> Option<(f64, f64)> {
    let (_, before) = series().next()?;
    let inside = series().filter(|&(at_s, _)| at_s > 0.0 && at_s <= measured_s);
    Some((before, mean(inside.map(|(_, size)| size))?))
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

#[cfg(test)]
mod tests {
    use super::super::{NoNumber, Number};
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
    use model::define::workload::Stream;
    use model::record::{Observation, StreamObservation};
    use serde_json::{Value, json};

    /// A histogram as a record keeps it, of so many times of 1 ms, 2 ms and so on.
    fn times(count: u64) -> String {
        let mut histogram = Histogram::<u64>::new(3).expect("three digits");
        (1..=count).for_each(|ms| histogram.record(ms * 1_000_000).expect("resizes"));
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&histogram, &mut bytes).expect("to memory");
        STANDARD.encode(bytes)
    }

    fn connections(established: u64, lost: u64) -> Value {
        json!({
            "asked": 1024, "established": established, "lost": lost, "ended": 0, "failed": 0, "reasons": {}, "alive": 0,
            "alive_max": 0, "seconds": [],
        })
    }

    fn carried(established: u64, lost: u64, received: u64) -> Value {
        json!({
            "connections": connections(established, lost),
            "transfer": { "received_bytes": 3_000_000, "sent_bytes": 1_000_000, "fairness": 0.9 },
            "deliveries": {
                "expected": 2_000, "received": received, "late": 0, "duplicates": 0, "out_of_order": 0, "foreign": 0,
                "latency": times(2_000), "acknowledgement": times(1_000), "rooms": [],
            },
            "events": {
                "received": 0, "ended": 0, "stopped": 0, "broken": {}, "lost": 0, "out_of_order": 0, "duplicates": 0,
                "gaps": times(1_000),
            },
        })
    }

    /// What a metric makes of a stream that was due so many requests, over a window of 2 s in which the server used half a core and had
    /// 2 MiB more than before.
    fn of<T>(due: u64, transport: Option<Value>, number: impl Fn(&Measured<'_>, &StreamRun<'_>) -> T) -> T {
        with_sizes(&json!([]), due, transport, number)
    }

    /// The same where the proportional set size was read.
    fn with_sizes<T>(
        server_pss: &Value,
        due: u64,
        transport: Option<Value>,
        number: impl Fn(&Measured<'_>, &StreamRun<'_>) -> T,
    ) -> T {
        let defined: Stream =
            serde_json::from_value(json!({ "name": "s", "load": { "closed": { "connections": 1 } } }))
                .expect("a stream");
        let mut seen = json!({
            "stream": "s", "window_s": 2.0, "due": due, "sent": due, "completed": due, "unsent": 0, "unanswered": 0,
            "errors": {}, "response_time": times(1), "service_time": times(1), "first_byte": times(1), "send_lag": times(1),
            "in_flight_mean": 1.0, "seconds": [],
        });
        seen["transport"] = transport.unwrap_or(Value::Null);
        let seen: StreamObservation = serde_json::from_value(seen).expect("a stream's observation");
        let observation: Observation = serde_json::from_value(json!({
            "began_s": 0.0,
            "phases": { "start_up_s": 0.0, "contract_check_s": 0.0, "warm_up_s": 0.0, "measure_s": 2.0, "shut_down_s": 0.0 },
            "server": { "before": {}, "after": {}, "requests_counted": 0, "requests_answered": 0 },
            "streams": [], "search": null, "generator": model::record::GeneratorUse::default(), "hiccups": [],
            "samples": {
                "at_s": [-1.0, 1.0, 2.0, 3.0], "server_cores": [0.0, 0.5, 0.5, 9.0],
                "server_rss_mib": [10.0, 12.0, 12.0, 99.0], "server_threads": [1, 1, 1, 1],
                "server_switches_per_s": [0.0, 0.0, 0.0, 0.0], "busy": {}, "stolen": {}, "cpu_pressure": [],
                "server_pss_mib": null, "server_pss": server_pss,
            },
        }))
        .expect("an observation");
        let response = Distribution::decode(&seen.response_time);
        number(
            &Measured { observation: &observation, streams: Vec::new() },
            &StreamRun { defined: &defined, seen: &seen, response },
        )
    }

    fn close(found: Result<Number, NoNumber>, wanted: f64) {
        let found = found.expect("a number");
        assert!((found.least / wanted - 1.0).abs() < 0.002, "{found:?}, not {wanted}");
    }

    #[test]
    fn quantiles_are_those_of_what_was_carried() {
        let whole = || Some(carried(1_024, 0, 2_000));
        close(of(1_000, whole(), |_, stream| delivery_time(stream, 0.99)), 1_980e3);
        close(of(1_000, whole(), |_, stream| acknowledgement_time(stream, 0.99)), 990e3);
        close(of(1_000, whole(), |_, stream| event_gap(stream, 0.5)), 500e3);
    }

    #[test]
    fn the_deliveries_of_too_few_messages_say_nothing_of_a_quantile() {
        let few = of(999, Some(carried(1_024, 0, 2_000)), |_, stream| delivery_time(stream, 0.99));
        assert!(matches!(few, Err(NoNumber::TooFewRequests { have: 999, need: 1_000, .. })), "{few:?}");
    }

    #[test]
    fn deliveries_that_did_not_come_leave_the_number_open() {
        let found =
            of(1_000, Some(carried(1_024, 0, 1_990)), |_, stream| delivery_time(stream, 0.99)).expect("a number");
        assert!(found.most.is_some_and(|most| most > 1_985e3), "{found:?}");
        let found =
            of(1_000, Some(carried(1_024, 0, 1_900)), |_, stream| delivery_time(stream, 0.99)).expect("a number");
        assert_eq!(found.most, None);
        close(of(1_000, Some(carried(1_024, 0, 1_900)), |_, stream| reach(stream)), 0.95);
    }

    #[test]
    fn bytes_and_memory_are_shared_out() {
        let whole = || Some(carried(1_024, 0, 2_000));
        // Four million bytes in half a core for two seconds; two MiB over 1,024 connections.
        close(of(1, whole(), bytes_per_cpu_second), 4e6);
        close(of(1, whole(), memory_per_connection), 2_048.0);
        close(of(1, whole(), |_, stream| fairness(stream)), 0.9);
    }

    /// Shared pages count for each process in what is resident.
    #[test]
    fn memory_is_shared_out_by_the_proportional_size_where_it_was_read() {
        let whole = || Some(carried(1_024, 0, 2_000));
        let sizes = json!([{ "at_s": -1.1, "mib": 8.0 }, { "at_s": 0.5, "mib": 13.0 }, { "at_s": 1.5, "mib": 11.0 }, { "at_s": 2.5, "mib": 99.0 }]);
        close(with_sizes(&sizes, 1, whole(), memory_per_connection), 4_096.0);
        // One that was read before the window alone says nothing of it.
        close(with_sizes(&json!([{ "at_s": -1.1, "mib": 8.0 }]), 1, whole(), memory_per_connection), 2_048.0);
    }

    #[test]
    fn connections_that_were_not_held_take_no_memory_that_is_known() {
        for (established, lost) in [(1_023, 0), (1_025, 1)] {
            let found = of(1, Some(carried(established, lost, 2_000)), memory_per_connection);
            assert_eq!(found, Err(NoNumber::NotHeld { asked: 1_024, established, lost }));
        }
    }

    #[test]
    fn a_record_from_before_has_no_such_numbers() {
        assert!(matches!(of(1_000, None, |_, stream| reach(stream)), Err(NoNumber::NotCarried(_))));
    }
}
