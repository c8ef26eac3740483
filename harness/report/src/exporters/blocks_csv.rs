//! `blocks.csv`: for each claim and block the number of either arm, one row each; a missing one with its reason.

use crate::exporters::Exporter;
use crate::exporters::csv::row;
use crate::joined::{ClaimView, Run};

pub(crate) struct BlocksCsv;

const COLUMNS: [&str; 8] = ["claim", "workload", "metric", "block", "role", "arm", "value", "missing"];

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
    let line = |block: u32, role: &str, arm: &str, value: &str, missing: &str| {
        let block = (block + 1).to_string();
        row([claim.verdict.claim.as_str(), workload, &metric, &block, role, arm, value, missing])
    };
    let (baseline, treatment) = (&design.planned.baseline.0, &design.planned.treatment.0);
    let pairs = comparison.pairs.iter().map(|pair| {
        line(pair.block, "baseline", baseline, &pair.baseline.to_string(), "")
            + &line(pair.block, "treatment", treatment, &pair.treatment.to_string(), "")
    });
    let missing = comparison.missing.iter().map(|gap| line(gap.block, "", "", "", &gap.reason));
    pairs.chain(missing).collect()
}
