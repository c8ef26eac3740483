//! `claimbench plan`: every trial that a run would do, in order, with every default, and how long it will take.

use anyhow::Context;
use model::define::catalog::Catalog;
use model::plan::{Controls, Design, Plan, PlanRequest, Profile, plan as make_plan};

use crate::cli::PlanArgs;
use crate::clock;
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::progress::minutes;
use crate::selection::Selection;
use crate::survey::Survey;

/// Prints the plan.
///
/// # Errors
/// When the definitions have mistakes, or nothing is selected.
pub fn plan(args: &PlanArgs, root: &Root) -> Result<(), Failure> {
    let catalog = root.catalog()?;
    let survey = Survey::look(&catalog)?;
    let plan = planned(args, &catalog, &survey)?;
    let text = if args.json {
        serde_json::to_string_pretty(&plan).context("a plan is not serialisable")?
    } else {
        in_words(&plan)
    };
    print::result(&text)?;
    Ok(())
}

/// The plan that the arguments ask for.
///
/// # Errors
/// When nothing is selected.
pub fn planned(args: &PlanArgs, catalog: &Catalog, survey: &Survey) -> Result<Plan, Failure> {
    let selection = Selection::new(&args.claims, &args.servers).means(Exit::BadInput)?;
    let request = PlanRequest {
        catalog,
        machine: &survey.machine,
        runtimes: survey.runtimes(),
        missing_services: &survey.missing_services,
        wanted: &selection,
        profile: Profile::of(args.profile.into()),
        seed: args.seed.unwrap_or_else(clock::seed),
        design: Design { effort: args.effort(), controls: Controls::OfSession },
    };
    let plan = make_plan(&request).means(Exit::BadInput)?;
    if args.adaptive && plan.adaptive.is_none() {
        print::note(
            "this profile has no block to save, so that its number of blocks is fixed; --adaptive goes with standard and full",
        );
    }
    Ok(plan)
}

fn in_words(plan: &Plan) -> String {
    let mut lines = vec![format!(
        "{} trials in {} experiments, about {}; seed {}",
        plan.trials.len(),
        plan.experiments.len(),
        minutes(plan.expected.as_secs_f64()),
        plan.seed
    )];
    for experiment in &plan.experiments {
        let claims: Vec<&str> = experiment.claims.iter().map(|planned| planned.claim.id.as_str()).collect();
        let only_drawn = experiment.arms.iter().filter(|arm| !experiment.runs_in(&arm.id, 1)).count();
        lines.push(format!(
            "\n{}: {} arms × {} blocks{}, warm-up {}, measured {}; for {}",
            experiment.workload.name,
            experiment.arms.len(),
            experiment.blocks,
            if only_drawn > 0 { format!(" ({only_drawn} in every second one)") } else { String::new() },
            experiment.warm_up,
            experiment.measure,
            claims.join(", ")
        ));
        for arm in &experiment.arms {
            lines.push(format!("  {}\n    {} {}, {}", arm.id, arm.runtime, arm.runtime_version, arm.command.join(" ")));
        }
    }
    for control in &plan.controls {
        lines.push(format!(
            "\ncontrols of {:?} load with {} server core(s): {} once more, and held up for {} of every {}",
            control.load, control.cores, control.plain, control.hold.stop, control.hold.every
        ));
    }
    if let Some(adaptive) = plan.adaptive {
        lines.push(format!(
            "\nadaptive: an experiment may end after each block from the {}th on; at most {} blocks, those beyond {} in time that was saved",
            adaptive.first_look,
            adaptive.blocks_max(),
            adaptive.blocks
        ));
    }
    lines.push(format!("\n{:>5}  {:>5}  {:>5}  {:<20} arm", "trial", "block", "place", "workload"));
    for trial in &plan.trials {
        let workload =
            plan.experiments.get(trial.experiment).map_or("", |experiment| experiment.workload.name.as_str());
        lines.push(format!(
            "{:>5}  {:>5}  {:>5}  {workload:<20} {}",
            trial.index, trial.block, trial.position, trial.arm
        ));
    }
    for why in &plan.not_testable {
        lines.push(format!("\n{}: not testable here: {}\n  {}", why.claim, why.reason, why.remedy));
    }
    lines.join("\n")
}
