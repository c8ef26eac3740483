//! G2: under open load, requests left when they were due.

use model::analysis::{Gate, GateResult};
use model::define::workload::Load;
use model::machine::Layout;

use super::{Evidence, Reading, by_worst, not_applicable};
use crate::distribution::Distribution;
use crate::runs::{Run, StreamRun};
use crate::words::{figure, percent};

/// At least this share of the due requests must have been sent (method.md, G2).
const LEAST_SENT: f64 = 0.99;

/// The quantile of send lag that is looked at (method.md, G2).
const LAG_QUANTILE: f64 = 0.99;

/// The 99th percentile of send lag may be this share of the median response time (method.md, G2).
const GREATEST_LAG: f64 = 0.05;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let open = evidence.streams().filter(|(_, stream)| !matches!(stream.defined.load, Load::Closed(_)));
    let readings: Vec<Reading> =
        open.flat_map(|(run, stream)| [sent(run, stream), lag(evidence, run, stream)]).collect();
    if readings.is_empty() {
        return not_applicable(Gate::G2, "under closed load nothing is due");
    }
    by_worst(Gate::G2, readings)
}

fn sent(run: &Run<'_>, stream: &StreamRun<'_>) -> Reading {
    let share = stream.seen.sent as f64 / stream.seen.due as f64;
    let detail = format!("{} of {} due requests were sent", percent(share), stream.seen.due);
    Reading::at_most(1.0 - share, 1.0 - LEAST_SENT, run, detail)
}

fn lag(evidence: &Evidence<'_>, run: &Run<'_>, stream: &StreamRun<'_>) -> Reading {
    let stalled = generator_stalled(evidence, run);
    let (lag, response) = match (&Distribution::decode(&stream.seen.send_lag), &stream.response) {
        (Ok(lag), Ok(response)) => (lag.quantile_us(LAG_QUANTILE * (1.0 - stalled)), response.quantile_us(0.5)),
        (Err(error), _) | (_, Err(error)) => return Reading::fault(run, error.to_string()),
    };
    let (Some(lag_us), Some(response_us)) = (lag, response) else {
        return Reading::fault(run, "nothing was sent and answered".to_owned());
    };
    // Both at their 99th percentile: a lag that the calibration's own response times include is the floor, not a fault of this run.
    let floor_us = evidence.scene.calibration(run.arm).map_or(0.0, |calibration| calibration.floor_us_p99);
    let limit_us = (GREATEST_LAG * response_us).max(floor_us);
    let detail = format!(
        "p99 of send lag {} µs outside the {} of the time in which the host stalled, limit {} µs",
        figure(lag_us),
        percent(stalled),
        figure(limit_us)
    );
    Reading::at_most(lag_us, limit_us, run, detail)
}

/// The share of the window in which the host took the generator's own cores. What was due then left late, which is no fault of
/// the generator (load.md, *Targets*: "outside host hiccups"); it counts in the response times, and gate G13 judges it.
fn generator_stalled(evidence: &Evidence<'_>, run: &Run<'_>) -> f64 {
    let layout = evidence.scene.record.header.plan.layouts.get(&run.arm.cores);
    let own = layout.map(|layout| Layout { server: Vec::new(), services: Vec::new(), ..layout.clone() });
    run.measured().map_or(0.0, |measured| measured.observation.lost_share(own.as_ref()))
}
