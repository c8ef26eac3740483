//! One trial: provisioned, driven, checked again, stopped; an observation or the reason why there is none.

use std::ops::Range;
use std::time::{Duration, Instant};

use load::observe::{GeneratorPlace, generator_use};
use load::pacer::PacerKind;
use model::define::claim::Metric;
use model::machine::Layout;
use model::plan::{Arm, Experiment, Hold, Plan, PlannedClaim, SearchEffort, Trial};
use model::record::{AddedProcess, GeneratorUse, Injected, Observation, PhaseTimes, ServerReport, Stage, TrialOutcome};
use serde_json::Value;

use super::added_process::{Adding, Asked};
use super::drive::{Drive, Driven};
use super::fault::{At, Fault};
use super::{Beside, Session, TrialEnd, pacer_for, routes_checked, shares};
use crate::hiccup::HiccupMonitor;
use crate::hold::HoldUp;
use crate::platform::{self, Urgency};
use crate::sampling::{Proportional, Sampled, Sampler, Sampling};
use crate::server::{Port, VerifiedServer, requests_answered};

/// A trial with what the plan says of it.
struct Task<'p> {
    experiment: &'p Experiment,
    arm: &'p Arm,
    layout: &'p Layout,
    /// The delay that this trial is to have.
    hold: Option<Hold>,
    seed: u64,
    /// The greatest rate that the generator showed in this layout.
    ceiling_per_s: Option<f64>,
    search_effort: SearchEffort,
}

/// A trial's load and all that was seen beside it.
struct Watched {
    driven: Driven,
    sampled: Sampled,
    hiccups: Vec<model::record::Hiccups>,
    injected: Option<Injected>,
    added: Option<AddedProcess>,
}

impl Session<'_> {
    /// Runs one trial of a plan. `ceiling_per_s` is what calibration found for the arm's layout, and bounds searches.
    #[must_use]
    pub fn run_trial(&self, plan: &Plan, trial: &Trial, ceiling_per_s: Option<f64>) -> TrialEnd {
        let result = task(plan, trial, ceiling_per_s).and_then(|task| self.observe(&task));
        match result {
            Ok(observation) => TrialEnd::Done(TrialOutcome::Observed(Box::new(observation))),
            Err(Fault::Failed(failure)) => TrialEnd::Done(TrialOutcome::Failed(failure)),
            Err(Fault::Interrupted) => TrialEnd::Interrupted,
        }
    }

    fn observe(&self, task: &Task<'_>) -> Result<Observation, Fault> {
        let began_s = self.began.elapsed().as_secs_f64();
        let mut beside = self.services(&task.experiment.workload.services, &task.layout.services)?;
        self.observe_beside(task, &mut beside, began_s).map_err(|fault| beside.blamed(fault))
    }

    /// The trial itself, once its services run.
    fn observe_beside(&self, task: &Task<'_>, beside: &mut Beside, began_s: f64) -> Result<Observation, Fault> {
        let workload = &task.experiment.workload;
        let routes = routes_checked(self.server(&task.arm.server)?, task.arm, workload);
        let mut server = self.provision(task.arm, &task.layout.server, Port::Free, beside.addresses(), &routes)?;
        let before = server.stats().at(Stage::Drive)?;
        let watched = self.watch(task, &server, beside, &before)?;
        beside.still_run(Stage::Drive)?;
        let shutting_down = Instant::now();
        let after = self.still_well(&mut server)?;
        let drained_s = shutting_down.elapsed().as_secs_f64();
        let second_check_s = server.verify_again(self.contract, &routes, self.interrupted).at(Stage::AfterCheck)?;
        let phases = PhaseTimes {
            start_up_s: server.start_up_s,
            contract_check_s: server.contract_check_s + second_check_s,
            warm_up_s: watched.driven.warm_up_s,
            measure_s: seconds(&watched.driven.measured),
            shut_down_s: watched.driven.drain_s + drained_s + stopped_in_s(server),
        };
        Ok(observation(began_s, phases, watched, report(before, after), task, beside.run()))
    }

    /// Drives the load and samples beside it.
    fn watch(
        &self,
        task: &Task<'_>,
        server: &VerifiedServer,
        beside: &Beside,
        before: &Value,
    ) -> Result<Watched, Fault> {
        let on = task.layout.services.clone();
        let services = beside.leaders();
        let proportional = proportional(task.experiment);
        let sampling = Sampling { server: server.leader(), services, on, proportional };
        let sampler = Sampler::start(sampling).at(Stage::Drive)?;
        let monitor = HiccupMonitor::start(task.layout).at(Stage::Drive)?;
        let workload = task.arm.connections().map(|connections| task.experiment.workload.over(connections));
        let warm_up = task.experiment.warm_up.duration();
        let hold_up = |hold| HoldUp::start(server.leader(), hold, &task.layout.generator).at(Stage::Drive);
        let hold_up = task.hold.map(hold_up).transpose()?;
        let asked = Asked { leader: server.leader(), port: server.port(), before };
        let add = || Adding::start(&asked, warm_up, &task.layout.generator).at(Stage::Drive);
        let adding = task.experiment.workload.adds_process.then(add).transpose()?;
        let drive = Drive {
            workload: workload.as_ref().unwrap_or(&task.experiment.workload),
            warm_up,
            measure: task.experiment.measure.duration(),
            port: server.port(),
            processes: task.arm.processes,
            pacer: pacer_for(&task.experiment.workload, task.layout, beside.run()),
            cores: &task.layout.generator,
            seed: task.seed,
            ceiling_per_s: task.ceiling_per_s,
            search_effort: task.search_effort,
            interrupted: self.interrupted,
            seen_enough: adding.as_ref().map(Adding::answered),
        };
        let driven = on_cores(&task.layout.generator, drive.pacer, || drive.run());
        let measured = driven.as_ref().map_or(Duration::ZERO..Duration::ZERO, |driven| driven.measured.clone());
        let injected = hold_up.map(|hold_up| hold_up.finish(&measured));
        let added = adding.and_then(|adding| adding.finish(&measured));
        let confirmed = driven.as_ref().map_or(measured.clone(), Driven::last_window);
        let sampled = sampler.finish(measured.start, confirmed);
        let hiccups = monitor.finish(&measured, &sampled.samples, &mut self.own_speeds(task.layout));
        let driven = driven.map_err(|fault| with_log(fault, server))?;
        Ok(Watched { driven, sampled, hiccups, injected, added })
    }

    /// What the server says of itself after the load; a server that ended under it has no say.
    fn still_well(&self, server: &mut VerifiedServer) -> Result<Value, Fault> {
        let stats = server.drained();
        if let Some(status) = server.ended() {
            let reason = format!("the server ended ({status}) under the load");
            return Err(Fault::failed(Stage::Drive, reason, &server.log_tail()));
        }
        stats.map_err(|reason| Fault::failed(Stage::AfterCheck, reason, &server.log_tail()))
    }
}

