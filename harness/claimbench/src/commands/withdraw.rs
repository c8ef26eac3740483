//! `claimbench withdraw`: takes a claim's verdict out of a run in which a fault of the measurement was found afterwards.
//!
//! It can only take away: the claim reads *inconclusive* from then on, with the fault as its reason, and all that was measured stays.

use anyhow::anyhow;
use model::define::mistake::suggestion;
use model::record::{RunRecord, Withdrawn};

use crate::cli::WithdrawArgs;
use crate::clock;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::stored_run::{append_to, read_run};

/// Writes into the record that a claim's verdict is withdrawn.
///
/// # Errors
/// When the run cannot be read or written, has no such claim, or no reason is given.
pub fn withdraw(args: &WithdrawArgs) -> Result<(), Failure> {
    let (path, record) = read_run(&args.run)?;
    let reason = args.because.trim();
    if reason.is_empty() {
        return Err(anyhow!("a reader must learn why: say it with --because")).means(Exit::BadInput);
    }
    let claims = claims(&record);
    let Some(claim) = claims.iter().find(|known| known.as_str() == args.claim) else {
        let help = suggestion(&args.claim, claims.iter().map(|known| known.as_str()));
        return Err(anyhow!("{} has no claim `{}`: {help}", path.display(), args.claim)).means(Exit::BadInput);
    };
    if let Some(earlier) = record.withdrawn.iter().find(|withdrawn| withdrawn.claim == *claim) {
        print::result(&format!("`{claim}` was withdrawn already: {}", earlier.reason))?;
        return Ok(());
    }
    let withdrawn = Withdrawn { claim: claim.clone(), reason: reason.to_owned(), on: clock::now_rfc3339() };
    append_to(&path, &model::record::Line::Withdrawn(withdrawn)).means(Exit::BadInput)?;
    print::result(&format!(
        "{}: no verdict comes of `{claim}` any more; bring what was made of the record up to date with `claimbench report` and `claimbench history`",
        path.display()
    ))?;
    Ok(())
}

fn claims(record: &RunRecord) -> Vec<model::names::ClaimId> {
    let experiments = record.header.plan.experiments.iter();
    experiments.flat_map(|experiment| &experiment.claims).map(|planned| planned.claim.id.clone()).collect()
}
