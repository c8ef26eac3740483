//! `bencher.json`: the Bencher Metric Format (bencher.dev/docs/reference/bencher-metric-format), with bounds: effects with their
//! intervals by claim, and the numbers of every arm with their least and greatest block. Measures are named by slugs.

use serde_json::{Map, Value, json};

use crate::exporters::Exporter;
use crate::exporters::measures::measures;
use crate::joined::Run;

pub(crate) struct BencherJson;

impl Exporter for BencherJson {
    fn path(&self) -> &'static str {
        "bencher.json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn export(&self, run: &Run<'_>) -> String {
        let mut benchmarks: Map<String, Value> = Map::new();
        let mut put = |name: &str, what: &str, value: f64, low: Option<f64>, high: Option<f64>| {
            if !value.is_finite() {
                return;
            }
            let mut metric = Map::from_iter([("value".to_owned(), json!(value))]);
            let bounds = [("lower_value", low), ("upper_value", high)];
            let known =
                bounds.into_iter().filter_map(|(name, bound)| Some((name, bound.filter(|bound| bound.is_finite())?)));
            metric.extend(known.map(|(name, bound)| (name.to_owned(), json!(bound))));
            let of_benchmark = benchmarks.entry(name).or_insert_with(|| json!({}));
            if let Some(of_benchmark) = of_benchmark.as_object_mut() {
                of_benchmark.insert(what.replace('.', "-"), Value::Object(metric));
            }
        };
        for verdict in run.verdicts {
            if let Some(effect) = verdict.effect {
                put(&format!("claim/{}", verdict.claim), "effect-ratio", effect, verdict.low, verdict.high);
            }
        }
        for measure in measures(run) {
            let spread = measure.spread;
            put(&measure.name, &measure.what, spread.median, Some(spread.min), Some(spread.max));
        }
        format!("{:#}\n", Value::Object(benchmarks))
    }
}