fn task<'p>(plan: &'p Plan, trial: &Trial, ceiling_per_s: Option<f64>) -> Result<Task<'p>, Fault> {
    let unknown = |what: &str| format!("the plan has no {what} for trial {}", trial.index);
    let experiment = plan.experiments.get(trial.experiment).ok_or_else(|| unknown("experiment")).at(Stage::SetUp)?;
    let arm = plan.arm(trial).ok_or_else(|| unknown("arm")).at(Stage::SetUp)?;
    let layout = plan.layouts.get(&arm.cores).ok_or_else(|| unknown("layout")).at(Stage::SetUp)?;
    let delayed =
        plan.controls.iter().find(|control| control.experiment == trial.experiment && control.delayed == trial.arm);
    let hold = delayed.map(|control| control.hold);
    let search_effort = plan.profile.search_effort();
    Ok(Task { experiment, arm, layout, hold, seed: trial.seed, ceiling_per_s, search_effort })
}

/// The size of shared memory is followed where a claim hangs on it; elsewhere reading it would only take time.
fn proportional(experiment: &Experiment) -> Proportional {
    let of_connections = |planned: &PlannedClaim| matches!(planned.claim.metric, Metric::MemoryPerConnection(_));
    if experiment.claims.iter().any(of_connections) { Proportional::EachSecond } else { Proportional::AtTheEnd }
}

/// Runs on a thread of its own that is pinned where the generator belongs. Where that is allowed it has precedence over the other
/// threads there, those of the kernel among them: a kernel may let an ordinary thread that wakes wait for its next tick, which is
/// milliseconds of send lag. A generator that spins stays an ordinary thread, if a favoured one: it never lets the processor go.
pub(super) fn on_cores<T: Send>(
    cpus: &[u16],
    pacer: PacerKind,
    run: impl FnOnce() -> Result<T, Fault> + Send,
) -> Result<T, Fault> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            crate::machine::pin_current_thread(cpus).at(Stage::Drive)?;
            // Without the right to it the generator is one thread among others; gate G2 sees what that does.
            let _ = match pacer {
                PacerKind::Spin => platform::prefer_thread(),
                PacerKind::Hybrid { .. } => platform::raise_priority(Urgency::Driving),
            };
            run()
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn with_log(fault: Fault, server: &VerifiedServer) -> Fault {
    match fault {
        Fault::Failed(failure) => Fault::failed(failure.stage, failure.reason, &server.log_tail()),
        Fault::Interrupted => Fault::Interrupted,
    }
}

fn report(before: Value, after: Value) -> ServerReport {
    let count = |stats: &Value| requests_answered(stats).unwrap_or(0);
    let requests_counted = count(&after).saturating_sub(count(&before));
    ServerReport { requests_counted, requests_answered: 0, requests_unanswered: 0, before, after }
}

fn observation(
    began_s: f64,
    phases: PhaseTimes,
    watched: Watched,
    server: ServerReport,
    task: &Task<'_>,
    services_run: bool,
) -> Observation {
    let Watched { driven, sampled, hiccups, injected, added } = watched;
    let beside = services_run && shares(&task.layout.generator, &task.layout.services);
    let place = GeneratorPlace {
        cores: u16::try_from(task.layout.generator.len()).unwrap_or(u16::MAX),
        shares_core: task.layout.is_shared(),
        services_cpu_s: if beside { sampled.services_cpu_s } else { 0.0 },
    };
    let generator: GeneratorUse = driven.last.as_ref().map(|last| generator_use(last, place)).unwrap_or_default();
    Observation {
        began_s,
        phases,
        server: ServerReport { requests_answered: driven.answered, requests_unanswered: driven.unanswered(), ..server },
        streams: driven.streams,
        alone: driven.alone,
        search: driven.search,
        generator,
        samples: sampled.samples,
        hiccups,
        injected,
        added,
    }
}

fn stopped_in_s(server: VerifiedServer) -> f64 {
    let began = Instant::now();
    server.stop_at_once();
    began.elapsed().as_secs_f64()
}

fn seconds(range: &Range<Duration>) -> f64 {
    range.end.saturating_sub(range.start).as_secs_f64()
}
