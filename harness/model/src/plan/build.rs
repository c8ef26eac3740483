//! Builds the plan: selection, arms, experiments, blocks and the time they take; and what cannot be tested.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::define::catalog::{Catalog, RegisteredClaim};
use crate::define::claim::{ArmChoice, Claim};
use crate::define::untestable::Untestable;
use crate::define::workload::{Load, Service, Workload};
use crate::machine::{Layout, Machine, MissingServices, Runtimes, lay_out};
use crate::names::{ClaimId, FamilyName, WorkloadName};
use crate::plan::arms::resolve;
use crate::plan::controls::add_controls;
use crate::plan::expected::{expected, load_s};
use crate::plan::order::balanced_orders;
use crate::plan::{Adaptive, Arm, Experiment, Level, NotTestable, Plan, PlannedClaim, Profile, Trial};
use crate::units::Span;

/// The least time for which anything is measured, however small the profile.
const LEAST_MEASURE: Span = Span::from_millis(250);
/// The same of a search's steps, of which there are many, and of warm-ups.
const LEAST_STEP: Span = Span::from_millis(100);

/// The least time for which a workload is measured that adds a process in the window: it is told to start half a second into it, and should be seen
/// at work.
const LEAST_ADDING: Span = Span::from_millis(1_250);

/// Files that a process has open beside its connections: logs, libraries, services.
const FILES_BESIDE: u64 = 200;

/// What a plan is made from.
#[derive(Debug)]
pub struct PlanRequest<'a> {
    /// The definitions.
    pub catalog: &'a Catalog,
    /// The machine.
    pub machine: &'a Machine,
    /// The runtimes on it.
    pub runtimes: &'a Runtimes,
    /// The services that cannot be had on it.
    pub missing_services: &'a MissingServices,
    /// Which claims are wanted; controls of wanted claims come along.
    pub wanted: &'a dyn Wanted,
    /// The effort.
    pub profile: Profile,
    /// The seed.
    pub seed: u64,
    /// What is planned beside the claims' own arms.
    pub design: Design,
}

/// The design of a run beside its claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Design {
    /// Whether the number of blocks is fixed.
    pub effort: Effort,
    /// Whether the session has controls of its own.
    pub controls: Controls,
}

impl Design {
    /// Nothing beside the claims' own arms, and as many blocks as the profile says.
    pub const PLAIN: Self = Self { effort: Effort::Fixed, controls: Controls::None };
}

/// Whether the session has controls of its own (gates G8 and G11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controls {
    /// None: verdicts then carry a doubt.
    None,
    /// One pair for each kind of load and core layout.
    OfSession,
}

/// Whether the number of blocks is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// By the profile.
    Fixed,
    /// Experiments end early where their claims are decided (where the profile has blocks to save).
    Adaptive,
}

/// Says which claims are wanted.
pub trait Wanted: std::fmt::Debug {
    /// Whether a claim is wanted.
    fn wants(&self, claim: &Claim) -> bool;

    /// Whether a statement is wanted that cannot be tested.
    fn wants_untestable(&self, statement: &Untestable) -> bool;
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The selection is empty.
    #[error("no claim matches the selection; `claimbench list` shows what there is")]
    NothingSelected,
}

/// Makes the plan.
///
/// # Errors
/// When no claim is wanted at all. Claims that cannot be tested here are part of the plan.
pub fn plan(request: &PlanRequest<'_>) -> Result<Plan, PlanError> {
    let selected = select(request);
    let mut not_testable = untestable(request);
    if selected.is_empty() && not_testable.is_empty() {
        return Err(PlanError::NothingSelected);
    }
    let mut groups: BTreeMap<(FamilyName, WorkloadName), Vec<PlannedArms>> = BTreeMap::new();
    for registered in selected {
        match arms_of(request, registered) {
            Ok(planned) => groups
                .entry((planned.claim.claim.family.clone(), planned.claim.claim.workload.clone()))
                .or_default()
                .push(planned),
            Err(why) => not_testable.push(*why),
        }
    }
    let adaptive = match request.design.effort {
        Effort::Fixed => None,
        Effort::Adaptive => Adaptive::of(&request.profile),
    };
    let mut experiments: Vec<Experiment> =
        groups.into_iter().filter_map(|((_, workload), claims)| experiment(request, &workload, claims)).collect();
    set_blocks(&mut experiments, &request.profile);
    let controls = match request.design.controls {
        Controls::None => Vec::new(),
        Controls::OfSession => add_controls(&mut experiments, |experiment| load_s(experiment, &request.profile)),
    };
    let layouts = layouts(request.machine, &experiments);
    let planned_blocks: Vec<u32> = experiments.iter().map(|experiment| experiment.blocks).collect();
    for experiment in &mut experiments {
        experiment.blocks = adaptive.map_or(experiment.blocks, |adaptive| adaptive.blocks_max());
    }
    let trials = trials(&experiments, request.seed, adaptive.map_or(u32::MAX, |adaptive| adaptive.blocks));
    let sure = trials.iter().filter(|trial| trial.block < planned_blocks[trial.experiment]);
    let expected = expected(&experiments, sure, &request.profile, layouts.len());
    let (seed, profile) = (request.seed, request.profile);
    Ok(Plan { seed, profile, experiments, trials, layouts, not_testable, expected, controls, adaptive })
}

