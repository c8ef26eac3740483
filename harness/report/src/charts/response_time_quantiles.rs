//! Response time of each arm by quantile, on a log-of-nines axis: how the slow requests compare, not only the usual ones.
//! Drawn for open-loop load only, where response time counts from when a request was due.

use model::analysis::{QuantilePoint, StreamAnalysis};
use model::define::workload::Load;

use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::{Axis, Scale};
use crate::draw::canvas::{Canvas, Line};
use crate::draw::ink::{Dash, Ink};
use crate::draw::pen::{Series, series};
use crate::draw::sheet::{BOLD, Entry, Frame, Panel, Sheet, Sign, TEXT, end_labels};
use crate::draw::text::{cut, width};
use crate::facts;
use crate::joined::{ClaimView, Run};
use crate::words;

pub(crate) struct ResponseTimeQuantiles;

/// The quantiles written on the axis; the median is marked on the lines but has no room there.
const WRITTEN: [(f64, &str); 5] = [(0.0, "0 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %")];
/// The most room that labels beside the lines take.
const MOST_LABEL: f64 = 96.0;

struct Curve<'a> {
    series: Series<'a>,
    points: &'a [QuantilePoint],
}

impl Chart for ResponseTimeQuantiles {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    if !matches!(design.stream()?.load, Load::Open(_)) {
        return None;
    }
    let curves: Vec<Curve<'_>> = series(&run.record.header.servers, &design.compared())
        .into_iter()
        .filter_map(|series| {
            let stream: &StreamAnalysis = claim.stream_analysis(&series.arm.id)?;
            (!stream.response_time.is_empty()).then_some(Curve { points: &stream.response_time, series })
        })
        .collect();
    if curves.is_empty() {
        return None;
    }
    let floor = design.compared().first().and_then(|arm| run.calibration(arm.cores));
    let (frame, unit_us) = frame(&curves, floor.map(|found| found.floor_us_p50));
    let mut legend: Vec<Entry> = curves
        .iter()
        .map(|curve| Entry { sign: Sign::Pen(curve.series.pen), text: curve.series.arm.label.clone() })
        .collect();
    let floor_line = Line { ink: Ink::Reference, dash: Dash::Dotted, width: 1.6 };
    if floor.is_some() {
        legend.push(Entry { sign: Sign::Line(floor_line), text: "the generator's floor: p50 to p99".to_owned() });
    }
    let sheet = Sheet {
        name: format!("{}-response-time-quantiles", claim.verdict.claim),
        title: format!("Response time by quantile: {}", design.experiment.workload.title),
        finding: finding(&curves),
        subtitle: format!("{} Lines: median over blocks; bands: least to greatest.", facts::load(design)),
        legend,
        panels: vec![frame],
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        if let Some(floor) = floor {
            let ends = [(0.5, floor.floor_us_p50), (0.99, floor.floor_us_p99)];
            canvas.line(ends.map(|(quantile, us)| panel.at(quantile, us / unit_us)), floor_line);
        }
        for (place, curve) in curves.iter().enumerate() {
            canvas.series(place, || draw_band(canvas, panel, curve, unit_us));
        }
        for (place, curve) in curves.iter().enumerate() {
            canvas.series(place, || draw_line(canvas, panel, curve, unit_us));
        }
        let label = |curve: &Curve<'_>| {
            let last = curve.points.last()?;
            let text = cut(&curve.series.short, TEXT * BOLD, panel.frame.right - 8.0);
            Some((panel.y(last.median_us / unit_us), text, curve.series.pen.ink))
        };
        end_labels(canvas, panel, curves.iter().filter_map(label).collect());
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

/// The axes, and how many microseconds the unit of the upright one has.
fn frame(curves: &[Curve<'_>], floor_us: Option<f64>) -> (Frame, f64) {
    let points = || curves.iter().flat_map(|curve| curve.points);
    let greatest = points().map(|point| point.max_us).fold(0.0, f64::max);
    let (unit_us, unit) = if greatest >= 2_000.0 { (1e3, "ms") } else { (1.0, "µs") };
    let values = points().flat_map(|point| [point.min_us, point.max_us]).chain(floor_us).map(|us| us / unit_us);
    let last = points().map(|point| point.quantile).fold(0.9, f64::max);
    let ticks = WRITTEN.iter().filter(|(quantile, _)| *quantile <= last).map(|(at, label)| (*at, (*label).to_owned()));
    let x = Axis {
        title: "Share of requests answered in at most this time".to_owned(),
        scale: Scale::Nines,
        min: 0.0,
        max: last,
        ticks: ticks.collect(),
    };
    let label = curves.iter().map(|curve| width(&curve.series.short, TEXT * BOLD) + 14.0).fold(20.0, f64::max);
    let y = Axis::log(format!("Response time ({unit}, log scale)"), values, 4.0);
    (Frame { x, y, height: 220.0, right: label.min(MOST_LABEL) }, unit_us)
}

fn draw_band(canvas: &Canvas<'_>, panel: &Panel, curve: &Curve<'_>, unit_us: f64) {
    let up = curve.points.iter().map(|point| panel.at(point.quantile, point.max_us / unit_us));
    let down = curve.points.iter().rev().map(|point| panel.at(point.quantile, point.min_us / unit_us));
    canvas.area(up.chain(down), curve.series.pen.ink, 0.18);
}

fn draw_line(canvas: &Canvas<'_>, panel: &Panel, curve: &Curve<'_>, unit_us: f64) {
    let pen = curve.series.pen;
    let at = |point: &QuantilePoint| panel.at(point.quantile, point.median_us / unit_us);
    canvas.line(curve.points.iter().map(at), pen.line(2.2));
    let marked = |point: &&QuantilePoint| {
        WRITTEN
            .iter()
            .map(|(quantile, _)| *quantile)
            .chain([0.5])
            .any(|quantile| (quantile - point.quantile).abs() < 1e-9)
    };
    curve.points.iter().filter(marked).for_each(|point| pen.mark(canvas, at(point)));
    for point in curve.points {
        let [median, min, max] = [point.median_us, point.min_us, point.max_us].map(words::micros);
        let share = words::share(point.quantile);
        canvas.spot(at(point), format!("{}: {share} within {median} ({min} to {max} over blocks)", curve.series.short));
    }
}

fn finding(curves: &[Curve<'_>]) -> String {
    let near = |points: &[QuantilePoint], quantile: f64| {
        points.iter().find(|point| (point.quantile - quantile).abs() < 1e-9).map(|point| words::micros(point.median_us))
    };
    let of_curve = |curve: &Curve<'_>| {
        let said: Vec<String> = [(0.5, "half"), (0.99, "99 %"), (0.999, "99.9 %")]
            .into_iter()
            .filter_map(|(quantile, share)| Some(format!("{share} within {}", near(curve.points, quantile)?)))
            .collect();
        format!("{}: {} of the requests are answered.", curve.series.arm.label, said.join(", "))
    };
    curves.iter().map(of_curve).collect::<Vec<_>>().join(" ")
}
