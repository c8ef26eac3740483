//! How a run went second by second: flat, warming, slowing or without a steady state.

use model::analysis::Steadiness;
use model::define::workload::{Load, Role};
use model::record::SecondPoint;
use stats::steady::{Better, SteadyClass, classify};

use crate::runs::{Measured, StreamRun};

/// A last interval shorter than this share of a second is left out: a fraction of a second is too noisy a rate.
const WHOLE_SECOND: f64 = 0.9;

/// The class of a run, by its first measured stream; nothing where it is too short to tell.
pub(crate) fn class_of(measured: &Measured<'_>) -> Option<SteadyClass> {
    let stream = measured.streams.iter().find(|stream| stream.defined.role == Role::Measured)?;
    let (series, better) = series(stream);
    classify(&series, better).ok().map(|steadiness| steadiness.class)
}

/// How many runs are of which class.
pub(crate) fn count<'m>(runs: impl Iterator<Item = &'m Measured<'m>>) -> Steadiness {
    let mut counts = Steadiness::default();
    for run in runs {
        *(match class_of(run) {
            Some(SteadyClass::Flat) => &mut counts.flat,
            Some(SteadyClass::Warming) => &mut counts.warming,
            Some(SteadyClass::Slowing) => &mut counts.slowing,
            Some(SteadyClass::NoSteadyState) => &mut counts.no_steady_state,
            None => &mut counts.too_short,
        }) += 1;
    }
    counts
}

/// What tells whether a stream has settled: its rate under closed load; under open load, where the rate is given, its median response time.
fn series(stream: &StreamRun<'_>) -> (Vec<f64>, Better) {
    let seconds = &stream.seen.seconds;
    let began = |at: usize| if at == 0 { 0.0 } else { seconds[at - 1].until_s };
    let whole = seconds.iter().enumerate().map(|(at, point)| (point, point.until_s - began(at)));
    let whole = whole.filter(|&(_, length_s)| length_s >= WHOLE_SECOND);
    match stream.defined.load {
        Load::Closed(_) => {
            (whole.map(|(point, length_s)| point.completed as f64 / length_s).collect(), Better::Greater)
        }
        Load::Open(_) | Load::Search(_) => (whole.map(|(point, _)| median_us(point)).collect(), Better::Smaller),
    }
}

/// NaN where nothing was answered, which no series with a steady state has.
fn median_us(point: &SecondPoint) -> f64 {
    point.response_us_p50.unwrap_or(f64::NAN)
}
