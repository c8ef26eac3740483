//! The effects of all claims with their intervals on one log axis, the decision region shaded in each row; as one chart
//! for the index, as one row for each claim's page, and as a strip for the ledger.

use model::verdict::{Outcome, RegionBounds, Verdict};

use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::{Axis, Scale};
use crate::draw::canvas::{Canvas, Face, Line, draw};
use crate::draw::ink::{Dash, Ink};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign, TEXT};
use crate::draw::svg::Drawing;
use crate::facts;
use crate::joined::{ClaimView, Run};
use crate::words;

pub(crate) struct EffectForest;

/// Height of one claim's row.
const ROW: f64 = 50.0;
/// Width and height of a strip.
const STRIP: (f64, f64) = (300.0, 44.0);

impl Chart for EffectForest {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        let rows: Vec<&Verdict> =
            run.verdicts.iter().filter(|verdict| verdict.outcome != Outcome::NotTestable).collect();
        let index = (!rows.is_empty()).then(|| Figure { place: Place::Index, drawing: overview(run, &rows) });
        index.into_iter().chain(run.claims.iter().filter_map(|claim| own_row(run, claim))).collect()
    }
}

fn overview(run: &Run<'_>, rows: &[&Verdict]) -> Drawing {
    let left_out = run.verdicts.len() - rows.len();
    let mut caption = vec![facts::versions(run, &run.claims), format!("{}.", run.record.header.machine.in_words())];
    if left_out > 0 {
        caption
            .push(format!("Not shown: {left_out} of {} claims, which could not be tested here.", run.verdicts.len()));
    }
    let floors = run.record.calibrations.iter().map(|found| {
        let layout = if found.server_cores == 1 {
            "1 server core".to_owned()
        } else {
            format!("{} server cores", found.server_cores)
        };
        format!("{} with {layout}", words::micros(found.floor_us_p50))
    });
    let floors: Vec<String> = floors.collect();
    if !floors.is_empty() {
        caption.push(format!("Generator's floor (p50): {}.", floors.join(", ")));
    }
    let sheet = sheet(
        "effects".to_owned(),
        "Effects of all tested claims".to_owned(),
        "Each row: treatment over baseline, on the metric and the servers of its claim.".to_owned(),
        rows,
        caption,
    );
    paint(sheet, rows)
}

fn own_row(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    claim.verdict.effect?;
    let metric = words::metric_name(&design.planned.claim.metric);
    let label = |id| design.arm(id).map_or_else(|| "unknown".to_owned(), |arm| arm.label.clone());
    let (treatment, baseline) = (label(&design.planned.treatment), label(&design.planned.baseline));
    let rows = [claim.verdict];
    let sheet = sheet(
        format!("{}-effect", claim.verdict.claim),
        format!("Effect on {metric}: {treatment}, over {baseline}"),
        facts::workload(design),
        &rows,
        facts::caption(run, claim),
    );
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing: paint(sheet, &rows) })
}

fn sheet(name: String, title: String, subtitle: String, rows: &[&Verdict], caption: Vec<String>) -> Sheet {
    let height = rows.len() as f64 * ROW;
    let none = Axis { title: String::new(), scale: Scale::Linear, min: 0.0, max: height, ticks: Vec::new() };
    let finding = rows.iter().map(|verdict| in_words(verdict)).collect::<Vec<_>>().join(" ");
    let axis = ratio_axis(rows, "Ratio treatment / baseline (log scale)");
    Sheet {
        name,
        title,
        finding,
        subtitle,
        legend: vec![
            Entry { sign: Sign::Band(Ink::Region), text: "where the claim holds".to_owned() },
            Entry { sign: Sign::Line(Line::solid(Ink::Text, 2.4)), text: "estimate with its interval".to_owned() },
        ],
        panels: vec![Frame { x: axis, y: none, height, right: 6.0 }],
        caption,
    }
}

fn paint(sheet: Sheet, rows: &[&Verdict]) -> Drawing {
    sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        for (number, verdict) in rows.iter().enumerate() {
            let top = panel.top + number as f64 * ROW;
            let face = Face::plain(TEXT, Ink::Outcome(verdict.outcome)).bold();
            let name = format!("{} {}", words::symbol(verdict.outcome), verdict.claim);
            canvas.text((panel.left, top + 12.0), &name, face);
            let effect = verdict.effect.map_or_else(|| "no estimate".to_owned(), short_effect(verdict));
            canvas.text((panel.right, top + 12.0), &effect, Face::plain(TEXT, Ink::Text).to_the_left());
            row(canvas, panel, Bar::of(verdict), top + 34.0, 9.0);
        }
    })
}

fn short_effect(verdict: &Verdict) -> impl Fn(f64) -> String {
    move |effect| match (verdict.low, verdict.high) {
        (Some(low), Some(high)) => {
            format!("{} ({} to {})", words::number(effect), words::number(low), words::number(high))
        }
        _ => words::number(effect),
    }
}

