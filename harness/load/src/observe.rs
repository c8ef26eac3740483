//! From what a run measured to what the run record keeps.

mod transport;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use model::names::{NameError, StreamName};
use model::record::{self, CapacitySearch, SearchStep, SecondPoint, StreamObservation};

use crate::calibrate::Calibration;
use crate::meter::GeneratorUse;
use crate::recorder::{StreamOutcome, histogram};
use crate::run::Outcome;
use crate::search::{Found, StepKind};
use crate::series::Second;
use crate::window::Window;

/// What the session knows of the generator's place on the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeneratorPlace {
    /// Cores it had.
    pub cores: u16,
    /// Whether it shared a core with the server.
    pub shares_core: bool,
    /// CPU seconds of the backing services that ran beside it on its cores.
    pub services_cpu_s: f64,
}

/// The observation of each of a run's streams.
///
/// # Errors
/// When a stream's name is none that the record allows.
pub fn observe(outcome: &Outcome) -> Result<Vec<StreamObservation>, NameError> {
    outcome.streams.iter().map(|stream| observe_stream(stream, outcome.window)).collect()
}

fn observe_stream(stream: &StreamOutcome, window: Window) -> Result<StreamObservation, NameError> {
    let counts = &stream.counts;
    Ok(StreamObservation {
        stream: StreamName::new(stream.name.clone())?,
        window_s: window.length_s(),
        due: counts.due,
        sent: counts.sent,
        completed: counts.completed,
        unsent: counts.unsent,
        unanswered: counts.unanswered,
        errors: failed_requests(stream),
        response_time: encode(&stream.response_time),
        service_time: encode(&stream.service_time),
        first_byte: encode(&stream.first_byte),
        send_lag: encode(&stream.send_lag),
        in_flight_mean: stream.in_flight_mean,
        seconds: stream.seconds.iter().map(second_point).collect(),
        tenths: stream.tenths.clone(),
        transport: Some(transport::observe(stream, window)),
    })
}

/// The observation of a stream of which nothing was timed: no count, and histograms with nothing in them.
#[must_use]
pub fn untimed(stream: StreamName) -> StreamObservation {
    let nothing = encode(&histogram());
    StreamObservation {
        stream,
        window_s: 0.0,
        due: 0,
        sent: 0,
        completed: 0,
        unsent: 0,
        unanswered: 0,
        errors: BTreeMap::new(),
        response_time: nothing.clone(),
        service_time: nothing.clone(),
        first_byte: nothing.clone(),
        send_lag: nothing,
        in_flight_mean: 0.0,
        seconds: Vec::new(),
        tenths: Vec::new(),
        transport: None,
    }
}

fn failed_requests(stream: &StreamOutcome) -> BTreeMap<String, u64> {
    let failed = stream.counts.errors.iter().filter(|(class, _)| class.ends_request());
    failed.map(|(class, count)| (class.name().to_owned(), count)).collect()
}

fn second_point(second: &Second) -> SecondPoint {
    SecondPoint {
        until_s: seconds(second.until_ns),
        completed: second.completed,
        errors: second.failed,
        response_us_p50: second.response.map(|response| micros(response.p50_ns)),
        response_us_p99: second.response.map(|response| micros(response.p99_ns)),
    }
}

/// The generator's use of the machine, for a run of these streams.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a mean")]
pub fn generator_use(outcome: &Outcome, place: GeneratorPlace) -> record::GeneratorUse {
    let used: GeneratorUse = outcome.generator;
    let answered: u64 = outcome.streams.iter().map(|stream| stream.answered_in_window).sum();
    record::GeneratorUse {
        busy_s: seconds(used.busy_ns()),
        cpu_s: seconds(used.cpu_ns),
        // The workers' own times add up; the cores' time is this, times their number.
        wall_s: outcome.window.length_s(),
        cores: place.cores,
        shares_core: place.shares_core,
        services_cpu_s: place.services_cpu_s,
        cpu_us_per_request: micros(used.busy_ns()) / answered.max(1) as f64,
    }
}

/// The record of a search.
#[must_use]
pub fn capacity_search(found: &Found) -> CapacitySearch {
    let step = |step: &crate::search::Step| SearchStep {
        rate_per_s: step.rate_per_s,
        response_us: micros(step.measured.response_ns),
        error_share: step.measured.error_share,
        held: step.held,
        confirming: step.kind == StepKind::Confirming,
    };
    CapacitySearch {
        steps: found.steps.iter().map(step).collect(),
        greatest_per_s: found.greatest_per_s,
        bounded_by_generator: found.bounded_by_generator,
    }
}

/// The record of a calibration in a layout with this many server cores.
#[must_use]
pub fn calibration(measured: &Calibration, server_cores: u16) -> record::Calibration {
    record::Calibration {
        server_cores,
        floor_us_p50: micros(measured.floor_ns_p50),
        floor_us_p99: micros(measured.floor_ns_p99),
        send_lag_us_p50: micros(measured.send_lag_ns_p50),
        send_lag_us_p99: micros(measured.send_lag_ns_p99),
        ceiling_per_s: measured.ceiling_per_s,
        generator_cpu_us_per_request: measured.generator_cpu_ns_per_request / 1e3,
        fano_factor: measured.fano_factor,
    }
}

/// A histogram as the record keeps it: the V2 DEFLATE encoding in base64.
#[must_use]
pub fn encode(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .expect("a histogram with the bounds of `recorder::histogram`, into memory");
    STANDARD.encode(bytes)
}

#[expect(clippy::cast_precision_loss, reason = "three digits are what it has")]
fn micros(time_ns: u64) -> f64 {
    time_ns as f64 / 1e3
}

fn seconds(time_ns: u64) -> f64 {
    std::time::Duration::from_nanos(time_ns).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::Deserializer;

    #[test]
    fn a_histogram_survives_its_text() {
        let mut times = histogram();
        (1..1_000_u64).for_each(|value| times.saturating_record(value * value * 1_000));
        let bytes = STANDARD.decode(encode(&times)).unwrap();
        let back: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
        assert_eq!(back, times);
        assert!(!encode(&histogram()).is_empty(), "an empty one too");
    }
}
