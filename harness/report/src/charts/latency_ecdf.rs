//! The empirical distribution of response times: which share of the requests was answered by when, in each block and over all.
//! Drawn for open-loop load only, as [`super::response_time_quantiles`] is.

use model::define::workload::Load;

use crate::charts::{Chart, Figure, Place};
use crate::distribution::Distribution;
use crate::draw::axis::Axis;
use crate::draw::canvas::{Canvas, Line};
use crate::draw::ink::{Dash, Ink};
use crate::draw::pen::{Series, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Run};
use crate::words;

pub(crate) struct LatencyEcdf;

/// At most so many points a curve: more would be closer together than a line is wide.
const POINTS: usize = 160;

struct Curve<'a> {
    series: Series<'a>,
    blocks: &'a [(u32, Distribution)],
    pooled: Distribution,
}

impl Chart for LatencyEcdf {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let stream = design.stream().filter(|stream| matches!(stream.load, Load::Open(_)))?;
    let curves: Vec<Curve<'_>> = series(&run.record.header.servers, &design.compared())
        .into_iter()
        .map(|series| {
            let blocks = run.times.blocks(design.number, &series.arm.id, &stream.name);
            let pooled = Distribution::pooled(blocks.iter().map(|(_, one)| one));
            Curve { series, blocks, pooled }
        })
        .filter(|curve| curve.pooled.count() > 0)
        .collect();
    let (least, greatest) =
        curves.iter().filter_map(|curve| curve.pooled.ends()).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    let floor = design.compared().first().and_then(|arm| run.calibration(arm.cores)).map(|found| found.floor_us_p50);
    let (unit_us, unit) = if greatest >= 2_000_000 { (1e3, "ms") } else { (1.0, "µs") };
    let in_unit = |ns: u64| ns as f64 / 1e3 / unit_us;
    let x = Axis::log(
        format!("Response time ({unit}, log scale)"),
        [in_unit(least), in_unit(greatest)].into_iter().chain(floor.map(|us| us / unit_us)),
        4.0,
    );
    let y = Axis::between("Share of requests answered by then (%)", 0.0, 100.0);
    let floor_line = Line { ink: Ink::Reference, dash: Dash::Dotted, width: 1.6 };
    let mut legend: Vec<Entry> = curves
        .iter()
        .map(|curve| Entry { sign: Sign::Pen(curve.series.pen), text: curve.series.arm.label.clone() })
        .collect();
    if floor.is_some() {
        legend.push(Entry { sign: Sign::Line(floor_line), text: "the generator's floor, p50".to_owned() });
    }
    let sheet = Sheet {
        name: format!("{}-latency-ecdf", claim.verdict.claim),
        title: format!("Distribution of response times: {}", design.experiment.workload.title),
        finding: curves.iter().map(finding).collect::<Vec<_>>().join(" "),
        subtitle: format!("{} Thick: all requests of all blocks; thin: each block.", facts::load(design)),
        legend,
        panels: vec![Frame { x, y, height: 200.0, right: 8.0 }],
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        if let Some(us) = floor {
            let x = panel.x(us / unit_us);
            canvas.line([(x, panel.top), (x, panel.bottom)], floor_line);
        }
        for (place, curve) in curves.iter().enumerate() {
            canvas.series(place, || draw(canvas, panel, curve, unit_us));
        }
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

fn draw(canvas: &Canvas<'_>, panel: &Panel, curve: &Curve<'_>, unit_us: f64) {
    let pen = curve.series.pen;
    for (_, block) in curve.blocks {
        canvas.line(points(panel, block, unit_us), Line { ink: pen.ink, dash: Dash::Solid, width: 0.5 });
    }
    canvas.line(points(panel, &curve.pooled, unit_us), pen.line(2.2));
    for share in [0.25, 0.5, 0.75, 0.9, 0.99] {
        let Some(us) = curve.pooled.micros_at(share) else { continue };
        let at = panel.at(us / unit_us, share * 100.0);
        pen.mark(canvas, at);
        canvas.spot(at, format!("{}: {} within {}", curve.series.short, words::share(share), words::micros(us)));
    }
}

/// The steps of a distribution on a panel, thinned to what can be seen.
fn points(panel: &Panel, distribution: &Distribution, unit_us: f64) -> Vec<(f64, f64)> {
    let all = distribution.count() as f64;
    let steps: Vec<(f64, f64)> = distribution
        .steps()
        .map(|(edge, below)| panel.at(edge as f64 / 1e3 / unit_us, below as f64 / all * 100.0))
        .collect();
    let every = steps.len().div_ceil(POINTS).max(1);
    let last = steps.len().saturating_sub(1);
    let mut line = Vec::new();
    let mut height = panel.bottom;
    for (_, (x, y)) in steps.into_iter().enumerate().filter(|(place, _)| place.is_multiple_of(every) || *place == last)
    {
        line.extend([(x, height), (x, y)]);
        height = y;
    }
    line
}

fn finding(curve: &Curve<'_>) -> String {
    let at = |share| curve.pooled.micros_at(share).map_or_else(|| "unknown".to_owned(), words::micros);
    format!(
        "{}: of {} requests in {} blocks half were answered within {} and nine tenths within {}.",
        curve.series.arm.label,
        words::count(curve.pooled.count()),
        curve.blocks.len(),
        at(0.5),
        at(0.9)
    )
}
