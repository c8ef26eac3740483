//! The one number that a trial yields for a metric, and what censored requests leave open about it.
//!
//! Requests that were due but unsent, or unanswered when the window ended, stand in the histogram as "at least this long". So a
//! quantile read from it is the least that the truth can be. The greatest is the value as many ranks further up as there are such requests:
//! more of them cannot have moved above it. Where the histogram ends before that, the truth is open upwards, and a verdict that needs a
//! bound there is withheld (worst-case bounds, after Manski 2003, "Partial Identification of Probability Distributions").

mod carried;
mod ramp;

use model::define::claim::Metric;
use model::define::workload::Workload;

use crate::distribution::{Distribution, rank};
use crate::runs::{Measured, Run, StreamRun, stream_of};

/// Microseconds in a second.
const US_PER_S: f64 = 1e6;

/// A number in the metric's unit: the least that it can be, and the greatest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    /// The number itself where it is exact.
    pub(crate) least: f64,
    /// The same where it is exact; nothing where it is open upwards.
    pub(crate) most: Option<f64>,
}

impl Number {
    fn exact(value: f64) -> Self {
        Self { least: value, most: Some(value) }
    }
}

/// Why a trial yields no number; the text says it to a reader.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum NoNumber {
    /// It is not in the record.
    #[error("the trial is not in the record; go on with `claimbench run --resume`")]
    NotRun,
    /// It failed.
    #[error("the trial failed in its {stage}: {reason}")]
    Failed { stage: String, reason: String },
    /// The stream is missing.
    #[error("the observation has no stream that gives this metric")]
    NoStream,
    /// The histogram cannot be read.
    #[error("{0}")]
    Damaged(String),
    /// Too few requests for the quantile.
    #[error("p{percent} is not estimable from {have} requests; it needs {need}: measure longer, or at a higher rate")]
    TooFewRequests { percent: f64, have: u64, need: u64 },
    /// Nothing was answered.
    #[error("there was no right answer in the whole window")]
    NoAnswer,
    /// The search found no rate.
    #[error("no rate that was tried held the objective")]
    NoRateHeld,
    /// The server was not sampled.
    #[error("the server's CPU was not sampled in the window")]
    NoSamples,
    /// The transport gave no such numbers.
    #[error("the stream's transport gave none: {0}")]
    NotCarried(&'static str),
    /// The process that was added had not answered by the window's end.
    #[error("the process that was added did not answer within {0:.1} s; measure for longer")]
    NotAdded(f64),
    /// Connections were not held.
    #[error(
        "of {asked} connections {established} were established and {lost} lost, so that what one takes is not known"
    )]
    NotHeld { asked: u32, established: u64, lost: u64 },
    /// The kernel did not tell.
    #[error("the memory of the server's processes was not sampled")]
    NoMemory,
    /// NaN, infinite, zero or negative.
    #[error("the number is {0}, from which no ratio can be formed")]
    NotPositive(f64),
}

/// The number that a trial yields, or why it yields none.
pub(crate) fn number(metric: &Metric, workload: &Workload, run: Option<&Run<'_>>) -> Result<Number, NoNumber> {
    let run = run.ok_or(NoNumber::NotRun)?;
    let measured = run.outcome.as_ref().map_err(|failure| NoNumber::Failed {
        stage: crate::words::stage(failure.stage).to_owned(),
        reason: failure.reason.clone(),
    })?;
    let stream = stream_of(metric, workload).ok_or(NoNumber::NoStream)?;
    let stream = measured.stream(&stream.name).ok_or(NoNumber::NoStream)?;
    let number = match metric {
        Metric::Throughput(_) => throughput(stream),
        Metric::ResponseTime(of) => response_time(stream, of.quantile.get()),
        Metric::Capacity(_) => capacity(measured),
        Metric::CpuPerRequest(_) => cpu_per_request(measured, stream),
        Metric::DeliveryTime(of) => carried::delivery_time(stream, of.quantile.get()),
        Metric::AcknowledgementTime(of) => carried::acknowledgement_time(stream, of.quantile.get()),
        Metric::Reach(_) => carried::reach(stream),
        Metric::EventGap(of) => carried::event_gap(stream, of.quantile.get()),
        Metric::BytesPerCpuSecond(_) => carried::bytes_per_cpu_second(measured, stream),
        Metric::Fairness(_) => carried::fairness(stream),
        Metric::MemoryPerConnection(_) => carried::memory_per_connection(measured, stream),
        Metric::StartUp(_) => Ok(Number::exact(measured.observation.phases.start_up_s * US_PER_S)),
        Metric::TimeToSteadyRate(_) => ramp::time_to_steady_rate(measured, stream),
        Metric::TimeToAddedProcess(_) => ramp::time_to_added_process(measured),
        Metric::Memory(_) => memory(measured),
        Metric::AttacksStopped(_) => attacks_stopped(stream),
    }?;
    let usable = |value: f64| value.is_finite() && value > 0.0;
    match number.most.filter(|&most| !usable(most)) {
        _ if !usable(number.least) => Err(NoNumber::NotPositive(number.least)),
        Some(most) => Err(NoNumber::NotPositive(most)),
        None => Ok(number),
    }
}

