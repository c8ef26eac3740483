//! The charts: one file each, and the list of all.

mod block_pairs;
mod effect_forest;
mod latency_over_time;
mod response_time_quantiles;
mod throughput_by_level;

use model::names::ClaimId;

pub(crate) use effect_forest::{ratio_axis, strip};

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
    &response_time_quantiles::ResponseTimeQuantiles,
    &throughput_by_level::ThroughputByLevel,
    &block_pairs::BlockPairs,
    &latency_over_time::LatencyOverTime,
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
    CHARTS.iter().flat_map(|chart| chart.draw(run)).collect()
}
