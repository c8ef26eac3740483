//! `arms.csv`: every number of every arm over the blocks, as median, least and greatest.

use model::analysis::{ArmAnalysis, Spread, StreamAnalysis};
use model::plan::Experiment;

use crate::exporters::Exporter;
use crate::exporters::csv::row;
use crate::joined::Run;

pub(crate) struct ArmsCsv;

const COLUMNS: [&str; 8] = ["workload", "arm", "stream", "number", "median", "min", "max", "blocks"];

impl Exporter for ArmsCsv {
    fn path(&self) -> &'static str {
        "arms.csv"
    }

    fn media_type(&self) -> &'static str {
        "text/csv"
    }

    fn export(&self, run: &Run<'_>) -> String {
        let experiments = run.record.header.plan.experiments.iter().zip(&run.analysis.experiments);
        let arms = experiments.flat_map(|(experiment, found)| found.arms.iter().map(move |arm| (experiment, arm)));
        row(COLUMNS) + &arms.map(|(experiment, arm)| rows(experiment, arm)).collect::<String>()
    }
}

fn rows(experiment: &Experiment, arm: &ArmAnalysis) -> String {
    let line = |stream: &str, number: &str, spread: Option<Spread>| {
        let shown = spread.map(|s| [s.median.to_string(), s.min.to_string(), s.max.to_string(), s.blocks.to_string()]);
        let [median, min, max, blocks] = shown.unwrap_or_default();
        row([experiment.workload.name.as_str(), &arm.arm.0, stream, number, &median, &min, &max, &blocks])
    };
    let own = line("", "cores used", arm.cores_used)
        + &line("", "peak memory (MiB)", arm.rss_mib)
        + &line("", "greatest rate within the objective (requests/s)", arm.capacity_per_s);
    let of_stream = |stream: &StreamAnalysis| {
        let name = stream.stream.as_str();
        let quantiles = stream.response_time.iter().map(|point| {
            let spread =
                Spread { median: point.median_us, min: point.min_us, max: point.max_us, blocks: arm_blocks(stream) };
            line(name, &format!("response time at quantile {} (µs)", point.quantile), Some(spread))
        });
        line(name, "throughput (right answers/s)", stream.throughput_per_s) + &quantiles.collect::<String>()
    };
    own + &arm.streams.iter().map(of_stream).collect::<String>()
}

fn arm_blocks(stream: &StreamAnalysis) -> u32 {
    stream.throughput_per_s.map_or(0, |spread| spread.blocks)
}
