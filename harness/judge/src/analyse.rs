//! From a run record to its analysis: every arm described, every claim's arms compared.

use model::analysis::{Analysis, ExperimentAnalysis};
use model::record::RunRecord;

use crate::arms::describe;
use crate::comparison::{Scene, compare};
use crate::design::blocks;
use crate::runs::Runs;

/// Analyses a record. It may be of a run that was cut off or is still going on: what is not there is missing, with the reason.
#[must_use]
pub fn analyse(record: &RunRecord) -> Analysis {
    let runs = Runs::of(record);
    let experiments = record.header.plan.experiments.iter().enumerate();
    let analysed = experiments.map(|(index, experiment)| {
        let scene = Scene { record, runs: &runs, index, experiment, blocks: blocks(record, index) };
        ExperimentAnalysis {
            arms: experiment.arms.iter().map(|arm| describe(&scene, arm)).collect(),
            comparisons: experiment.claims.iter().map(|planned| compare(&scene, planned)).collect(),
        }
    });
    Analysis { experiments: analysed.collect() }
}
