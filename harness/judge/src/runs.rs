//! The trials of a record by experiment, arm and block, each with its streams' distributions decoded once.

use std::collections::BTreeMap;

use model::define::claim::Metric;
use model::define::workload::{Role, Stream, Workload};
use model::names::StreamName;
use model::plan::{Arm, ArmId, Experiment, Trial};
use model::record::{Observation, RunRecord, StreamObservation, TrialFailure, TrialOutcome, TrialRecord};

use crate::distribution::{DecodeError, Distribution};

/// All trials of a record.
#[derive(Debug)]
pub(crate) struct Runs<'r> {
    by_place: BTreeMap<Place, Run<'r>>,
}

/// Where a trial belongs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    experiment: usize,
    arm: ArmId,
    block: u32,
}

/// One trial that ran.
#[derive(Debug)]
pub(crate) struct Run<'r> {
    pub(crate) trial: &'r Trial,
    pub(crate) arm: &'r Arm,
    pub(crate) outcome: Result<Measured<'r>, &'r TrialFailure>,
}

/// What a trial measured, with its streams decoded.
#[derive(Debug)]
pub(crate) struct Measured<'r> {
    pub(crate) observation: &'r Observation,
    pub(crate) streams: Vec<StreamRun<'r>>,
}

/// One stream of one trial. Its response times are needed again and again; the others are decoded where a gate asks for them.
#[derive(Debug)]
pub(crate) struct StreamRun<'r> {
    pub(crate) defined: &'r Stream,
    pub(crate) seen: &'r StreamObservation,
    pub(crate) response: Result<Distribution, DecodeError>,
}

impl<'r> Runs<'r> {
    /// Sorts a record's trials.
    pub(crate) fn of(record: &'r RunRecord) -> Self {
        Self::sorted(record, record.trials.iter())
    }

    /// Sorts the trials of one experiment only.
    pub(crate) fn of_experiment(record: &'r RunRecord, experiment: usize) -> Self {
        Self::sorted(record, record.trials.iter().filter(|found| found.trial.experiment == experiment))
    }

    fn sorted(record: &'r RunRecord, trials: impl Iterator<Item = &'r TrialRecord>) -> Self {
        let mut by_place = BTreeMap::new();
        for found in trials {
            let trial = &found.trial;
            let Some(experiment) = record.header.plan.experiments.get(trial.experiment) else { continue };
            let Some(arm) = experiment.arms.iter().find(|arm| arm.id == trial.arm) else { continue };
            let outcome = match &found.outcome {
                TrialOutcome::Observed(observation) => Ok(Measured::of(observation, &experiment.workload)),
                TrialOutcome::Failed(failure) => Err(failure),
            };
            let place = Place { experiment: trial.experiment, arm: trial.arm.clone(), block: trial.block };
            by_place.insert(place, Run { trial, arm, outcome });
        }
        Self { by_place }
    }

    /// The trial of an arm in a block, if it ran.
    pub(crate) fn get(&self, experiment: usize, arm: &ArmId, block: u32) -> Option<&Run<'r>> {
        self.by_place.get(&Place { experiment, arm: arm.clone(), block })
    }

    /// All trials of an arm that ran, by block.
    pub(crate) fn of_arm(&self, experiment: usize, arm: &ArmId) -> impl Iterator<Item = &Run<'r>> {
        self.by_place
            .iter()
            .filter(move |(place, _)| place.experiment == experiment && place.arm == *arm)
            .map(|(_, run)| run)
    }
}

impl<'r> Run<'r> {
    /// What it measured, if it did not fail.
    pub(crate) fn measured(&self) -> Option<&Measured<'r>> {
        self.outcome.as_ref().ok()
    }
}

impl<'r> Measured<'r> {
    fn of(observation: &'r Observation, workload: &'r Workload) -> Self {
        let stream = |seen: &'r StreamObservation| {
            let defined = workload.streams.iter().find(|stream| stream.name == seen.stream)?;
            Some(StreamRun { defined, seen, response: Distribution::decode(&seen.response_time) })
        };
        Self { observation, streams: observation.streams.iter().filter_map(stream).collect() }
    }

    /// A stream by its name.
    pub(crate) fn stream(&self, name: &StreamName) -> Option<&StreamRun<'r>> {
        self.streams.iter().find(|stream| stream.seen.stream == *name)
    }

    /// Mean cores that the hypervisor took from these processors over the measuring window.
    pub(crate) fn cores_stolen(&self, cpus: &[u16]) -> f64 {
        let samples = &self.observation.samples;
        let measured = self.observation.phases.measure_s;
        let of_cpu = |cpu: &u16| {
            let shares = samples.stolen.get(cpu)?;
            let inside = samples.at_s.iter().zip(shares).filter(|&(&at_s, _)| at_s > 0.0 && at_s <= measured);
            mean(inside.map(|(_, &share)| share))
        };
        cpus.iter().filter_map(of_cpu).sum()
    }

    /// Mean cores used by the server's processes over the measuring window; nothing without samples of it.
    pub(crate) fn cores_used(&self) -> Option<f64> {
        let samples = &self.observation.samples;
        let measured = self.observation.phases.measure_s;
        let inside =
            samples.at_s.iter().zip(&samples.server_cores).filter(|&(&at_s, _)| at_s > 0.0 && at_s <= measured);
        mean(inside.map(|(_, &cores)| cores))
    }
}

/// The stream that a metric is read from: the one it names, else the workload's only measured one.
pub(crate) fn stream_of<'w>(metric: &Metric, workload: &'w Workload) -> Option<&'w Stream> {
    match metric.stream() {
        Some(name) => workload.streams.iter().find(|stream| stream.name == *name),
        None => workload.streams.iter().find(|stream| stream.role == Role::Measured),
    }
}

/// The arm of an experiment by its name.
pub(crate) fn arm_of<'e>(experiment: &'e Experiment, id: &ArmId) -> Option<&'e Arm> {
    experiment.arms.iter().find(|arm| arm.id == *id)
}

/// The mean of bounds, infinite where one of them is; nothing from none.
pub(crate) fn mean_bound(bounds: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = bounds.fold((0.0, 0_u32), |(sum, count), bound| (sum + bound, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// The mean of finite values; nothing from none.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) =
        values.filter(|value| value.is_finite()).fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}
