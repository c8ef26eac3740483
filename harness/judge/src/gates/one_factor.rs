//! G9: the two arms differ in the registered factors only, by the plan and by what the running servers say of themselves.

use std::collections::BTreeSet;

use model::analysis::{Gate, GateResult};
use model::define::claim::{CONNECTIONS, Factor};
use model::names::ParameterName;
use model::plan::{Arm, ArmId};
use serde_json::Value;

use super::{Evidence, place};
use crate::runs::{Measured, Run};

/// What a server says of itself (CONTRACT.md, `GET /stats`) that is configuration, not state.
const CONFIGURATION: [&str; 9] =
    ["server", "mode", "framework", "server_software", "runtime", "gil", "free_threaded_build", "processes", "threads"];

/// Libraries: compared name by name, since arms of two servers share only some.
const LIBRARIES: &str = "versions";

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let result = |pass, detail: String| GateResult::new(Gate::G9, pass, detail);
    let (Some(baseline), Some(treatment)) = evidence.arms() else {
        return result(false, "the plan does not hold both arms of the claim".to_owned());
    };
    if let Some((run, _)) =
        evidence.runs().find(|(_, measured)| members(&[&measured.observation.server.before]).is_empty())
    {
        return result(false, format!("the running server said nothing of its configuration ({})", place(run)));
    }
    let factors = &evidence.planned.claim.factors;
    let planned = planned_differences(baseline, treatment);
    let told = told_differences(evidence);
    let unregistered: Vec<String> =
        planned.iter().chain(&told).filter(|found| !explained(found, factors)).map(Difference::in_words).collect();
    let faults: Vec<String> = evidence.runs().filter_map(|(run, measured)| gil_fault(run, measured)).collect();
    match (unregistered.first(), faults.first()) {
        (None, None) => result(true, only_registered(&planned)),
        (Some(_), _) => {
            result(false, format!("the arms differ in more than the registered factor: {}", unregistered.join("; ")))
        }
        (None, Some(fault)) => result(false, fault.clone()),
    }
}

/// Something in which two arms differ.
#[derive(Debug)]
struct Difference {
    what: What,
    baseline: String,
    treatment: String,
}

/// What differs.
#[derive(Debug, PartialEq)]
enum What {
    Server,
    Mode,
    Runtime,
    Cores,
    Processes,
    Command,
    Parameter(ParameterName),
    /// A member of `/stats`, or a library in it.
    Told(String),
}

impl Difference {
    fn in_words(&self) -> String {
        let what = match &self.what {
            What::Server => "server",
            What::Mode => "mode",
            What::Runtime => "runtime",
            What::Cores => "cores",
            What::Processes => "processes",
            What::Command => "command",
            What::Parameter(name) => name.as_str(),
            What::Told(member) => {
                return format!("the running servers' `{member}`: {} and {}", self.baseline, self.treatment);
            }
        };
        format!("{what}: {} and {}", self.baseline, self.treatment)
    }
}

fn only_registered(planned: &[Difference]) -> String {
    let found: Vec<String> = planned.iter().map(Difference::in_words).collect();
    if found.is_empty() {
        "the arms do not differ".to_owned()
    } else {
        format!("the arms differ only as registered: {}", found.join("; "))
    }
}

/// Whether a registered factor, or what follows from it, explains a difference.
fn explained(found: &Difference, factors: &[Factor]) -> bool {
    factors.iter().any(|factor| match (factor, &found.what) {
        // Another server has its own modes, parameters and runtime; but as many cores and processes, or the comparison is not fair.
        (Factor::Server, What::Cores | What::Processes) => false,
        // Nor is the load any server's own.
        (Factor::Server | Factor::Mode, What::Parameter(name)) if name.as_str() == CONNECTIONS => false,
        (Factor::Server, What::Told(member)) => member != "processes",
        (Factor::Server, _) => true,
        (Factor::Mode, What::Mode | What::Parameter(_) | What::Processes | What::Command) => true,
        (Factor::Mode, What::Told(member)) => {
            ["mode", "server_software", "processes", "threads"].contains(&member.as_str())
        }
        (Factor::Runtime, What::Runtime) => true,
        (Factor::Runtime, What::Told(member)) => ["runtime", "gil", "free_threaded_build"].contains(&member.as_str()),
        (Factor::Cores, What::Cores) => true,
        (Factor::Parameter(name), What::Parameter(other)) => name == other,
        // A parameter is filled into the command, and may be the number of processes or threads.
        (Factor::Parameter(_), What::Command | What::Processes) => true,
        (Factor::Parameter(_), What::Told(member)) => ["processes", "threads"].contains(&member.as_str()),
        _ => false,
    })
}

