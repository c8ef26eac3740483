//! How long a plan's trials should take, from what their parts were seen to take on a machine of two cores. Pure.

use crate::define::workload::{Load, Service, WarmUpLoad};
use crate::plan::{ALONE, Arm, Experiment, Plan, Profile, ProfileName, Trial};
use crate::units::Span;

/// Start-up, contract checks and end of a server of one process, and what lies between two trials (seen: 0.55 to 0.8 s on a quiet host, 1 s on average on
/// noisy ones).
const SERVER_S: f64 = 0.85;
/// What each further process of a server adds to that (seen: 0.1 to 1.5 s).
const PROCESS_S: f64 = 0.6;
/// A search measures in so many steps: about five and two confirming ones of twice the length, each with a third of a step to warm up (seen: 10 to 17 on
/// average of an experiment, fewer where the host is quiet).
const SEARCH_STEPS: f64 = 12.0;
/// Warm-ups that a search takes until the server's rate no longer rises, with the opening of their connections (seen: 5 to 16, of 0.4 s 6 on average).
const SEARCH_WARM_UPS: f64 = 6.5;
/// A window on a server that closed-loop load warmed up, with what comes before it at its own rate, as a share of the window.
const SETTLED: f64 = 1.33;
/// The same two of a smoke run's search, which is brief.
const BRIEF_SEARCH: (f64, f64) = (9.0, 3.5);
/// Opening a thousand connections of HTTP at the rate at which many are opened, and closing them (seen: 0.25 and 0.06 s).
const OPENING_S: f64 = 0.3;
/// The same of WebSocket, whose handshakes take a server longer, and which end with it (seen: 0.64 and 0.78 s).
const SHAKING_S: f64 = 0.7;
/// Until a process that is added under load answers, with the time before it is asked for, which ends the measurement (seen on a busy host: 2.2 to 3 s
/// where it is Node.js, 4.5 to 8.8 s where it is Python, 5 s on average; a quiet one should be faster).
const ADDING_S: f64 = 4.0;
/// Attacks, which are tried once each, however long the workload says to measure.
const ATTACKS_S: f64 = 0.1;
/// Calibration of one core layout, with its servers' start and stop.
const CALIBRATION_S: f64 = 7.0;
/// The same of a smoke run, which measures less.
const BRIEF_CALIBRATION_S: f64 = 3.0;
/// The share of its trials that a run repeats since the host disturbed them (seen: a hundredth; a run may a twelfth). A quiet host has none, and
/// so has one that is never quiet.
const REPEATED: f64 = 1.0 / 50.0;

impl Plan {
    /// How long its trials should take, each run once and with the calibration before them, by this version's experience, whichever one
    /// made the plan; of an adaptive plan, with all the blocks that it may have.
    #[must_use]
    pub fn expected_once(&self) -> Span {
        of_seconds(once_s(&self.experiments, &self.trials, &self.profile, self.layouts.len()))
    }

    /// How long one of its trials should take; nothing where the plan has no such trial.
    #[must_use]
    pub fn expected_of(&self, trial: &Trial) -> Span {
        of_seconds(planned_s(&self.experiments, trial, &self.profile))
    }
}

/// How long a run of these trials should take, in which some run again.
pub(super) fn expected<'a>(
    experiments: &[Experiment],
    trials: impl IntoIterator<Item = &'a Trial>,
    profile: &Profile,
    layouts: usize,
) -> Span {
    let repeated = if profile.name == ProfileName::Smoke { 0.0 } else { REPEATED };
    of_seconds(once_s(experiments, trials, profile, layouts) * (1.0 + repeated))
}

fn once_s<'a>(
    experiments: &[Experiment],
    trials: impl IntoIterator<Item = &'a Trial>,
    profile: &Profile,
    layouts: usize,
) -> f64 {
    let all_s = trials.into_iter().map(|trial| planned_s(experiments, trial, profile));
    let calibration_s = if profile.name == ProfileName::Smoke { BRIEF_CALIBRATION_S } else { CALIBRATION_S };
    all_s.sum::<f64>() + calibration_s * layouts as f64
}

/// One trial; nothing where it is of no experiment.
fn planned_s(experiments: &[Experiment], trial: &Trial, profile: &Profile) -> f64 {
    let experiment = experiments.get(trial.experiment);
    let arm = experiment.and_then(|experiment| experiment.arms.iter().find(|arm| arm.id == trial.arm));
    experiment.zip(arm).map_or(0.0, |(experiment, arm)| trial_s(experiment, arm, profile))
}

fn trial_s(experiment: &Experiment, arm: &Arm, profile: &Profile) -> f64 {
    let services: f64 = experiment.workload.services.iter().map(|service| service_s(*service)).sum();
    let processes = PROCESS_S * f64::from(arm.processes.saturating_sub(1));
    let thousand_s = if experiment.workload.shakes_hands() { SHAKING_S } else { OPENING_S };
    let opening = arm.connections().map_or(0.0, |connections| f64::from(connections) * thousand_s / 1_000.0);
    let alone = if experiment.workload.goes_on_alone() { ALONE.as_secs_f64() } else { 0.0 };
    SERVER_S + services + processes + opening + alone + load_s(experiment, profile)
}

/// What a service adds: its own start and stop, and what a server with it takes longer to start (seen).
const fn service_s(service: Service) -> f64 {
    match service {
        Service::Upstream => 0.1,
        Service::Postgres => 0.9,
        Service::Redis => 1.4,
        Service::Nginx => 0.2,
    }
}

/// The load of a trial, in seconds.
pub(super) fn load_s(experiment: &Experiment, profile: &Profile) -> f64 {
    let warm_up_s = experiment.warm_up.as_secs_f64();
    let streams = &experiment.workload.streams;
    if streams.iter().any(|stream| !stream.attacks.is_empty()) {
        return ATTACKS_S;
    }
    let (steps, warm_ups) = match profile.name {
        ProfileName::Smoke => BRIEF_SEARCH,
        _ => (SEARCH_STEPS, SEARCH_WARM_UPS),
    };
    let search = streams.iter().find_map(|stream| match &stream.load {
        Load::Search(search) => Some(search.step.as_secs_f64() * steps + warm_up_s * warm_ups),
        _ => None,
    });
    let measure_s = experiment.measure.as_secs_f64();
    let measured_s = if experiment.workload.adds_process { measure_s.min(ADDING_S) } else { measure_s };
    let fixed = match experiment.workload.warm_up_load {
        WarmUpLoad::AsMeasured => warm_up_s + measured_s,
        WarmUpLoad::Closed => warm_up_s * warm_ups + measured_s * SETTLED,
    };
    search.unwrap_or(fixed)
}

fn of_seconds(seconds: f64) -> Span {
    Span::from_secs(1).scaled(seconds)
}
