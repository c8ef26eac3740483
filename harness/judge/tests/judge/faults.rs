//! A fault for each gate, planted into the record of a sound run: just beyond the gate's limit, and just within it.

use model::analysis::Gate;
use model::record::{Observation, RunRecord, TrialOutcome, TrialRecord};
use model::verdict::{Outcome, Verdict};
use serde_json::json;

use crate::builder::{BASELINE, TREATMENT, Truth, each, of_arm, one, one_of_arm, record};
use crate::observed::{WINDOW_S, histogram};
use crate::world::World;

/// Blocks of the planted runs: those of the standard profile, and a run that is broken in a single trial.
const BLOCKS: u32 = 12;
const BROKEN: usize = 5;
/// Spread of an arm's log number: little, so that only the fault can withhold the verdict.
const SPREAD: f64 = 0.002;

/// A fault and its neighbour.
pub(crate) struct Fault {
    pub(crate) gate: Gate,
    /// What is planted, and where the limit lies.
    pub(crate) what: &'static str,
    truth: fn() -> Truth,
    beyond: fn(&mut RunRecord),
    within: fn(&mut RunRecord),
}

/// What became of a planted fault over several runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Withheld by the fault's gate, and by no other.
    pub(crate) caught: u32,
    /// The neighbour within the limit got the right definite verdict.
    pub(crate) let_pass: u32,
}

/// Plants a fault and its neighbour into so many runs.
pub(crate) fn plant(fault: &Fault, runs: u32) -> Found {
    let mut found = Found::default();
    for seed in 0..runs {
        let sound = record(&[(fault.truth)()], BLOCKS, u64::from(seed));
        let [beyond, within] = [fault.beyond, fault.within].map(|change| {
            let mut changed = sound.clone();
            change(&mut changed);
            judged(&changed)
        });
        let failed: Vec<Gate> = beyond.gates.iter().filter(|gate| !gate.pass).map(|gate| gate.gate).collect();
        let named = beyond.reason.contains(fault.gate.title());
        found.caught += u32::from(beyond.outcome == Outcome::Inconclusive && failed == [fault.gate] && named);
        found.let_pass += u32::from(within.outcome == Outcome::Supported);
    }
    found
}

fn judged(record: &RunRecord) -> Verdict {
    judge::verdicts(record, &judge::analyse(record)).swap_remove(0)
}

/// Twice the throughput where half as much again is claimed.
fn throughput() -> Truth {
    Truth { spread: SPREAD, ..Truth::of(2.0) }
}

/// The same p99 where as much within a tenth is claimed; without scatter, so that limits by its median are exact.
fn latency() -> Truth {
    Truth { spread: 0.0005, ..Truth::latency(1.0) }
}

/// Four times the throughput, in a session with controls.
fn session() -> Truth {
    Truth { world: World { lie: Some(0.0), ..World::default() }, ratio: 4.0, ..throughput() }
}

/// A claim with a narrow margin.
fn narrow() -> Truth {
    Truth { margin: 0.1, ..throughput() }
}

