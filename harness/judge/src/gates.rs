//! The validity gates: one file each, one list of all. A failed gate withholds the verdict (method.md, "Gates").

use model::analysis::{Gate, GateResult, MissingBlock, Pair};
use model::define::claim::Metric;
use model::plan::{Arm, PlannedClaim};

use crate::comparison::Scene;
use crate::effect::Effect;
use crate::runs::{Measured, Run, StreamRun, arm_of, stream_of};
use crate::words::counted;

mod answers;
mod controls;
mod errors;
mod generator;
mod little;
mod one_factor;
mod order;
mod quiet;
pub(crate) mod room;
pub(crate) mod same_arm;
mod sanity;
mod saturated;
mod schedule;
mod sensitivity;
mod steady;

/// All gates, in their order.
const GATES: [fn(&Evidence<'_>) -> GateResult; 13] = [
    little::gate,
    schedule::gate,
    generator::gate,
    saturated::gate,
    answers::gate,
    errors::gate,
    steady::gate,
    same_arm::gate,
    one_factor::gate,
    order::gate,
    sensitivity::gate,
    sanity::gate,
    quiet::gate,
];

/// The gates that have something to say of attacks, which are no load.
const OF_ATTACKS: [Gate; 3] = [Gate::G5, Gate::G9, Gate::G12];

/// What the gates of one claim look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'e> {
    pub(crate) scene: &'e Scene<'e>,
    pub(crate) planned: &'e PlannedClaim,
    pub(crate) pairs: &'e [Pair],
    pub(crate) missing: &'e [MissingBlock],
    pub(crate) effect: Option<&'e Effect>,
}

/// Asks every gate.
pub(crate) fn gates(evidence: &Evidence<'_>) -> Vec<GateResult> {
    let attacked = matches!(evidence.planned.claim.metric, Metric::AttacksStopped(_));
    let each = |gate: &fn(&Evidence<'_>) -> GateResult| match gate(evidence) {
        result if attacked && !OF_ATTACKS.contains(&result.gate) => {
            not_applicable(result.gate, "attacks are sent one by one and counted, whatever time they take")
        }
        result => result,
    };
    GATES.iter().map(each).collect()
}

impl<'e> Evidence<'e> {
    /// The two arms, as far as the plan holds them.
    fn arms(&self) -> (Option<&'e Arm>, Option<&'e Arm>) {
        let experiment = self.scene.experiment;
        (arm_of(experiment, &self.planned.baseline), arm_of(experiment, &self.planned.treatment))
    }

    /// All runs of both arms that gave an observation.
    fn runs(&self) -> impl Iterator<Item = (&'e Run<'e>, &'e Measured<'e>)> {
        let of = |arm| self.scene.runs.of_arm(self.scene.index, arm);
        let both = of(&self.planned.baseline).chain(of(&self.planned.treatment));
        both.filter_map(|run| run.measured().map(|measured| (run, measured)))
    }

    /// All their streams.
    fn streams(&self) -> impl Iterator<Item = (&'e Run<'e>, &'e StreamRun<'e>)> {
        self.runs().flat_map(|(run, measured)| measured.streams.iter().map(move |stream| (run, stream)))
    }

    /// The stream that the metric is read from, in all runs.
    fn metric_streams(&self) -> impl Iterator<Item = (&'e Run<'e>, &'e StreamRun<'e>)> {
        let wanted = stream_of(&self.planned.claim.metric, &self.scene.experiment.workload);
        self.streams().filter(move |(_, stream)| wanted.is_some_and(|wanted| wanted.name == stream.seen.stream))
    }
}

/// What a gate saw in one run.
#[derive(Debug)]
struct Reading {
    pass: bool,
    /// How bad it is, so that the worst is shown; NaN is the worst.
    badness: f64,
    detail: String,
}

impl Reading {
    /// Reads a number that must not exceed a limit; NaN never passes.
    fn at_most(value: f64, limit: f64, run: &Run<'_>, detail: String) -> Self {
        Self { pass: value <= limit, badness: value / limit, detail: format!("{detail} ({})", place(run)) }
    }

    /// Reads a number that must reach a limit; NaN never passes.
    fn at_least(value: f64, limit: f64, run: &Run<'_>, detail: String) -> Self {
        Self { pass: value >= limit, badness: limit / value, detail: format!("{detail} ({})", place(run)) }
    }

    /// Something that must not be at all.
    fn fault(run: &Run<'_>, detail: String) -> Self {
        Self { pass: false, badness: f64::INFINITY, detail: format!("{detail} ({})", place(run)) }
    }

    fn rank(&self) -> f64 {
        if self.badness.is_nan() { f64::INFINITY } else { self.badness }
    }
}

/// Which run it was, for a reader: arm, and block from 1.
fn place(run: &Run<'_>) -> String {
    format!("{}, block {}", run.arm.label, u64::from(run.trial.block) + 1)
}

/// A gate passes where all its readings do; the worst is shown.
fn by_worst(gate: Gate, readings: Vec<Reading>) -> GateResult {
    let failed = readings.iter().filter(|reading| !reading.pass).count();
    let shown = readings.iter().filter(|reading| failed == 0 || !reading.pass);
    match shown.max_by(|one, other| one.rank().total_cmp(&other.rank())) {
        None => not_applicable(gate, "no run gave anything to check"),
        Some(worst) if failed == 0 => GateResult::new(gate, true, format!("at worst {}", worst.detail)),
        Some(worst) => {
            let of = counted(readings.len(), "check");
            GateResult::new(gate, false, format!("{}; {failed} of {of} failed", worst.detail))
        }
    }
}

/// How the detail of a gate begins that has nothing to say of a claim.
pub(crate) const NOT_APPLICABLE: &str = "does not apply: ";

/// A gate that has nothing to say of this claim lets it pass, and says why.
fn not_applicable(gate: Gate, why: &str) -> GateResult {
    GateResult::new(gate, true, format!("{NOT_APPLICABLE}{why}"))
}
