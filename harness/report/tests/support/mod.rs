//! The canonical small run: every outcome, failed trials, missing blocks, no estimate; made without clock or chance.

pub(crate) mod analysis;
pub(crate) mod definitions;
pub(crate) mod record;
pub(crate) mod verdicts;

use model::analysis::Analysis;
use model::record::RunRecord;
use model::verdict::Verdict;

/// The canonical run.
pub(crate) struct Canonical {
    pub(crate) record: RunRecord,
    pub(crate) analysis: Analysis,
    pub(crate) verdicts: Vec<Verdict>,
}

/// Makes the canonical run.
pub(crate) fn canonical() -> Canonical {
    let record = record::record();
    let analysis = analysis::analysis(&record);
    let verdicts = verdicts::verdicts(&record, &analysis);
    Canonical { record, analysis, verdicts }
}

impl Canonical {
    /// Everything it has to show.
    pub(crate) fn render(&self) -> Vec<report::Artifact> {
        report::render(&self.record, &self.analysis, &self.verdicts)
    }
}