/// All of them; a gate may have several.
pub(crate) const FAULTS: [Fault; 22] = [
    Fault {
        gate: Gate::G1,
        what: "one trial whose requests in flight are off from rate × time; 5 %, and 0.1 % for the window's ends",
        truth: throughput,
        beyond: |record| one(record, BROKEN, |seen| seen.streams[0].in_flight_mean = 8.0 / (1.0 - 0.053)),
        within: |record| one(record, BROKEN, |seen| seen.streams[0].in_flight_mean = 8.0 / (1.0 - 0.049)),
    },
    Fault {
        gate: Gate::G2,
        what: "one trial in which requests were due and not sent; 1 %",
        truth: latency,
        beyond: |record| one(record, BROKEN, |seen| unsent(seen, 0.0102)),
        within: |record| one(record, BROKEN, |seen| unsent(seen, 0.0098)),
    },
    Fault {
        gate: Gate::G2,
        what: "one trial whose p99 of send lag is a share of the median response time; 5 %",
        truth: latency,
        beyond: |record| one(record, BROKEN, |seen| lag(seen, 104.0)),
        within: |record| one(record, BROKEN, |seen| lag(seen, 96.0)),
    },
    Fault {
        gate: Gate::G3,
        what: "one trial in which the generator's own cores were busy; 80 %",
        truth: throughput,
        beyond: |record| one(record, BROKEN, |seen| seen.generator.busy_s = 0.802 * seen.generator.wall_s),
        within: |record| one(record, BROKEN, |seen| seen.generator.busy_s = 0.798 * seen.generator.wall_s),
    },
    Fault {
        gate: Gate::G3,
        what: "the generator took of a core that it shares with the server; 2 %",
        truth: throughput,
        beyond: |record| each(record, |seen| share_core(seen, 0.0204)),
        within: |record| each(record, |seen| share_core(seen, 0.0196)),
    },
    Fault {
        gate: Gate::G3,
        what: "one trial in which the services beside the generator ran short; only that of an arm which came out the better can be let off",
        truth: throughput,
        beyond: |record| {
            one_of_arm(record, BASELINE, |seen| seen.generator.services_cpu_s = 0.9 * seen.generator.wall_s)
        },
        within: |record| {
            one_of_arm(record, TREATMENT, |seen| seen.generator.services_cpu_s = 0.9 * seen.generator.wall_s)
        },
    },
    Fault {
        gate: Gate::G4,
        what: "every trial of the baseline used of the core that it is bound by; what raises the ratio to where the interval's end is, about 1.33 times",
        truth: throughput,
        beyond: |record| of_arm(record, BASELINE, |seen| seen.samples.server_cores.fill(0.74)),
        within: |record| of_arm(record, BASELINE, |seen| seen.samples.server_cores.fill(0.76)),
    },
    Fault {
        gate: Gate::G4,
        what: "every trial of the baseline used of the core that it is bound by, for a claim near its border; 90 %",
        truth: || Truth { ratio: 1.52, ..throughput() },
        beyond: |record| of_arm(record, BASELINE, |seen| seen.samples.server_cores.fill(0.898)),
        within: |record| of_arm(record, BASELINE, |seen| seen.samples.server_cores.fill(0.902)),
    },
    Fault {
        gate: Gate::G5,
        what: "one trial whose server counted a request more than was answered; none, unless one got no answer",
        truth: throughput,
        beyond: |record| one(record, BROKEN, |seen| seen.server.requests_counted += 1),
        within: |record| {
            one(record, BROKEN, |seen| {
                seen.server.requests_counted += 1;
                seen.streams[0].errors.insert("reset".to_owned(), 1);
            });
        },
    },
    Fault {
        gate: Gate::G5,
        what: "one wrong body in one trial; none, but an answered error is counted by both",
        truth: throughput,
        beyond: |record| one(record, BROKEN, |seen| failed(seen, "wrong-body", 1)),
        within: |record| one(record, BROKEN, |seen| failed(seen, "wrong-status", 1)),
    },
    Fault {
        gate: Gate::G6,
        what: "one trial in which requests went wrong; 0.1 %",
        truth: throughput,
        beyond: |record| one(record, BROKEN, |seen| failed(seen, "reset", seen.streams[0].completed / 999 + 1)),
        within: |record| one(record, BROKEN, |seen| failed(seen, "reset", seen.streams[0].completed / 999)),
    },
    Fault {
        gate: Gate::G7,
        what: "of 24 runs some slow down to half; a tenth",
        truth: throughput,
        beyond: |record| (4..7).for_each(|at| one(record, at, slowing)),
        within: |record| (4..6).for_each(|at| one(record, at, slowing)),
    },
    Fault {
        gate: Gate::G8,
        what: "the arm that is measured twice differs from itself; the margin, 1.5 times",
        truth: session,
        beyond: |record| of_arm(record, "#again", |seen| faster(seen, 1.52)),
        within: |record| of_arm(record, "#again", |seen| faster(seen, 1.48)),
    },
    Fault {
        gate: Gate::G8,
        what: "the arm that is measured twice differs from itself; with the second in the first's place the claim's 1.6 times would be 1.5",
        truth: || Truth { ratio: 1.6, ..session() },
        beyond: |record| of_arm(record, "#again", |seen| faster(seen, 1.07)),
        within: |record| of_arm(record, "#again", |seen| faster(seen, 1.06)),
    },
    Fault {
        gate: Gate::G9,
        what: "another version of a library in one running server; none but the registered factor",
        truth: throughput,
        beyond: |record| one(record, BROKEN, |seen| seen.server.before["versions"]["flask"] = json!("3.1.1")),
        within: |record| one(record, BROKEN, |seen| seen.server.before["pid"] = json!(4_712)),
    },
    Fault {
        gate: Gate::G10,
        what: "what runs first in its block is faster; twice as much as the margin makes in the ratio, 1.1 times",
        truth: narrow,
        beyond: |record| first(record, 1.055),
        within: |record| first(record, 1.045),
    },
    Fault {
        gate: Gate::G11,
        what: "the arm with a known delay is slower by a share of it; at least a quarter",
        truth: session,
        beyond: |record| of_arm(record, "#delayed", |seen| faster(seen, 1.5_f64.powf(1.0 - 0.24))),
        within: |record| of_arm(record, "#delayed", |seen| faster(seen, 1.5_f64.powf(1.0 - 0.26))),
    },
    Fault {
        gate: Gate::G11,
        what: "the arm with a known delay is slower than by the delay; at most twice as much",
        truth: session,
        beyond: |record| of_arm(record, "#delayed", |seen| faster(seen, 1.5_f64.powf(1.0 - 2.04))),
        within: |record| of_arm(record, "#delayed", |seen| faster(seen, 1.5_f64.powf(1.0 - 1.96))),
    },
    Fault {
        gate: Gate::G12,
        what: "a trial is not in the record; all are, and a repeated one counts once",
        truth: throughput,
        beyond: |record| drop(record.trials.remove(BROKEN)),
        within: |record| record.trials.push(record.trials[BROKEN].clone()),
    },
    Fault {
        gate: Gate::G12,
        what: "one rate above the calibrated ceiling; the ceiling",
        truth: throughput,
        beyond: |record| ceiling(record, 0.999),
        within: |record| ceiling(record, 1.001),
    },
    Fault {
        gate: Gate::G13,
        what: "the hypervisor takes from every trial; as much as the interval's end is from the border, about 1.33 times",
        truth: throughput,
        beyond: |record| each(record, |seen| stolen(seen, 0.26)),
        within: |record| each(record, |seen| stolen(seen, 0.24)),
    },
    Fault {
        gate: Gate::G13,
        what: "the host stalls in every trial; likewise",
        truth: throughput,
        beyond: |record| each(record, |seen| seen.hiccups[0].lost_s = 0.26 * seen.phases.measure_s),
        within: |record| each(record, |seen| seen.hiccups[0].lost_s = 0.24 * seen.phases.measure_s),
    },
];

