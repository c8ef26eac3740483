//! `claimbench compare`: what changed between two runs, from their records alone.

use std::fs;

use anyhow::{Context, anyhow};
use model::change::Change;
use model::machine::Machine;

use crate::cli::CompareArgs;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::stored_run::read_run;

/// Compares two runs.
///
/// # Errors
/// When a record cannot be read, the machines differ, or the runs have nothing in common.
pub fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let ((_, first), (_, second)) = (read_run(&args.first)?, read_run(&args.second)?);
    let difference = difference(&first.header.machine, &second.header.machine);
    match difference {
        Some(difference) if !args.across_machines => {
            let error = anyhow!(
                "the runs are of different machines ({difference}), which alone may change any number; compare them all the same with --across-machines"
            );
            return Err(error).means(Exit::BadInput);
        }
        Some(difference) => {
            print::note(&format!("the machines differ ({difference}): what changed may be the machine"))
        }
        None => {}
    }
    let changes = judge::compare_runs(&first, &second);
    if changes.is_empty() {
        return Err(anyhow!("the two runs measured no arm by the same number on the same workload"))
            .means(Exit::BadInput);
    }
    if let Some(path) = &args.page {
        let page = report::compare_page(&first, &second, &changes);
        fs::write(path, page.bytes)
            .with_context(|| format!("cannot write {}", path.display()))
            .means(Exit::BadInput)?;
    }
    let text = if args.json {
        serde_json::to_string_pretty(&changes).context("changes are not serialisable")?
    } else {
        in_words(&changes)
    };
    print::result(&text)?;
    Ok(())
}

/// In what two machines differ, as far as it can change a number.
fn difference(first: &Machine, second: &Machine) -> Option<String> {
    let cores = |machine: &Machine| format!("{} processors", machine.cpus.len());
    let facts = [
        (first.cpu_model.clone(), second.cpu_model.clone()),
        (cores(first), cores(second)),
        (first.os.clone(), second.os.clone()),
        (virtual_or_not(first).to_owned(), virtual_or_not(second).to_owned()),
    ];
    facts.into_iter().find(|(one, other)| one != other).map(|(one, other)| format!("{one} and {other}"))
}

fn virtual_or_not(machine: &Machine) -> &'static str {
    if machine.virtual_machine { "virtual" } else { "not virtual" }
}

fn in_words(changes: &[Change]) -> String {
    let line = |change: &Change| {
        let ratio = match (change.ratio, change.low, change.high) {
            (Some(ratio), Some(low), Some(high)) => format!("{ratio:.3} times ({low:.3} to {high:.3})"),
            _ => "no ratio".to_owned(),
        };
        format!(
            "{:<11} {}, {}, {}: {ratio}; {}",
            change.outcome.in_words(),
            change.workload,
            change.arm,
            change.metric,
            change.reason
        )
    };
    changes.iter().map(line).collect::<Vec<_>>().join("\n")
}
