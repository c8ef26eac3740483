//! The charts: one file each, and the list of all.

mod attack_matrix;
mod block_pairs;
mod bystanders;
mod connections_over_time;
mod cpu_per_million;
mod effect_forest;
mod event_gaps;
mod fan_out;
mod latency_by_rate;
mod latency_ecdf;
mod latency_heat;
mod latency_over_time;
mod memory_over_time;
mod metric_by_level;
mod quantile_lines;
mod response_time_quantiles;
mod scaling_law;
mod trend;

use model::names::{ClaimId, WorkloadName};

pub(crate) use effect_forest::{Bar, bar_axis, bar_strip, ratio_axis, strip};

use crate::artifact::Artifact;
use crate::draw::svg::Drawing;
use crate::joined::Run;

/// A kind of chart.
trait Chart {
    /// Draws what a run has for it; nothing where the data is missing, which the pages then say.
    fn draw(&self, run: &Run<'_>) -> Vec<Figure>;
}

/// All charts, in the order in which a page shows them.
const CHARTS: &[&dyn Chart] = &[
    &effect_forest::EffectForest,
    &block_pairs::BlockPairs,
    &metric_by_level::MetricByLevel,
    &latency_by_rate::LatencyByRate,
    &response_time_quantiles::ResponseTimeQuantiles,
    &latency_ecdf::LatencyEcdf,
    &bystanders::Bystanders,
    &fan_out::FanOut,
    &event_gaps::EventGaps,
    &connections_over_time::ConnectionsOverTime,
    &attack_matrix::AttackMatrix,
    &latency_heat::LatencyHeat,
    &latency_over_time::LatencyOverTime,
    &memory_over_time::MemoryOverTime,
    &cpu_per_million::CpuPerMillion,
];

/// A drawn chart and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) place: Place,
    pub(crate) drawing: Drawing,
}

/// The page that shows a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Index,
    Claim(ClaimId),
    Workload(WorkloadName),
    Trends,
}

impl Figure {
    /// The file's path under the site's root.
    pub(crate) fn path(&self) -> String {
        format!("charts/{}.svg", self.drawing.name)
    }

    pub(crate) fn artifact(&self) -> Artifact {
        Artifact::text(self.path(), "image/svg+xml", self.drawing.standalone())
    }
}

/// Draws all charts of a run.
pub(crate) fn draw_all(run: &Run<'_>) -> Vec<Figure> {
    let trends = run.trends.iter().enumerate().map(|(number, found)| trend::figure(number + 1, found));
    CHARTS.iter().flat_map(|chart| chart.draw(run)).chain(trends).collect()
}
