//! `claimbench check`: all definitions, every mistake at once; and no claim whose rule was changed after its data.

use anyhow::anyhow;

use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::registration::changed_after_data;

/// Checks all definitions.
///
/// # Errors
/// With every mistake, or every claim that was changed after data of it had been published.
pub fn check(root: &Root) -> Result<(), Failure> {
    let catalog = root.catalog()?;
    let counts = [
        (catalog.workloads.len(), "workloads"),
        (catalog.servers.len(), "servers"),
        (catalog.claims.len(), "claims"),
        (catalog.untestable.len(), "untestable statements"),
    ];
    let counts: Vec<String> = counts.iter().map(|(count, noun)| format!("{count} {noun}")).collect();
    let (changed, unseen) = changed_after_data(&catalog, root);
    if !changed.is_empty() {
        return Err(anyhow!("{}", changed.join("\n"))).means(Exit::BadInput);
    }
    if let Some(unseen) = unseen {
        print::note(&unseen);
    }
    print::result(&format!("{}: no mistake", counts.join(", ")))?;
    Ok(())
}
