//! G11: a known delay, injected into an arm, is found.
//!
//! The server was held up for a known share of the window (`model::plan::Hold`). Found means: the interval lies wholly on the slow side;
//! and it is what was injected. A rate falls by the share at most, since a held-up server does no work. Under a schedule, requests
//! that were due while it stood still waited for it, so that their quantile has a least value that follows from the schedule alone.

use model::analysis::{Gate, GateResult};
use model::define::claim::Metric;
use model::plan::{Hold, SessionControl};
use stats::Confidence;

use super::controls::{Readings, controls_of};
use super::{Evidence, not_applicable};
use crate::words::{figure, percent};

/// The share of the log of what was injected that must be found: where a server mostly waits for others, it may wait on while it is held up.
const LEAST_FOUND: f64 = 0.25;
/// How many times the log of what was injected may be found: beyond it something else slowed the arm as well.
const MOST_FOUND: f64 = 2.0;
/// The share of the wait that follows from the schedule which must be found; bursts and rounding leave a little out.
const LEAST_WAIT: f64 = 0.8;
/// Microseconds in a second.
const US_PER_S: f64 = 1e6;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let controls = match controls_of(evidence) {
        Ok(controls) if controls.is_empty() => {
            return not_applicable(Gate::G11, "the run has no arm with a known delay");
        }
        Ok(controls) => controls,
        Err(why) => return GateResult::new(Gate::G11, false, why),
    };
    let found: Vec<(bool, String)> = controls.into_iter().map(|control| found(evidence, control)).collect();
    let shown = found.iter().find(|(pass, _)| !pass).or_else(|| found.last());
    let detail = shown.map_or_else(String::new, |(_, detail)| detail.clone());
    GateResult::new(Gate::G11, found.iter().all(|(pass, _)| *pass), detail)
}

fn found(evidence: &Evidence<'_>, control: &SessionControl) -> (bool, String) {
    let readings = match Readings::of(evidence.scene, control, &control.delayed) {
        Ok(readings) => readings,
        Err(why) => return (false, why),
    };
    let interval = readings.estimate.interval(Confidence::P90);
    let injected = -(-readings.held_share).ln_1p();
    let pass = readings.held_share > 0.0
        && match &control.metric {
            Metric::Throughput(_) | Metric::Capacity(_) => {
                interval.high < 0.0 && (LEAST_FOUND * injected..=MOST_FOUND * injected).contains(&-interval.estimate)
            }
            Metric::ResponseTime(of) => {
                let least_us = LEAST_WAIT * least_wait_us(control.hold, of.quantile.get());
                interval.low > 0.0 && readings.copy.iter().all(|(_, value)| value.least >= least_us)
            }
            // A message or an event that was held up may come with the next, so that fewer wait than with requests.
            Metric::DeliveryTime(_) | Metric::AcknowledgementTime(_) | Metric::EventGap(_) => interval.low > 0.0,
            // Standing still costs no CPU and no memory, loses nothing, comes after the start, and stops no attack.
            Metric::CpuPerRequest(_)
            | Metric::Reach(_)
            | Metric::BytesPerCpuSecond(_)
            | Metric::Fairness(_)
            | Metric::MemoryPerConnection(_)
            | Metric::StartUp(_)
            | Metric::TimeToSteadyRate(_)
            | Metric::TimeToAddedProcess(_)
            | Metric::Memory(_)
            | Metric::AttacksStopped(_) => true,
        };
    let ratio = interval.exp();
    let detail = format!(
        "{}, held up for {} of the time, came to {} times itself ({} to {})",
        readings.label,
        percent(readings.held_share),
        figure(ratio.estimate),
        figure(ratio.low),
        figure(ratio.high),
    );
    (pass, detail)
}

/// The wait in µs that the hold alone causes at a quantile of requests that are due evenly: of each period `every`, a share of
/// (stop − w) / every has to wait longer than w.
fn least_wait_us(hold: Hold, quantile: f64) -> f64 {
    let (stop_s, every_s) = (hold.stop.as_secs_f64(), hold.every.as_secs_f64());
    ((stop_s - (1.0 - quantile) * every_s) * US_PER_S).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::units::Span;

    #[test]
    fn the_wait_at_a_quantile_follows_from_the_schedule() {
        let hold = Hold { stop: Span::from_millis(20), every: Span::from_millis(60) };
        assert!((least_wait_us(hold, 0.99) - 19_400.0).abs() < 1e-6);
        assert_eq!(least_wait_us(hold, 0.5), 0.0);
    }
}