fn select<'a>(request: &PlanRequest<'a>) -> Vec<&'a RegisteredClaim> {
    let claims = &request.catalog.claims;
    let wanted: Vec<&RegisteredClaim> = claims.values().filter(|found| request.wanted.wants(&found.claim)).collect();
    let needed = |id: &ClaimId| wanted.iter().any(|found| found.claim.id == *id || found.claim.controls.contains(id));
    claims.iter().filter(|(id, _)| needed(id)).map(|(_, found)| found).collect()
}

/// The statements that no machine can test.
fn untestable(request: &PlanRequest<'_>) -> Vec<NotTestable> {
    let wanted = request.catalog.untestable.values().filter(|found| request.wanted.wants_untestable(found));
    wanted
        .map(|found| NotTestable {
            claim: found.id.clone(),
            statement: found.statement.clone(),
            family: found.family.clone(),
            reason: found.reason.clone(),
            remedy: found.remedy.clone(),
            shown: found.shown.clone(),
        })
        .collect()
}

/// What a claim's workload needs and this machine has not.
fn missing_service(request: &PlanRequest<'_>, claim: &Claim) -> Option<NotTestable> {
    let of_workload = request.catalog.workloads.get(&claim.workload).into_iter().flat_map(|found| &found.services);
    let of_modes = [&claim.baseline, &claim.treatment].into_iter().flat_map(|choice| needs(request, choice));
    let missing = of_workload.chain(of_modes).find_map(|service| request.missing_services.get(service))?;
    Some(NotTestable {
        claim: claim.id.clone(),
        statement: claim.statement.clone(),
        family: claim.family.clone(),
        reason: missing.reason.clone(),
        remedy: missing.remedy.clone(),
        shown: None,
    })
}

/// What an arm's mode needs of the machine.
fn needs<'a>(request: &PlanRequest<'a>, choice: &ArmChoice) -> &'a [Service] {
    let Some(server) = request.catalog.servers.get(&choice.server) else { return &[] };
    let mode = choice.mode.as_ref().unwrap_or(&server.default_mode);
    server.modes.get(mode).map_or(&[], |mode| &mode.needs)
}

struct PlannedArms {
    claim: PlannedClaim,
    arms: Vec<Arm>,
}

fn arms_of(request: &PlanRequest<'_>, registered: &RegisteredClaim) -> Result<PlannedArms, Box<NotTestable>> {
    let claim = &registered.claim;
    if let Some(why) = missing_service(request, claim) {
        return Err(Box::new(why));
    }
    let baseline = arm(request, claim, &claim.baseline)?;
    let treatment = arm(request, claim, &claim.treatment)?;
    let mut arms = vec![baseline, treatment];
    let mut levels = Vec::new();
    let drawn = claim.levels.iter().filter(|_| request.profile.draws_curves());
    for value in drawn.flat_map(|levels| &levels.values) {
        let mut choice = claim.treatment.clone();
        choice.parameters.extend(claim.levels.iter().map(|levels| (levels.parameter.clone(), *value)));
        choice.limit = if *value == 1 { claim.baseline.limit } else { choice.limit };
        let level = arm(request, claim, &choice)?;
        levels.push(Level { value: *value, arm: level.id.clone() });
        arms.push(level);
    }
    levels.sort_by_key(|level| level.value);
    let (baseline, treatment) = (arms[0].id.clone(), arms[1].id.clone());
    let claim = PlannedClaim { claim: claim.clone(), sha256: registered.sha256.clone(), baseline, treatment, levels };
    Ok(PlannedArms { claim, arms })
}