fn planned_differences(baseline: &Arm, treatment: &Arm) -> Vec<Difference> {
    let runtime = |arm: &Arm| format!("{} {}", arm.runtime, arm.runtime_version);
    let command = |arm: &Arm| format!("{:?} {:?}", arm.command, arm.env);
    let mut found = vec![
        (What::Server, baseline.server.to_string(), treatment.server.to_string()),
        (What::Mode, baseline.mode.to_string(), treatment.mode.to_string()),
        (What::Runtime, runtime(baseline), runtime(treatment)),
        (What::Cores, baseline.cores.to_string(), treatment.cores.to_string()),
        (What::Processes, baseline.processes.to_string(), treatment.processes.to_string()),
    ];
    let names: BTreeSet<&ParameterName> = baseline.parameters.keys().chain(treatment.parameters.keys()).collect();
    let value = |arm: &Arm, name| arm.parameters.get(name).map_or_else(|| "none".to_owned(), u32::to_string);
    found.extend(
        names.into_iter().map(|name| (What::Parameter(name.clone()), value(baseline, name), value(treatment, name))),
    );
    let mut found: Vec<Difference> = found
        .into_iter()
        .map(|(what, baseline, treatment)| Difference { what, baseline, treatment })
        .filter(|found| found.baseline != found.treatment)
        .collect();
    // A different command is news only where nothing above explains it: it is long, and filled from the parameters.
    if found.iter().all(|found| matches!(found.what, What::Runtime | What::Cores))
        && command(baseline) != command(treatment)
    {
        found.push(Difference { what: What::Command, baseline: command(baseline), treatment: command(treatment) });
    }
    found
}

/// What the running servers say differently of themselves; every run of an arm must say the same.
fn told_differences(evidence: &Evidence<'_>) -> Vec<Difference> {
    let (baseline, treatment) = (&evidence.planned.baseline, &evidence.planned.treatment);
    let said = |arm: &ArmId| -> Vec<(String, BTreeSet<String>)> {
        let runs: Vec<&Value> = evidence
            .runs()
            .filter(|(run, _)| run.trial.arm == *arm)
            .map(|(_, measured)| &measured.observation.server.before)
            .collect();
        members(&runs)
            .into_iter()
            .map(|member| (member.clone(), runs.iter().map(|told| answer(told, &member)).collect()))
            .collect()
    };
    let in_words = |answers: &BTreeSet<String>| answers.iter().cloned().collect::<Vec<_>>().join(" or ");
    let theirs = said(treatment);
    let differing = said(baseline).into_iter().filter_map(|(member, ours)| {
        let (_, theirs) = theirs.iter().find(|(other, _)| *other == member)?;
        let same = ours.len() == 1 && ours == *theirs;
        (!same).then(|| Difference { what: What::Told(member), baseline: in_words(&ours), treatment: in_words(theirs) })
    });
    differing.collect()
}

/// The members of `/stats` to compare that any of the runs told; libraries as `versions.name`.
fn members(runs: &[&Value]) -> BTreeSet<String> {
    let plain = CONFIGURATION
        .iter()
        .filter(|member| runs.iter().any(|told| told.get(**member).is_some()))
        .map(|member| (*member).to_owned());
    let libraries =
        runs.iter().filter_map(|told| told.get(LIBRARIES)?.as_object()).flat_map(|libraries| libraries.keys());
    plain.chain(libraries.map(|name| format!("{LIBRARIES}.{name}"))).collect()
}

fn answer(told: &Value, member: &str) -> String {
    let value = match member.strip_prefix(LIBRARIES).and_then(|rest| rest.strip_prefix('.')) {
        Some(library) => told.get(LIBRARIES).and_then(|libraries| libraries.get(library)),
        None => told.get(member),
    };
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// A free-threaded build can fall back to the GIL when a library asks for it; then the run did not test what it says.
fn gil_fault(run: &Run<'_>, measured: &Measured<'_>) -> Option<String> {
    let free_threaded = run.arm.runtime_version.ends_with('t');
    let gil = measured.observation.server.before.get("gil")?.as_str()?;
    (free_threaded && gil == "enabled")
        .then(|| format!("the free-threaded server ran with the GIL enabled ({})", place(run)))
}
