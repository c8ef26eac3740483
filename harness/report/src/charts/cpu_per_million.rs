//! What a million requests cost each arm of a claim in CPU-seconds: median over the blocks, with the least and the greatest.
//! Only where one stream alone loads the server, so that all its CPU is that stream's.

use model::analysis::Spread;

use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::{Axis, Scale};
use crate::draw::canvas::{Canvas, Face, Line};
use crate::draw::ink::Ink;
use crate::draw::pen::{Series, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign, TEXT};
use crate::draw::text::cut;
use crate::facts;
use crate::joined::{ClaimView, Run};
use crate::words;

pub(crate) struct CpuPerMillion;

/// Height of one arm's row.
const ROW: f64 = 40.0;

struct Cost<'a> {
    series: Series<'a>,
    /// µs of CPU a request: the same number as seconds of CPU a million.
    spent: Spread,
}

impl Chart for CpuPerMillion {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref().filter(|design| design.experiment.workload.streams.len() == 1)?;
    let costs: Vec<Cost<'_>> = series(&run.record.header.servers, &design.arms())
        .into_iter()
        .filter_map(|series| Some(Cost { spent: claim.arm_analysis(&series.arm.id)?.cpu_us_per_request?, series }))
        .collect();
    if costs.is_empty() {
        return None;
    }
    let height = costs.len() as f64 * ROW;
    let none = Axis { title: String::new(), scale: Scale::Linear, min: 0.0, max: height, ticks: Vec::new() };
    let x = Axis::from_zero("CPU-seconds a million right answers (s)", costs.iter().map(|cost| cost.spent.max));
    let sheet = Sheet {
        name: format!("{}-cpu-per-million", claim.verdict.claim),
        title: format!("CPU for a million requests: {}", design.experiment.workload.title),
        finding: costs.iter().map(finding).collect::<Vec<_>>().join(" "),
        subtitle: format!(
            "{} All processes of the server; points: median over blocks; bars: least to greatest.",
            facts::load(design)
        ),
        legend: vec![Entry {
            sign: Sign::Line(Line::solid(Ink::Text, 1.6)),
            text: "least to greatest block".to_owned(),
        }],
        panels: vec![Frame { x, y: none, height, right: 8.0 }],
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        costs.iter().enumerate().for_each(|(place, cost)| draw(canvas, panel, place, cost));
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

fn draw(canvas: &Canvas<'_>, panel: &Panel, place: usize, cost: &Cost<'_>) {
    let (pen, spent) = (cost.series.pen, cost.spent);
    let top = panel.top + place as f64 * ROW;
    let y = top + 28.0;
    let label = cut(&cost.series.arm.label, TEXT, panel.right - panel.left);
    canvas.text((panel.left, top + 11.0), &label, Face::plain(TEXT, Ink::Text));
    canvas.line([(panel.left, y), (panel.right, y)], Line::solid(Ink::Grid, 1.0));
    canvas.line([(panel.x(spent.min), y), (panel.x(spent.max), y)], Line::solid(pen.ink, 2.0));
    let at = (panel.x(spent.median), y);
    pen.mark(canvas, at);
    canvas.spot(at, finding(cost));
}

fn finding(cost: &Cost<'_>) -> String {
    let [median, min, max] = [cost.spent.median, cost.spent.min, cost.spent.max].map(words::number);
    format!("{}: {median} CPU-seconds a million ({min} to {max}).", cost.series.arm.label)
}