fn arm(request: &PlanRequest<'_>, claim: &Claim, choice: &ArmChoice) -> Result<Arm, Box<NotTestable>> {
    let because = |reason: String, remedy: String| {
        Box::new(NotTestable {
            claim: claim.id.clone(),
            statement: claim.statement.clone(),
            family: claim.family.clone(),
            reason,
            remedy,
            shown: None,
        })
    };
    let Some(server) = request.catalog.servers.get(&choice.server) else {
        return Err(because(
            format!("the server `{}` is not defined", choice.server),
            "run `claimbench check`".to_owned(),
        ));
    };
    if lay_out(request.machine, choice.cores).is_none() {
        let reason = format!(
            "it needs {} cores for the server, and this machine has {}",
            choice.cores,
            request.machine.cpus.len()
        );
        return Err(because(reason, "run it on a machine with more cores".to_owned()));
    }
    let arm = resolve(choice, server, request.runtimes).map_err(|missing| because(missing.reason, missing.remedy))?;
    let (files, most) = (files_needed(request, claim, &arm), request.machine.open_files_limit);
    if files > most {
        let reason = format!("it holds connections that take {files} open files, and this machine allows {most}");
        return Err(because(reason, format!("raise the limit: `ulimit -n {files}`")));
    }
    match server.modes.get(&arm.mode) {
        Some(mode) if mode.runs_on(&arm.runtime) => Ok(arm),
        _ => Err(because(
            format!("the mode `{}` does not run on `{}`", arm.mode, arm.runtime),
            "run `claimbench check`".to_owned(),
        )),
    }
}

/// The files that one process may have open for an arm's load: its connections, and what it has open beside them.
fn files_needed(request: &PlanRequest<'_>, claim: &Claim, arm: &Arm) -> u64 {
    let workload = request.catalog.workloads.get(&claim.workload);
    let streams = || workload.iter().flat_map(|workload| &workload.streams);
    let connections =
        arm.connections().map_or_else(|| streams().map(|stream| u64::from(stream.load.connections())).sum(), u64::from);
    connections + FILES_BESIDE
}

fn experiment(request: &PlanRequest<'_>, workload: &WorkloadName, planned: Vec<PlannedArms>) -> Option<Experiment> {
    let workload = request.catalog.workloads.get(workload)?.clone();
    let mut arms: Vec<Arm> = Vec::new();
    for arm in planned.iter().flat_map(|planned| &planned.arms) {
        if !arms.iter().any(|known| known.id == arm.id) {
            arms.push(arm.clone());
        }
    }
    let scaled = |span: Span, least: Span| span.scaled(request.profile.time_factor).max(least);
    Some(Experiment {
        // A workload without a warm-up is about the start.
        warm_up: if workload.warm_up == Span::default() {
            Span::default()
        } else {
            scaled(workload.warm_up, LEAST_STEP)
        },
        measure: scaled(workload.measure, if workload.adds_process { LEAST_ADDING } else { LEAST_MEASURE }),
        blocks: request.profile.blocks,
        claims: planned.into_iter().map(|planned| planned.claim).collect(),
        workload: scale_search(workload, request.profile.time_factor),
        arms,
    })
}

fn scale_search(mut workload: Workload, factor: f64) -> Workload {
    for stream in &mut workload.streams {
        if let Load::Search(search) = &mut stream.load {
            search.step = search.step.scaled(factor).max(LEAST_STEP);
        }
    }
    workload
}

fn layouts(machine: &Machine, experiments: &[Experiment]) -> BTreeMap<u16, Layout> {
    let cores = experiments.iter().flat_map(|experiment| experiment.arms.iter().map(|arm| arm.cores));
    cores.filter_map(|cores| lay_out(machine, cores).map(|layout| (cores, layout))).collect()
}

/// Gives each experiment as many blocks as its largest family needs, over all experiments of that family.
fn set_blocks(experiments: &mut [Experiment], profile: &Profile) {
    let mut families: BTreeMap<FamilyName, usize> = BTreeMap::new();
    for planned in experiments.iter().flat_map(|experiment| &experiment.claims) {
        *families.entry(planned.claim.family.clone()).or_default() += 1;
    }
    for experiment in experiments {
        let sizes = experiment.claims.iter().filter_map(|planned| families.get(&planned.claim.family));
        experiment.blocks = profile.blocks_for(sizes.copied().max().unwrap_or(1));
    }
}

/// The trials, one experiment after the other; those of the blocks that adaptive effort has beyond its first ones come last, block by block.
fn trials(experiments: &[Experiment], seed: u64, first_blocks: u32) -> Vec<Trial> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut trials = Vec::new();
    for (number, experiment) in experiments.iter().enumerate() {
        let orders = balanced_orders(experiment.arms.len(), experiment.blocks, random.random());
        for (block, order) in (0u32..).zip(orders) {
            for (position, arm) in (0u32..).zip(order) {
                let (arm, seed) = (&experiment.arms[arm].id, random.random());
                if experiment.runs_in(arm, block) {
                    trials.push((number, block, position, arm.clone(), seed));
                }
            }
        }
    }
    trials.sort_by_key(|&(_, block, ..)| block.saturating_add(1).saturating_sub(first_blocks));
    let numbered = (0u32..).zip(trials);
    numbered
        .map(|(index, (experiment, block, position, arm, seed))| Trial {
            index,
            experiment,
            block,
            position,
            arm,
            seed,
        })
        .collect()
}