fn unsent(seen: &mut Observation, share: f64) {
    let stream = &mut seen.streams[0];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    let more = (stream.sent as f64 * share / (1.0 - share)).round() as u64;
    stream.due = stream.sent + more;
}

fn lag(seen: &mut Observation, lag_us: f64) {
    seen.streams[0].send_lag = histogram(&[(lag_us, 5_000)]);
}

fn share_core(seen: &mut Observation, share: f64) {
    seen.generator.shares_core = true;
    seen.generator.cpu_s = share * seen.generator.wall_s;
}

/// Requests that went wrong beside the right ones; the server has counted those that it answered.
fn failed(seen: &mut Observation, class: &str, count: u64) {
    seen.streams[0].errors.insert(class.to_owned(), count);
}

fn slowing(seen: &mut Observation) {
    seen.streams[0].seconds.iter_mut().skip(5).for_each(|point| point.completed /= 2);
}

/// A server that answered this many times as much in the same time.
fn faster(seen: &mut Observation, times: f64) {
    let stream = &mut seen.streams[0];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let completed = (stream.completed as f64 * times).round() as u64;
    let service_us = stream.in_flight_mean / (completed as f64 / WINDOW_S) * 1e6;
    (stream.due, stream.sent, stream.completed) = (completed, completed, completed);
    stream.service_time = histogram(&[(service_us, completed)]);
    (seen.server.requests_counted, seen.server.requests_answered) = (completed, completed);
}

/// Makes what runs first in a block faster.
fn first(record: &mut RunRecord, times: f64) {
    let first: Vec<usize> = (0..record.trials.len()).filter(|&at| record.trials[at].trial.position == 0).collect();
    first.into_iter().for_each(|at| one(record, at, |seen| faster(seen, times)));
}

/// Sets the calibrated ceiling to this many times the greatest rate of the record.
fn ceiling(record: &mut RunRecord, times: f64) {
    let completed = |trial: &TrialRecord| match &trial.outcome {
        TrialOutcome::Observed(seen) => seen.streams[0].completed,
        TrialOutcome::Failed(_) => 0,
    };
    let greatest = record.trials.iter().map(completed).max().unwrap_or(0);
    let ceiling_per_s = greatest as f64 / WINDOW_S * times;
    record.calibrations.iter_mut().for_each(|calibration| calibration.ceiling_per_s = ceiling_per_s);
}

fn stolen(seen: &mut Observation, share: f64) {
    let count = seen.samples.at_s.len();
    seen.samples.stolen.insert(1, vec![share; count]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gate_withholds_beyond_its_limit_and_not_within() {
        for fault in &FAULTS {
            let found = plant(fault, 3);
            assert_eq!(found, Found { caught: 3, let_pass: 3 }, "{:?}: {}", fault.gate, fault.what);
        }
    }

    #[test]
    fn every_gate_has_a_fault() {
        let sound = judged(&record(&[throughput()], BLOCKS, 1));
        assert_eq!(sound.gates.len(), 13);
        for gate in sound.gates {
            assert!(FAULTS.iter().any(|fault| fault.gate == gate.gate), "{:?}", gate.gate);
        }
    }
}
