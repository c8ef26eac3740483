//! G1: under closed load, concurrency, rate and time in the system fit together (Little 1961).

use model::analysis::{Gate, GateResult};
use model::define::workload::Load;
use stats::little::relative_error;

use super::{Evidence, Reading, by_worst, not_applicable};
use crate::distribution::Distribution;
use crate::runs::{Run, StreamRun};
use crate::words::{figure, percent};

/// |N − X·R| / N may be at most this (method.md, G1).
const GREATEST_ERROR: f64 = 0.05;

/// Standard deviations of what the window's two ends cut that are allowed beside it: hardly ever more by luck.
const END_DEVIATIONS: f64 = 3.0;

/// Microseconds in a second.
const US_PER_S: f64 = 1e6;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let closed = evidence.streams().filter(|(_, stream)| matches!(stream.defined.load, Load::Closed(_)));
    let readings: Vec<Reading> = closed.map(|(run, stream)| reading(run, stream)).collect();
    if readings.is_empty() {
        return not_applicable(Gate::G1, "the load is not closed");
    }
    by_worst(Gate::G1, readings)
}

fn reading(run: &Run<'_>, stream: &StreamRun<'_>) -> Reading {
    let in_flight = stream.seen.in_flight_mean;
    let rate_per_s = stream.seen.completed as f64 / stream.seen.window_s;
    let service_us = match Distribution::decode(&stream.seen.service_time) {
        Ok(times) => times.mean_us().unwrap_or(f64::NAN),
        Err(error) => return Reading::fault(run, error.to_string()),
    };
    let Some(error) = relative_error(in_flight, rate_per_s, service_us / US_PER_S) else {
        return Reading::fault(run, format!("{} in flight on average, and nothing to compare with", figure(in_flight)));
    };
    let implied = rate_per_s * service_us / US_PER_S;
    let detail = format!(
        "{} requests in flight, and {} by rate × time: {} apart",
        figure(in_flight),
        figure(implied),
        percent(error)
    );
    Reading::at_most(error, GREATEST_ERROR + ends(in_flight, service_us / US_PER_S, stream.seen.window_s), run, detail)
}

/// What cutting requests at both ends of the window adds to the error, by luck.
///
/// Each of N requests under way at an end has spent a share of its time R on the other side, evenly spread at best knowledge:
/// R / √12 is its deviation, √(2N/12) · R that of both ends, and N · T what it is compared with.
fn ends(in_flight: f64, service_s: f64, window_s: f64) -> f64 {
    END_DEVIATIONS * service_s / (window_s * (6.0 * in_flight.max(1.0)).sqrt())
}
