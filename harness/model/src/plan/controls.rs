//! Controls of the session as arms of the plan: the same arm once more (gate G8), and once more with a known delay (gate G11).
//!
//! There is one pair of them for each kind of load and number of server cores, and not for each experiment. What they look for is what
//! the harness and the host do to two trials that should be alike: places in a block, ports, clocks, the generator in its core layout.
//! That is the same for every experiment under that load in that layout; what is peculiar to one server shows between the blocks of
//! its own arms and is in their interval. They stand in the blocks of the shortest experiment of their kind, beside the arm they copy.
//!
//! The delay must be one that any server can have, without a change to it, a proxy that costs a core, or a generator that lies about its
//! own clock: the harness holds all processes of the server up ([`Hold`]) for a known part of each period.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::define::claim::Metric;
use crate::define::workload::{Load, Role, Workload};
use crate::plan::{Arm, ArmId, Experiment, PlannedClaim};
use crate::units::Span;

/// Runs with fewer blocks give no verdicts, so that they need no controls.
const FEWEST_BLOCKS: u32 = 5;
/// A third of the time, in pieces longer than a scheduler's slice and shorter than what any claim's window holds a hundred of.
const HOLD: Hold = Hold { stop: Span::from_millis(20), every: Span::from_millis(60) };
/// What stands between an arm's name and that of its copy.
const COPY: char = '#';

/// The two control arms of one kind of load in one core layout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionControl {
    /// The kind of load.
    pub load: LoadKind,
    /// The number of server cores.
    pub cores: u16,
    /// The experiment in whose blocks they run, as an index into the plan's.
    pub experiment: usize,
    /// The number that is compared.
    pub metric: Metric,
    /// The arm that is copied.
    pub plain: ArmId,
    /// The same arm once more.
    pub again: ArmId,
    /// The same arm with the delay.
    pub delayed: ArmId,
    /// The delay.
    pub hold: Hold,
}

/// Kinds of load, as far as their controls differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadKind {
    /// Each connection sends once its last request was answered.
    Closed,
    /// Requests are due on a schedule.
    Open,
    /// A search for the greatest rate: open-loop runs one after the other.
    Search,
}

/// A known delay: every process of the server is stopped (SIGSTOP) for `stop` out of `every`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// How long it stands still in each period.
    pub stop: Span,
    /// The period.
    pub every: Span,
}

impl Hold {
    /// Whether it shows at a quantile of times: half of those that it touches lie beyond. The median of a server that stands still for a third of the
    /// time hardly moves.
    fn shows_at(&self, quantile: f64) -> bool {
        1.0 - quantile <= self.stop.as_secs_f64() / self.every.as_secs_f64() / 2.0
    }
}

impl LoadKind {
    /// The kind under which a metric is measured; nothing where it does not hang on load, or the workload has no such stream.
    #[must_use]
    pub fn of(metric: &Metric, workload: &Workload) -> Option<Self> {
        let of_load = !matches!(
            metric,
            Metric::StartUp(_)
                | Metric::TimeToSteadyRate(_)
                | Metric::TimeToAddedProcess(_)
                | Metric::Memory(_)
                | Metric::AttacksStopped(_)
        );
        if !of_load {
            return None;
        }
        let stream = match metric.stream() {
            Some(name) => workload.streams.iter().find(|stream| stream.name == *name),
            None => workload.streams.iter().find(|stream| stream.role == Role::Measured),
        };
        Some(match stream?.load {
            Load::Closed(_) => Self::Closed,
            Load::Open(_) => Self::Open,
            Load::Search(_) => Self::Search,
        })
    }
}

impl ArmId {
    /// The arm that this one copies; itself where it is no control of the session.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self(self.0.split(COPY).next().unwrap_or_default().to_owned())
    }
}

/// Where the controls of a kind could stand.
struct Place {
    experiment: usize,
    metric: Metric,
    arm: Arm,
}

/// Adds the control arms to the experiments. `load_s` says how long the load of an experiment takes.
pub(crate) fn add_controls(experiments: &mut [Experiment], load_s: impl Fn(&Experiment) -> f64) -> Vec<SessionControl> {
    if experiments.iter().any(|experiment| experiment.blocks < FEWEST_BLOCKS) {
        return Vec::new();
    }
    let mut places: BTreeMap<(LoadKind, u16), Place> = BTreeMap::new();
    for (index, experiment) in experiments.iter().enumerate() {
        for (kind, metric, arm) in experiment.claims.iter().flat_map(|planned| kinds(experiment, planned)) {
            let shorter = |known: &Place| is_cheaper(experiment, &experiments[known.experiment], &load_s);
            let better = places.get(&(kind, arm.cores)).is_none_or(shorter);
            if better {
                places.insert((kind, arm.cores), Place { experiment: index, metric, arm });
            }
        }
    }
    // A search is a row of open-loop runs, so that the controls of open loops stand for it; its own would take minutes.
    let open: Vec<u16> = places.keys().filter(|(kind, _)| *kind == LoadKind::Open).map(|(_, cores)| *cores).collect();
    places.retain(|(kind, cores), _| *kind != LoadKind::Search || !open.contains(cores));
    places.into_iter().map(|((load, cores), place)| control(experiments, load, cores, place)).collect()
}

fn kinds(experiment: &Experiment, planned: &PlannedClaim) -> Vec<(LoadKind, Metric, Arm)> {
    let metric = &planned.claim.metric;
    let Some(kind) = LoadKind::of(metric, &experiment.workload) else { return Vec::new() };
    if matches!(metric, Metric::CpuPerRequest(_)) {
        // A delay costs no CPU, so that it would not be seen.
        return Vec::new();
    }
    if metric.quantile().is_some_and(|quantile| !HOLD.shows_at(quantile.get())) {
        return Vec::new();
    }
    let compared = experiment.arms.iter().filter(|arm| arm.id == planned.baseline || arm.id == planned.treatment);
    compared.map(|arm| (kind, metric.clone(), arm.clone())).collect()
}

/// Backing services make a trial's time depend on more than the server, and connections that stay make it longer than its load, so that
/// experiments without either come first.
fn is_cheaper(one: &Experiment, other: &Experiment, load_s: impl Fn(&Experiment) -> f64) -> bool {
    let apart = |experiment: &Experiment| {
        let carried = experiment.workload.streams.iter().any(|stream| !stream.protocol.is_default());
        let many = experiment.arms.iter().any(|arm| arm.connections().is_some());
        !experiment.workload.services.is_empty() || carried || many
    };
    match (apart(one), apart(other)) {
        (false, true) => true,
        (true, false) => false,
        _ => load_s(one) < load_s(other),
    }
}

fn control(experiments: &mut [Experiment], load: LoadKind, cores: u16, place: Place) -> SessionControl {
    let copy = |name: &str| Arm {
        id: ArmId(format!("{}{COPY}{name}", place.arm.id)),
        label: format!("{} ({name})", place.arm.label),
        ..place.arm.clone()
    };
    let (again, delayed) = (copy("again"), copy("delayed"));
    let control = SessionControl {
        load,
        cores,
        experiment: place.experiment,
        metric: place.metric,
        plain: place.arm.id.clone(),
        again: again.id.clone(),
        delayed: delayed.id.clone(),
        hold: HOLD,
    };
    experiments[place.experiment].arms.extend([again, delayed]);
    control
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_of_a_third_shows_in_the_tail_and_not_in_the_median() {
        assert_eq!([0.5, 0.7, 0.9, 0.99].map(|quantile| HOLD.shows_at(quantile)), [false, false, true, true]);
    }
}
