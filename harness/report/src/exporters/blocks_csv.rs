//! `blocks.csv`: for each claim and block the number of either arm, one row each; a missing one with its reason. `at_most`
//! is the number itself where that is exact, and greater or `open` where requests were still unanswered.

use model::plan::ArmId;

use crate::exporters::Exporter;
use crate::exporters::csv::row;
use crate::joined::{ClaimView, Run};

pub(crate) struct BlocksCsv;

const COLUMNS: [&str; 9] = ["claim", "workload", "metric", "block", "role", "arm", "value", "at_most", "missing"];

impl Exporter for BlocksCsv {
    fn path(&self) -> &'static str {
        "blocks.csv"
    }

    fn media_type(&self) -> &'static str {
        "text/csv"
    }

    fn export(&self, run: &Run<'_>) -> String {
        let rows: String = run.claims.iter().map(rows).collect();
        row(COLUMNS) + &rows
    }
}

fn rows(claim: &ClaimView<'_>) -> String {
    let (Some(design), Some(comparison)) = (claim.design, claim.comparison) else { return String::new() };
    let workload = design.experiment.workload.name.as_str();
    let metric = design.planned.claim.metric.in_words();
    let line = |block: u32, role: &str, arm: &str, [value, at_most, missing]: [&str; 3]| {
        let block = (block + 1).to_string();
        row([claim.verdict.claim.as_str(), workload, &metric, &block, role, arm, value, at_most, missing])
    };
    let known = |block: u32, role: &str, arm: &ArmId, value: f64, at_most: Option<f64>| {
        let at_most = at_most.map_or_else(|| "open".to_owned(), |bound| bound.to_string());
        line(block, role, &arm.0, [&value.to_string(), &at_most, ""])
    };
    let planned = design.planned;
    let pairs = comparison.pairs.iter().map(|pair| {
        known(pair.block, "baseline", &planned.baseline, pair.baseline, pair.baseline_at_most)
            + &known(pair.block, "treatment", &planned.treatment, pair.treatment, pair.treatment_at_most)
    });
    let missing = comparison.missing.iter().map(|gap| line(gap.block, "", "", ["", "", &gap.reason]));
    pairs.chain(missing).collect()
}