/// Right answers a second.
fn throughput(stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    if stream.seen.completed == 0 {
        return Err(NoNumber::NoAnswer);
    }
    Ok(Number::exact(stream.seen.completed as f64 / stream.seen.window_s))
}

/// A quantile of response time in µs, censored requests included.
pub(crate) fn response_time(stream: &StreamRun<'_>, quantile: f64) -> Result<Number, NoNumber> {
    let times = stream.response.as_ref().map_err(|error| NoNumber::Damaged(error.to_string()))?;
    if stream.seen.completed == 0 {
        return Err(NoNumber::NoAnswer);
    }
    let censored = stream.seen.unsent.saturating_add(stream.seen.unanswered);
    // A histogram without its censored requests counts as if they stood above everything in it.
    let have = times.count().max(stream.seen.completed.saturating_add(censored));
    enough(quantile, have)?;
    quantile_of(times, quantile, have, censored)
}

/// The times of which a metric is a quantile; nothing where it is none, or they cannot be read.
pub(crate) fn times_of(metric: &Metric, stream: &StreamRun<'_>) -> Option<Distribution> {
    match metric {
        Metric::ResponseTime(_) => stream.response.as_ref().ok().cloned(),
        _ => carried::times_of(metric, stream),
    }
}

/// Whether a quantile can be told from so many requests.
fn enough(quantile: f64, have: u64) -> Result<(), NoNumber> {
    let need = model::units::requests_needed(quantile);
    if have < need {
        return Err(NoNumber::TooFewRequests { percent: (quantile * 1e6).round() / 1e4, have, need });
    }
    Ok(())
}

/// A quantile of `have` times in µs, of which so many are only known to be at least what stands there.
fn quantile_of(times: &Distribution, quantile: f64, have: u64, censored: u64) -> Result<Number, NoNumber> {
    let rank = rank(quantile, have);
    let longest = times.at_rank_us(times.count()).ok_or(NoNumber::NoAnswer)?;
    let least = times.at_rank_us(rank).unwrap_or(longest);
    Ok(Number { least, most: times.at_rank_us(rank.saturating_add(censored)) })
}

/// The greatest rate that held, in requests a second; open upwards where the generator ended the search.
fn capacity(measured: &Measured<'_>) -> Result<Number, NoNumber> {
    let search = measured.observation.search.as_ref().ok_or(NoNumber::NoStream)?;
    let greatest = search.greatest_per_s.ok_or(NoNumber::NoRateHeld)?;
    Ok(Number { least: greatest, most: (!search.bounded_by_generator).then_some(greatest) })
}

/// CPU of the server's processes for each right answer, in µs.
pub(crate) fn cpu_per_request(measured: &Measured<'_>, stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    let cores = measured.cores_used().ok_or(NoNumber::NoSamples)?;
    if stream.seen.completed == 0 {
        return Err(NoNumber::NoAnswer);
    }
    Ok(Number::exact(cores * stream.seen.window_s * US_PER_S / stream.seen.completed as f64))
}

/// Proportional set size of the server's processes at the end, in MiB.
fn memory(measured: &Measured<'_>) -> Result<Number, NoNumber> {
    measured.observation.samples.server_pss_mib.map(Number::exact).ok_or(NoNumber::NoMemory)
}

/// How many attacks were stopped: each is tried once, and counts as an error where it was not answered as a safe server answers.
fn attacks_stopped(stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    let tried = stream.seen.sent;
    if tried == 0 {
        return Err(NoNumber::NoAnswer);
    }
    Ok(Number::exact(stream.seen.completed as f64))
}