/// The axis on which the ratios of verdicts lie.
pub(crate) fn ratio_axis(rows: &[&Verdict], title: &str) -> Axis {
    let bars: Vec<Bar> = rows.iter().map(|verdict| Bar::of(verdict)).collect();
    bar_axis(&bars, title)
}

/// The axis on which the ratios of bars lie.
pub(crate) fn bar_axis(bars: &[Bar], title: &str) -> Axis {
    Axis::log(title, bars.iter().flat_map(Bar::ratios).chain([1.0]), 2.5)
}

/// An estimate with its interval, over the region that it is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bar {
    pub(crate) effect: Option<f64>,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) region: RegionBounds,
    pub(crate) ink: Ink,
}

impl Bar {
    fn of(verdict: &Verdict) -> Self {
        let &Verdict { effect, low, high, region, outcome, .. } = verdict;
        Self { effect, low, high, region, ink: Ink::Outcome(outcome) }
    }

    /// All ratios of the bar.
    fn ratios(&self) -> impl Iterator<Item = f64> {
        [self.effect, self.low, self.high, self.region.above, self.region.below].into_iter().flatten()
    }
}

/// One interval over its shaded region.
fn row(canvas: &Canvas<'_>, panel: &Panel, bar: Bar, middle: f64, half: f64) {
    let (from, to) = (panel.left, panel.right);
    canvas.line([(from, middle), (to, middle)], Line::solid(Ink::Grid, 1.0));
    let (region, ink) = (bar.region, bar.ink);
    if region.above.is_some() || region.below.is_some() {
        let left = region.above.map_or(from, |ratio| panel.x(ratio));
        let right = region.below.map_or(to, |ratio| panel.x(ratio));
        canvas.block((left, middle - half), (right, middle + half), Ink::Region);
        let border = Line::dashed(Ink::Reference, 1.2);
        let borders = region.above.map(|_| left).into_iter().chain(region.below.map(|_| right));
        borders.for_each(|x| canvas.line([(x, middle - half - 2.0), (x, middle + half + 2.0)], border));
    }
    let one = panel.x(1.0);
    canvas.line([(one, middle - half - 4.0), (one, middle + half + 4.0)], Line::solid(Ink::Reference, 1.2));
    if let (Some(low), Some(high)) = (bar.low, bar.high) {
        let (low, high) = (panel.x(low), panel.x(high));
        canvas.line([(low, middle), (high, middle)], Line::solid(ink, 2.6));
        [low, high]
            .into_iter()
            .for_each(|x| canvas.line([(x, middle - 7.0), (x, middle + 7.0)], Line::solid(ink, 2.0)));
    }
    if let Some(effect) = bar.effect {
        let x = panel.x(effect);
        canvas.area([(x, middle - 4.5), (x + 3.5, middle), (x, middle + 4.5), (x - 3.5, middle)], ink, 1.0);
    }
}

fn in_words(verdict: &Verdict) -> String {
    let outcome = verdict.outcome.in_words();
    let effect = words::effect(verdict).unwrap_or_else(|| "no estimate".to_owned());
    format!("{}: {outcome}; {effect}; it holds {}.", verdict.claim, words::region(verdict.region))
}

/// A claim's row as a small plot of its own, on an axis that all strips of a ledger share.
pub(crate) fn strip(claim: &ClaimView<'_>, axis: &Axis) -> Option<Drawing> {
    let verdict = claim.verdict;
    let name = format!("{}-strip", verdict.claim);
    bar_strip(name, in_words(verdict), Bar::of(verdict), axis)
}

/// A bar as a small plot; nothing without an estimate.
pub(crate) fn bar_strip(name: String, finding: String, bar: Bar, axis: &Axis) -> Option<Drawing> {
    bar.effect?;
    let (width, height) = STRIP;
    let y = Axis { title: String::new(), scale: Scale::Linear, min: 0.0, max: 1.0, ticks: Vec::new() };
    let frame = Frame { x: axis.clone(), y, height, right: 0.0 };
    let panel = Panel { frame, left: 14.0, top: 2.0, right: width - 14.0, bottom: 24.0 };
    let painting = draw(STRIP, |canvas| {
        row(canvas, &panel, bar, 13.0, 9.0);
        let face = Face::plain(TEXT, Ink::Muted).centred();
        let line = Line { ink: Ink::Reference, dash: Dash::Solid, width: 1.0 };
        for (value, label) in &axis.ticks {
            let x = panel.x(*value);
            canvas.line([(x, 26.0), (x, 29.0)], line);
            canvas.text((x, 37.0), &format!("{label}×"), face);
        }
    });
    Some(Drawing { name, title: "Effect and decision region".to_owned(), finding, series: Vec::new(), painting })
}
