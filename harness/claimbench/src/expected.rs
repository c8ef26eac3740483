//! The verdicts that a maintainer expects, from the file that `--expect` names.

use std::fs;
use std::path::Path;

use anyhow::Context;
use model::expect::Expectations;
use model::verdict::Verdict;

use crate::failure::{Exit, Failure, Means};
use crate::print;

/// Reads the file, if one is named, and says which of its claims the run does not have.
///
/// # Errors
/// When it cannot be read, or is no list of claims.
pub fn read(file: Option<&Path>, verdicts: &[Verdict]) -> Result<Expectations, Failure> {
    let Some(file) = file else { return Ok(Expectations::default()) };
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display())).means(Exit::BadInput)?;
    let wrong = || {
        format!(
            "{} does not say what is expected: write lists of claims, such as `supported = [\"gil-threads\"]`; the others are `refuted`, `inconclusive` and `not_testable`",
            file.display()
        )
    };
    let expected = Expectations::parse(&text).with_context(wrong).means(Exit::BadInput)?;
    let known = |id: &str| verdicts.iter().any(|verdict| verdict.claim.as_str() == id);
    let unknown: Vec<&str> =
        expected.claims().into_iter().map(model::names::ClaimId::as_str).filter(|id| !known(id)).collect();
    if !unknown.is_empty() {
        print::note(&format!("{}: not in this run: {}", file.display(), unknown.join(", ")));
    }
    Ok(expected)
}

/// Each verdict that is not the expected one, in words.
#[must_use]
pub fn differences(expected: &Expectations, verdicts: &[Verdict]) -> Vec<String> {
    let of_verdict = |verdict: &Verdict| Some(format!("{} was {}", verdict.claim, expected.difference(verdict)?));
    verdicts.iter().filter_map(of_verdict).collect()
}
