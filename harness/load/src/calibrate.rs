//! What the generator itself can show here: the floor below which no latency, and the ceiling above which no rate, is
//! believed. Both against a null server in the core layout of the session.

use std::time::Duration;

use crate::arrival::{Arrival, Spacing};
use crate::error::RunError;
use crate::pacer::PacerKind;
use crate::request::RequestSpec;
use crate::run::{Ending, Opening, Outcome, RunSpec, Target, run};
use crate::stream::StreamSpec;
use crate::window::Phases;

/// How to calibrate.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationSpec {
    /// The null server.
    pub target: Target,
    /// Its null route.
    pub path: String,
    /// How to wait for due times in this layout.
    pub pacer: PacerKind,
    /// The rate of the floor, in requests/s: low, so that nothing queues.
    pub floor_rate_per_s: f64,
    /// Connections of the ceiling.
    pub ceiling_connections: u32,
    /// The even rate at which regularity is measured, in requests/s: one in each 100 µs shows best whether they leave in bursts.
    pub regularity_rate_per_s: f64,
    /// The window of each of the three runs; a fifth of it is added as warm-up.
    pub measure: Duration,
}

impl CalibrationSpec {
    /// The usual way: the floor at 1,000/s, the ceiling with 64 connections, regularity at 10,000/s, 2 s each.
    #[must_use]
    pub fn new(target: Target, path: &str, pacer: PacerKind) -> Self {
        Self {
            target,
            path: path.to_owned(),
            pacer,
            floor_rate_per_s: 1_000.0,
            ceiling_connections: 64,
            regularity_rate_per_s: 10_000.0,
            measure: Duration::from_secs(2),
        }
    }
}

/// What the generator can show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Response time of the null route at a low rate.
    pub floor_ns_p50: u64,
    /// The same, 99th percentile.
    pub floor_ns_p99: u64,
    /// Send lag at that rate.
    pub send_lag_ns_p50: u64,
    /// The same, 99th percentile.
    pub send_lag_ns_p99: u64,
    /// The greatest rate of a closed loop against the null route, in requests/s.
    pub ceiling_per_s: f64,
    /// CPU of the generator for each request at that rate, spinning left out, in nanoseconds.
    pub generator_cpu_ns_per_request: f64,
    /// Variance to mean of the requests in each 100 µs at an even rate: 0 is perfectly regular, 1 is Poisson.
    pub fano_factor: Option<f64>,
}

/// Makes a run.
pub type Runner<'a> = &'a dyn Fn(&RunSpec<'_>) -> Result<Outcome, RunError>;

/// Calibrates on the calling thread, which the caller has pinned where the session's generator runs.
///
/// # Errors
/// As [`run`].
pub fn calibrate(spec: &CalibrationSpec) -> Result<Calibration, RunError> {
    calibrate_with(spec, &run)
}

/// Calibrates with runs as the session makes them, such as those of several workers.
///
/// # Errors
/// As the runs.
pub fn calibrate_with(spec: &CalibrationSpec, run: Runner<'_>) -> Result<Calibration, RunError> {
    let open = Arrival::Open { rate_per_s: spec.floor_rate_per_s, spacing: Spacing::Constant };
    let measure = |name, connections, arrival| measure(spec, name, connections, arrival, run);
    // Ten connections: one that waits must not make the next request wait.
    let floor = measure("floor", 10, open)?;
    let ceiling = measure("ceiling", spec.ceiling_connections, Arrival::Closed { think: Duration::ZERO })?;
    let even = Arrival::Open { rate_per_s: spec.regularity_rate_per_s, spacing: Spacing::Constant };
    let regularity = measure("regularity", spec.ceiling_connections, even)?;
    Ok(combine(&floor, &ceiling, &regularity))
}

fn measure(
    spec: &CalibrationSpec,
    name: &str,
    connections: u32,
    arrival: Arrival,
    run: Runner<'_>,
) -> Result<Outcome, RunError> {
    let streams = [StreamSpec::new(name, connections, arrival, vec![RequestSpec::get(&spec.path)])];
    run(&RunSpec {
        target: spec.target,
        streams: &streams,
        phases: Phases { warm_up: spec.measure / 5, measure: spec.measure, drain: Duration::from_secs(1) },
        opening: Opening::AllAtOnce,
        pacer: spec.pacer,
        seed: 0,
        stop: &[],
        ending: Ending::Close,
    })
}

#[expect(clippy::cast_precision_loss, reason = "rates")]
fn combine(floor: &Outcome, ceiling: &Outcome, regularity: &Outcome) -> Calibration {
    let at_floor = &floor.streams[0];
    let answered = ceiling.streams[0].answered_in_window;
    Calibration {
        floor_ns_p50: at_floor.response_time.value_at_quantile(0.5),
        floor_ns_p99: at_floor.response_time.value_at_quantile(0.99),
        send_lag_ns_p50: at_floor.send_lag.value_at_quantile(0.5),
        send_lag_ns_p99: at_floor.send_lag.value_at_quantile(0.99),
        ceiling_per_s: answered as f64 / ceiling.window.length_s(),
        generator_cpu_ns_per_request: ceiling.generator.busy_ns() as f64 / answered.max(1) as f64,
        fano_factor: regularity.streams[0].fano_factor,
    }
}
