//! `claimbench doctor`: the machine, its cores and layouts, limits and runtimes; what can be tested here, and what would
//! mend the rest.

use lab::services::ProgramsFound;
use model::machine::{Machine, RuntimeFound, Runtimes, lay_out};
use model::plan::Plan;

use crate::commands::list::everything;
use crate::definitions::Root;
use crate::failure::Failure;
use crate::print;
use crate::survey::Survey;

/// The most server cores whose layout is shown.
const MOST_CORES: u16 = 8;

/// Prints what was found.
///
/// # Errors
/// When the definitions have mistakes, or a runtime that a setting names does not work.
pub fn doctor(root: &Root) -> Result<(), Failure> {
    let catalog = root.catalog()?;
    let survey = Survey::look(&catalog)?;
    let plan = everything(&catalog, &survey)?;
    let mut lines = machine(&survey.machine);
    lines.push(format!("  cache         {}", survey.cache.root().display()));
    lines.extend(layouts(&survey.machine));
    lines.extend(runtimes(survey.runtimes()));
    lines.extend(services(&survey));
    lines.extend(claims(&plan, catalog.claims.len() + catalog.untestable.len()));
    print::result(&lines.join("\n"))?;
    Ok(())
}

fn machine(machine: &Machine) -> Vec<String> {
    let kind = if machine.virtual_machine { "a virtual machine" } else { "bare metal, as far as can be told" };
    let mut lines = vec![
        "Machine".to_owned(),
        format!("  processors    {} × {}, {kind}", machine.cpus.len(), machine.cpu_model),
        format!("  memory        {:.1} GiB", machine.memory_bytes as f64 / f64::from(1 << 30)),
        format!("  system        {}", machine.os),
        format!("  open files    {}", machine.open_files_limit),
    ];
    lines.extend(machine.doubts.iter().map(|doubt| format!("  doubt         {doubt}")));
    lines
}

fn layouts(machine: &Machine) -> Vec<String> {
    let mut lines = vec!["\nCore layouts, by the cores of the server".to_owned()];
    for cores in 1..=MOST_CORES {
        let Some(layout) = lay_out(machine, cores) else { break };
        let shared =
            if layout.is_shared() { "; the generator shares a core, so only heavy work is believed" } else { "" };
        lines.push(format!(
            "  {cores:<2}  generator {:?}  server {:?}  services {:?}{shared}",
            layout.generator, layout.server, layout.services
        ));
    }
    lines
}

fn runtimes(runtimes: &Runtimes) -> Vec<String> {
    let mut lines = vec!["\nRuntimes".to_owned()];
    for (server, of_server) in runtimes {
        for (name, found) in of_server {
            let label = format!("{server} {name}");
            match found {
                RuntimeFound::Present(facts) => {
                    let suffix = if facts.free_threaded { "t" } else { "" };
                    lines.push(format!("  {label:<24} {}{suffix}  ({})", facts.version, facts.source));
                }
                RuntimeFound::Missing(missing) => {
                    lines.push(format!("  {label:<24} missing: {}", missing.reason));
                    lines.push(format!("  {:<24} to mend it: {}", "", missing.remedy));
                }
            }
        }
    }
    lines
}

fn services(survey: &Survey) -> Vec<String> {
    let mut lines = vec!["\nBacking services".to_owned()];
    for (service, found) in lab::services::look(&survey.cache) {
        let label = service.name();
        match found {
            ProgramsFound::Present { version, source } => lines.push(format!("  {label:<24} {version}  ({source})")),
            ProgramsFound::InPackage { package } => {
                lines
                    .push(format!("  {label:<24} not on this machine; installed from the {package} when it is needed"));
            }
            ProgramsFound::Missing { reason, remedy } => {
                lines.push(format!("  {label:<24} missing: {reason}"));
                lines.push(format!("  {:<24} to mend it: {remedy}", ""));
            }
        }
    }
    lines
}

fn claims(plan: &Plan, all: usize) -> Vec<String> {
    let mut lines = vec![format!("\nClaims: {} of {all} can be tested here", all - plan.not_testable.len())];
    for why in &plan.not_testable {
        lines.push(format!("  {:<24} not testable here: {}", why.claim, why.reason));
        lines.push(format!("  {:<24} to mend it: {}", "", why.remedy));
    }
    lines
}
