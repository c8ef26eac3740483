//! What a trial of a built record observed: a server that works as it should, with the number that the truth asks for.

#![expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::names::StreamName;
use model::plan::Arm;
use model::record::{
    GeneratorUse, Hiccups, Observation, PhaseTimes, Samples, SecondPoint, ServerReport, StreamObservation,
};
use serde_json::json;

use crate::builder::{Kind, named};

/// Seconds of every measuring window.
pub(crate) const WINDOW_S: f64 = 10.0;
/// Connections of the closed load.
pub(crate) const CONNECTIONS: u32 = 8;
/// Requests a second of the open load.
pub(crate) const OPEN_RATE: f64 = 500.0;

/// How long the host holds a server up at a time, in µs.
const STALL_US: f64 = 20_000.0;
/// Requests hit by a stall, over those due in it: the server has to catch up.
const CAUGHT_UP: f64 = 1.5;
/// Different waits of the requests that are hit.
const WAITS: u64 = 20;

/// Every request left a microsecond after it was due.
static PROMPT: LazyLock<String> = LazyLock::new(|| histogram(&[(1.0, 5_000)]));

/// A histogram as a record keeps it, of µs with their counts: HdrHistogram's V2 DEFLATE encoding with three digits, of few values and not
/// packed. The library's own writer goes through all buckets, which takes most of an examination's time.
pub(crate) fn histogram(values_us: &[(f64, u64)]) -> String {
    let mut buckets = BTreeMap::<u64, u64>::new();
    for &(value_us, count) in values_us.iter().filter(|(_, count)| *count > 0) {
        *buckets.entry(bucket((value_us * 1e3) as u64)).or_default() += count;
    }
    let (mut payload, mut next) = (Vec::new(), 0);
    for (&index, &count) in &buckets {
        if index > next {
            // A run of empty buckets is a negative number; zig-zag puts the sign into the lowest bit.
            seven_bits(&mut payload, 2 * (index - next) - 1);
        }
        seven_bits(&mut payload, 2 * count);
        next = index + 1;
    }
    let word = |word: usize| u32::try_from(word).expect("small").to_be_bytes();
    let header = [word(0x1c84_9313), word(payload.len()), word(0), word(3)].concat();
    let bounds = [1_u64, 1 << 40, 1.0_f64.to_bits()].map(u64::to_be_bytes).concat();
    let packed = stored(&[header, bounds, payload].concat());
    STANDARD.encode([&word(0x1c84_9314)[..], &word(packed.len()), &packed].concat())
}

/// 2,048 buckets of width one, then 1,024 of each further power of two.
fn bucket(value_ns: u64) -> u64 {
    let doublings = u64::from(value_ns.max(1).ilog2().saturating_sub(10));
    (doublings << 10) + (value_ns >> doublings)
}

fn seven_bits(to: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        to.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// A zlib stream of one block that is not compressed (RFC 1950, RFC 1951 section 3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("short");
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    let check = (high << 16 | low).to_be_bytes();
    [&[0x78, 0x01, 0x01][..], &length.to_le_bytes(), &(!length).to_le_bytes(), bytes, &check].concat()
}

/// The share of its time that a trial lost to the host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lost(pub(crate) f64);

/// What an arm gives whose number is this where nothing is lost.
pub(crate) fn observation(kind: Kind, arm: &Arm, number: f64, lost: Lost) -> Observation {
    let stream = match kind {
        Kind::Throughput => closed(number * (1.0 - lost.0)),
        Kind::P99 => open(number, lost),
    };
    // Once a second is often enough for a server that does the same all the time, and keeps records small.
    let at_s: Vec<f64> = (-1..=11_i32).map(f64::from).collect();
    let measured = |at_s: &f64| *at_s > 0.0 && *at_s <= WINDOW_S;
    // Before and after the window the server is nearly idle, which must not count.
    let used = 0.981 - lost.0;
    let server_cores = at_s.iter().map(|at_s| if measured(at_s) { used } else { 0.1 }).collect();
    let all = |value: f64| vec![value; at_s.len()];
    let answered = stream.completed;
    Observation {
        began_s: 0.0,
        phases: PhaseTimes { measure_s: WINDOW_S, warm_up_s: 1.0, ..PhaseTimes::default() },
        server: ServerReport {
            before: told(arm),
            after: told(arm),
            requests_counted: answered,
            requests_answered: answered,
            requests_unanswered: 0,
        },
        streams: vec![stream],
        search: None,
        generator: GeneratorUse { busy_s: 1.0, cpu_s: 9.9, wall_s: WINDOW_S, cores: 1, ..GeneratorUse::default() },
        samples: Samples {
            server_cores,
            server_rss_mib: all(50.0),
            busy: BTreeMap::from([(1, all(0.98))]),
            stolen: BTreeMap::from([(0, all(0.0)), (1, all(lost.0))]),
            at_s,
            ..Samples::default()
        },
        hiccups: vec![Hiccups {
            cpu: 1,
            wakes: 2_000,
            max_us: 900.0,
            p99_us: 60.0,
            lost_s: 0.0,
            real_time: true,
            contention: None,
        }],
        injected: None,
        added: None,
        alone: Vec::new(),
    }
}

