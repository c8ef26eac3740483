//! `claimbench check`: all definitions, every mistake at once.

use crate::definitions::Root;
use crate::failure::Failure;
use crate::print;

/// Checks all definitions.
///
/// # Errors
/// With every mistake.
pub fn check(root: &Root) -> Result<(), Failure> {
    let catalog = root.catalog()?;
    let counts =
        [(catalog.workloads.len(), "workloads"), (catalog.servers.len(), "servers"), (catalog.claims.len(), "claims")];
    let counts: Vec<String> = counts.iter().map(|(count, noun)| format!("{count} {noun}")).collect();
    print::result(&format!("{}: no mistake", counts.join(", ")))?;
    Ok(())
}
