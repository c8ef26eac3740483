//! One comparison block by block: both arms' numbers side by side, so that a reader sees what the interval is made of.

use model::analysis::{Comparison, Pair};
use model::define::claim::Metric;

use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::Axis;
use crate::draw::canvas::{Canvas, Face, Line};
use crate::draw::ink::Ink;
use crate::draw::pen::{Series, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign, TEXT};
use crate::facts;
use crate::joined::{ClaimView, Run};
use crate::words;

pub(crate) struct BlockPairs;

impl Chart for BlockPairs {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let comparison = claim.comparison.filter(|comparison| !comparison.pairs.is_empty())?;
    let arms = series(&run.record.header.servers, &design.compared());
    let [baseline, treatment] = arms.as_slice() else { return None };
    let metric = &design.planned.claim.metric;
    let greatest = comparison.pairs.iter().flat_map(|pair| [pair.baseline, pair.treatment]).fold(0.0, f64::max);
    let (unit, title) = words::axis_unit(metric, greatest);
    let entry = |series: &Series<'_>, role: &str| Entry {
        sign: Sign::Pen(series.pen),
        text: format!("{role}: {}", series.arm.label),
    };
    let mut legend = vec![entry(baseline, "baseline"), entry(treatment, "treatment")];
    let exact = |value: f64, at_most: Option<f64>| at_most == Some(value);
    let is_open =
        |pair: &Pair| !exact(pair.baseline, pair.baseline_at_most) || !exact(pair.treatment, pair.treatment_at_most);
    if comparison.pairs.iter().any(is_open) {
        let text = "at least this: requests were still unanswered".to_owned();
        legend.push(Entry { sign: Sign::Line(Line::dashed(Ink::Reference, 1.6)), text });
    }
    if !comparison.missing.is_empty() {
        legend.push(Entry { sign: Sign::Text("✗"), text: "missing: one arm gave no number".to_owned() });
    }
    let sheet = Sheet {
        name: format!("{}-block-pairs", claim.verdict.claim),
        title: format!(
            "{} block by block: {}",
            words::capitalised(&words::metric_name(metric)),
            design.experiment.workload.title
        ),
        finding: finding(comparison),
        subtitle: facts::load(design),
        legend,
        panels: vec![frame(comparison, design.experiment.blocks, unit, title)],
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        draw_pairs(canvas, panel, (comparison, metric), unit, [baseline, treatment]);
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

fn frame(comparison: &Comparison, blocks: u32, unit: f64, title: String) -> Frame {
    let values = comparison.pairs.iter().flat_map(|pair| [pair.baseline / unit, pair.treatment / unit]);
    let y = Axis::log(format!("{title}, log scale"), values, 1.5);
    let last = comparison.pairs.iter().map(|pair| pair.block).chain(comparison.missing.iter().map(|gap| gap.block));
    let blocks = last.max().map_or(1, |last| last + 1).max(blocks);
    let mut x = Axis::between("Block, in the order in which they ran", 0.0, f64::from(blocks) + 1.0);
    x.ticks = (1..=blocks).map(|block| (f64::from(block), block.to_string())).collect();
    Frame { x, y, height: 190.0, right: 6.0 }
}

fn draw_pairs(
    canvas: &Canvas<'_>,
    panel: &Panel,
    (comparison, metric): (&Comparison, &Metric),
    unit: f64,
    arms: [&Series<'_>; 2],
) {
    const APART: f64 = 4.0;
    let at = |block: u32, value: f64| panel.at(f64::from(block) + 1.0, value / unit);
    for pair in &comparison.pairs {
        let (left, right) = (at(pair.block, pair.baseline), at(pair.block, pair.treatment));
        let (left, right) = ((left.0 - APART, left.1), (right.0 + APART, right.1));
        canvas.line([left, right], Line::solid(Ink::Reference, 1.2));
        let [baseline, treatment] = arms;
        let bounds = [(left, pair.baseline, pair.baseline_at_most), (right, pair.treatment, pair.treatment_at_most)];
        for (at, least, at_most) in bounds.into_iter().filter(|(_, least, at_most)| *at_most != Some(*least)) {
            let top = at_most.map_or(panel.top, |bound| panel.y(bound.max(least) / unit));
            canvas.line([at, (at.0, top)], Line::dashed(Ink::Reference, 1.6));
        }
        let said = |series: &Series<'_>, value, at_most| {
            format!("Block {}, {}: {}", pair.block + 1, series.short, words::bounded(metric, value, at_most))
        };
        canvas.series(0, || {
            baseline.pen.mark(canvas, left);
            canvas.spot(left, said(baseline, pair.baseline, pair.baseline_at_most));
        });
        canvas.series(1, || {
            treatment.pen.mark(canvas, right);
            canvas.spot(right, said(treatment, pair.treatment, pair.treatment_at_most));
        });
    }
    for gap in &comparison.missing {
        let x = panel.x(f64::from(gap.block) + 1.0);
        let face = Face::plain(TEXT, Ink::Text).bold().centred();
        canvas.text((x, panel.bottom - 9.0), "✗", face);
    }
}

fn finding(comparison: &Comparison) -> String {
    let above = comparison.pairs.iter().filter(|pair| pair.treatment > pair.baseline).count();
    let missing = match comparison.missing.len() {
        0 => String::new(),
        missing => format!(" {missing} blocks are missing."),
    };
    format!("The treatment is above the baseline in {above} of {} blocks.{missing}", comparison.pairs.len())
}
