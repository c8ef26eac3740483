//! Files that `drive` writes beside what it prints.

use std::path::Path;

use anyhow::Context;
use load::hgrm::hgrm as text_of;
use load::run::Outcome;

/// Writes the response times of the run's stream, where that was asked for.
pub(super) fn hgrm(file: Option<&Path>, outcome: &Outcome) -> anyhow::Result<()> {
    let (Some(file), Some(stream)) = (file, outcome.streams.first()) else { return Ok(()) };
    std::fs::write(file, text_of(&stream.response_time)).with_context(|| format!("cannot write {}", file.display()))
}
