//! `benchmark-bigger.json` and `benchmark-smaller.json`: what github-action-benchmark reads as `customBiggerIsBetter` and
//! `customSmallerIsBetter` (its README): an array of names, units, values and ranges.

use serde_json::{Value, json};

use crate::exporters::Exporter;
use crate::exporters::measures::{Better, measures};
use crate::joined::Run;

pub(crate) struct ActionBenchmark {
    pub(crate) better: Better,
}

impl Exporter for ActionBenchmark {
    fn path(&self) -> &'static str {
        match self.better {
            Better::Bigger => "benchmark-bigger.json",
            Better::Smaller => "benchmark-smaller.json",
        }
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn export(&self, run: &Run<'_>) -> String {
        let own = measures(run).into_iter().filter(|measure| measure.better == self.better);
        let entries = own.map(|measure| {
            let spread = measure.spread;
            json!({
                "name": format!("{} {}", measure.name, measure.what),
                "unit": measure.unit,
                "value": spread.median,
                "range": format!("{} to {}", spread.min, spread.max),
                "extra": format!("median of {} blocks, with the least and the greatest", spread.blocks),
            })
        });
        format!("{:#}\n", Value::Array(entries.collect()))
    }
}
