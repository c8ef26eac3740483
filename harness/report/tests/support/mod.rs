//! The canonical small run: every outcome, failed trials, missing blocks, no estimate; made without clock or chance.

pub(crate) mod analysis;
pub(crate) mod definitions;
pub(crate) mod record;
pub(crate) mod verdicts;

use model::analysis::Analysis;
use model::expect::Expectations;
use model::history::{Trend, TrendLevel, TrendPoint};
use model::record::RunRecord;
use model::verdict::Verdict;

/// The canonical run.
pub(crate) struct Canonical {
    pub(crate) record: RunRecord,
    pub(crate) analysis: Analysis,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) trends: Vec<Trend>,
    pub(crate) expected: Expectations,
}

/// Makes the canonical run.
pub(crate) fn canonical() -> Canonical {
    let record = record::record();
    let analysis = analysis::analysis(&record);
    let verdicts = verdicts::verdicts(&record, &analysis);
    let trends = trends(&verdicts);
    Canonical { record, analysis, verdicts, trends, expected: Expectations::default() }
}

/// Eight runs of one claim on one machine, whose level changed with the sixth.
fn trends(verdicts: &[Verdict]) -> Vec<Trend> {
    let found = verdicts.iter().find(|verdict| verdict.claim.as_str() == "gil-threads").expect("a verdict");
    let effect = |run: usize| if run < 5 { 1.0 } else { 1.3 } * record::noise(run);
    let point = |run: usize| TrendPoint {
        began: format!("2026-11-{:02}T02:00:00Z", run + 1),
        commit: Some(format!("{run:07x}")),
        verdict: found.outcome,
        effect: effect(run),
        low: Some(effect(run) / 1.1),
        high: Some(effect(run) * 1.1),
    };
    vec![Trend {
        machine: "2 × Example EP-7 at 2.6 GHz (virtual)".to_owned(),
        claim: found.claim.clone(),
        points: (0..8).map(point).collect(),
        levels: vec![TrendLevel { first: 0, effect: 1.0 }, TrendLevel { first: 5, effect: 1.3 }],
    }]
}

impl Canonical {
    /// Everything it has to show.
    pub(crate) fn render(&self) -> Vec<report::Artifact> {
        let prices = report::Prices::REFERENCE;
        report::render(&self.record, &self.analysis, &self.verdicts, &self.trends, &self.expected, prices)
    }
}
