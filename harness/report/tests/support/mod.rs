//! The canonical small run: every outcome, failed trials, missing blocks, no estimate; made without clock or chance.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod analysis;
pub mod definitions;
pub mod record;
pub mod verdicts;

use model::analysis::Analysis;
use model::record::RunRecord;
use model::verdict::Verdict;

/// The canonical run.
pub struct Canonical {
    pub record: RunRecord,
    pub analysis: Analysis,
    pub verdicts: Vec<Verdict>,
}

/// Makes the canonical run.
pub fn canonical() -> Canonical {
    let record = record::record();
    let analysis = analysis::analysis(&record);
    let verdicts = verdicts::verdicts(&record, &analysis);
    Canonical { record, analysis, verdicts }
}

impl Canonical {
    /// Everything it has to show.
    pub fn render(&self) -> Vec<report::Artifact> {
        report::render(&self.record, &self.analysis, &self.verdicts)
    }
}
