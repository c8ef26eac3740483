//! Distributions as lines by quantile on a log-of-nines axis: thick over all blocks, thin for each. What the charts of deliveries,
//! of event gaps and of bystanders share; no chart of its own.

use crate::distribution::Distribution;
use crate::draw::axis::{Axis, Scale};
use crate::draw::canvas::{Canvas, Line};
use crate::draw::ink::Dash;
use crate::draw::pen::Pen;
use crate::draw::sheet::{Frame, Panel};
use crate::words;

/// The quantiles written on the axis; the median is marked on the lines but has no room there.
const WRITTEN: [(f64, &str); 5] = [(0.0, "0 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %")];
/// A quantile is drawn where so many values lie beyond it: the rule of method.md (1,000 for p99, 10,000 for p99.9).
const BEYOND: f64 = 10.0;
/// Room at the right for half of the last quantile's label.
pub(super) const RIGHT: f64 = 22.0;
/// Points of a line: more would be closer together than it is wide.
const POINTS: u32 = 90;

/// The times of one arm.
pub(super) struct Lines {
    pub(super) pen: Pen,
    /// What tells it from the other lines, for the values that are shown when it is pointed at.
    pub(super) short: String,
    blocks: Vec<Distribution>,
    pub(super) pooled: Distribution,
}

impl Lines {
    /// From the recorded text of each block; nothing where none holds a value. Damaged ones are left out.
    pub(super) fn of<'t>(pen: Pen, short: String, texts: impl IntoIterator<Item = &'t str>) -> Option<Self> {
        let blocks: Vec<Distribution> = texts.into_iter().filter_map(Distribution::decode).collect();
        let pooled = Distribution::pooled(&blocks);
        (pooled.count() > 0).then_some(Self { pen, short, blocks, pooled })
    }

    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    pub(super) fn said(&self, share: f64) -> String {
        self.pooled.micros_at(share).map_or_else(|| "unknown".to_owned(), words::micros)
    }
}

/// The axes of one panel for several lines, and how many µs the unit of the upright one has. `marks_us` are values that must be on it.
pub(super) fn frame(lines: &[&Lines], what: &str, of: &str, marks_us: &[f64], height: f64) -> (Frame, f64) {
    let last = lines.iter().map(|lines| deepest(&lines.pooled)).fold(0.9, f64::max);
    let ends = lines.iter().flat_map(|lines| [lines.pooled.micros_at(0.0), lines.pooled.micros_at(last)]).flatten();
    let values: Vec<f64> = ends.chain(marks_us.iter().copied()).collect();
    let greatest = values.iter().copied().fold(0.0, f64::max);
    let (unit_us, unit) = if greatest >= 2_000.0 { (1e3, "ms") } else { (1.0, "µs") };
    let ticks = WRITTEN.iter().filter(|(share, _)| *share <= last).map(|(at, label)| (*at, (*label).to_owned()));
    let x = Axis {
        title: format!("Share of {of} of at most this time"),
        scale: Scale::Nines,
        min: 0.0,
        max: last,
        ticks: ticks.collect(),
    };
    let y = Axis::log(format!("{what} ({unit}, log scale)"), values.into_iter().map(|us| us / unit_us), 2.0);
    (Frame { x, y, height, right: RIGHT }, unit_us)
}

/// The greatest written quantile beyond which enough values lie.
fn deepest(times: &Distribution) -> f64 {
    let enough = |share: &f64| times.count() as f64 * (1.0 - share) >= BEYOND - 1e-6;
    WRITTEN.iter().map(|(share, _)| *share).filter(enough).fold(0.5, f64::max)
}

/// Draws the lines of one arm.
pub(super) fn draw(canvas: &Canvas<'_>, panel: &Panel, lines: &Lines, unit_us: f64) {
    let thin = Line { ink: lines.pen.ink, dash: Dash::Solid, width: 0.5 };
    lines.blocks.iter().for_each(|block| canvas.line(points(panel, block, unit_us), thin));
    canvas.line(points(panel, &lines.pooled, unit_us), lines.pen.line(2.2));
    let last = deepest(&lines.pooled);
    for share in WRITTEN.iter().map(|(share, _)| *share).chain([0.5]).filter(|share| *share <= last) {
        let Some(us) = lines.pooled.micros_at(share) else { continue };
        let at = panel.at(share, us / unit_us);
        lines.pen.mark(canvas, at);
        canvas.spot(at, format!("{}: {} within {}", lines.short, words::share(share), words::micros(us)));
    }
}

/// Draws the line over all blocks alone, as a reference beside another.
pub(super) fn draw_plain(canvas: &Canvas<'_>, panel: &Panel, lines: &Lines, unit_us: f64) {
    canvas.line(points(panel, &lines.pooled, unit_us), lines.pen.line(1.8));
    if let Some(us) = lines.pooled.micros_at(0.5) {
        let said = format!("{}: {} within {}", lines.short, words::share(0.5), words::micros(us));
        canvas.spot(panel.at(0.5, us / unit_us), said);
    }
}

/// A line through a distribution as far as it has enough values, its points evenly far apart on the axis.
fn points(panel: &Panel, times: &Distribution, unit_us: f64) -> Vec<(f64, f64)> {
    let nines = -(1.0 - deepest(times)).log10();
    let at = |place: u32| {
        let share = 1.0 - 10f64.powf(-nines * f64::from(place) / f64::from(POINTS));
        Some(panel.at(share, times.micros_at(share)? / unit_us))
    };
    (0..=POINTS).filter_map(at).collect()
}