fn told(arm: &Arm) -> serde_json::Value {
    json!({
        "server": "flask", "mode": "threads", "gil": "disabled", "processes": 1,
        "threads": arm.parameters.values().next(), "pid": 4711, "requests": 12,
        "runtime": { "name": "CPython", "version": arm.runtime_version },
        "versions": { "flask": "3.1.0" },
    })
}

fn closed(rate_per_s: f64) -> StreamObservation {
    let completed = (rate_per_s * WINDOW_S).round() as u64;
    let service_us = f64::from(CONNECTIONS) / rate_per_s * 1e6;
    let times = histogram(&[(service_us, completed)]);
    StreamObservation {
        stream: named::<StreamName>("requests"),
        window_s: WINDOW_S,
        due: completed,
        sent: completed,
        completed,
        unsent: 0,
        unanswered: 0,
        errors: BTreeMap::new(),
        response_time: times.clone(),
        service_time: times.clone(),
        first_byte: times,
        send_lag: PROMPT.clone(),
        in_flight_mean: f64::from(CONNECTIONS),
        seconds: seconds(rate_per_s, service_us),
        tenths: Vec::new(),
        transport: None,
    }
}

/// Most requests take a quarter of the p99, and two in a hundred take all of it. Those that are due while the host holds the server
/// up, or while it catches up afterwards, wait up to a whole stall longer.
fn open(p99_us: f64, lost: Lost) -> StreamObservation {
    let sent = (OPEN_RATE * WINDOW_S) as u64;
    let long = sent / 50;
    let hit = (CAUGHT_UP * lost.0 * sent as f64) as u64;
    let plain_us = p99_us / 4.0;
    let mut values = vec![(plain_us, sent - long - hit), (p99_us, long)];
    values.extend((1..=WAITS).map(|at| (plain_us + STALL_US * at as f64 / WAITS as f64, hit / WAITS)));
    values.push((plain_us, hit % WAITS));
    let times = histogram(&values);
    StreamObservation {
        due: sent,
        sent,
        completed: sent,
        response_time: times.clone(),
        service_time: times.clone(),
        first_byte: times,
        in_flight_mean: 1.0,
        seconds: seconds(OPEN_RATE, plain_us),
        ..closed(OPEN_RATE)
    }
}

fn seconds(rate_per_s: f64, median_us: f64) -> Vec<SecondPoint> {
    let point = |second: u32| SecondPoint {
        until_s: f64::from(second),
        completed: rate_per_s.round() as u64,
        errors: 0,
        response_us_p50: Some(median_us),
        response_us_p99: Some(median_us * 2.0),
    };
    (1..=WINDOW_S as u32).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::Deserializer;

    #[test]
    fn the_library_reads_what_is_written_here() {
        let values = [(0.5, 3), (2.047, 7), (2.048, 1), (2_000.0, 4_500), (8_123_456.789, 500)];
        let bytes = STANDARD.decode(histogram(&values)).expect("base64");
        let read: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).expect("a histogram");
        assert_eq!(read.len(), values.iter().map(|(_, count)| count).sum::<u64>());
        for (value_us, count) in values {
            assert_eq!(read.count_at((value_us * 1e3) as u64), count, "{value_us}");
        }
    }
}
