//! The numbers of every arm as other tools want them: a name that stays the same from run to run, a value with its least and
//! greatest block, a unit, and which way is better.

use model::analysis::{ArmAnalysis, Spread};
use model::plan::Experiment;

use crate::joined::Run;

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Bigger,
    Smaller,
}

/// One number of an arm.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    /// `workload/arm/stream`, or `workload/arm` where it is the arm's.
    pub(crate) name: String,
    /// What was measured: `throughput`, `response-time-p99`, …
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    pub(crate) spread: Spread,
    pub(crate) better: Better,
}

/// The quantiles that are handed on.
const QUANTILES: [(f64, &str); 3] = [(0.5, "p50"), (0.99, "p99"), (0.999, "p99.9")];

/// All numbers of all arms, without those that are not finite.
pub(crate) fn measures(run: &Run<'_>) -> Vec<Measure> {
    let experiments = run.record.header.plan.experiments.iter().zip(&run.analysis.experiments);
    experiments
        .flat_map(|(experiment, found)| found.arms.iter().flat_map(move |arm| of_arm(experiment, arm)))
        .filter(|measure| [measure.spread.median, measure.spread.min, measure.spread.max].iter().all(|v| v.is_finite()))
        .collect()
}

fn of_arm(experiment: &Experiment, arm: &ArmAnalysis) -> Vec<Measure> {
    let name = format!("{}/{}", experiment.workload.name, arm.arm);
    let measure = |name: &str, what: &str, unit, better, spread: Option<Spread>| {
        spread.map(|spread| Measure { name: name.to_owned(), what: what.to_owned(), unit, spread, better })
    };
    let own = [
        measure(&name, "capacity", "requests/s", Better::Bigger, arm.capacity_per_s),
        measure(&name, "peak-memory", "MiB", Better::Smaller, arm.rss_mib),
        measure(&name, "cpu-per-request", "µs", Better::Smaller, arm.cpu_us_per_request),
    ];
    let mut all: Vec<Measure> = own.into_iter().flatten().collect();
    for stream in &arm.streams {
        let name = format!("{name}/{}", stream.stream);
        all.extend(measure(&name, "throughput", "answers/s", Better::Bigger, stream.throughput_per_s));
        let blocks = stream.throughput_per_s.map_or(0, |spread| spread.blocks);
        for (quantile, label) in QUANTILES {
            let point = stream.response_time.iter().find(|point| (point.quantile - quantile).abs() < 1e-9);
            let spread = point.map(|p| Spread { median: p.median_us, min: p.min_us, max: p.max_us, blocks });
            all.extend(measure(&name, &format!("response-time-{label}"), "µs", Better::Smaller, spread));
        }
    }
    all
}
