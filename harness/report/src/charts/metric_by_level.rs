//! What a claim compares, and the cores used, by level (threads, processes, …): what more of them bring, and what they cost. The curves
//! of a claim's controls stand beside its own.

use model::analysis::{Comparison, CurvePoint, Spread};

use crate::charts::scaling_law::Law;
use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::Axis;
use crate::draw::canvas::{Body, Canvas, Line};
use crate::draw::ink::{DASHES, Dash, Ink};
use crate::draw::pen::{Pen, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Run};
use crate::words;

pub(crate) struct MetricByLevel;

struct Curve<'a> {
    pen: Pen,
    label: String,
    level: String,
    points: &'a [CurvePoint],
    law: Option<Law>,
}

impl Chart for MetricByLevel {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let own = claim.comparison.filter(|comparison| !comparison.curve.is_empty())?;
    let of_controls = design.planned.claim.controls.iter().filter_map(|id| run.claim(id));
    let shown = std::iter::once((claim, own))
        .chain(of_controls.filter_map(|control| Some((control, control.comparison?))))
        .filter(|(_, comparison)| !comparison.curve.is_empty());
    let curves: Vec<Curve<'_>> =
        shown.enumerate().filter_map(|(place, (claim, comparison))| curve(run, claim, comparison, place)).collect();
    let border = border(claim, own);
    let border_line = Line::dashed(Ink::Reference, 1.4);
    let mut legend: Vec<Entry> =
        curves.iter().map(|curve| Entry { sign: Sign::Pen(curve.pen), text: curve.label.clone() }).collect();
    for (law, ink) in curves.iter().filter_map(|curve| Some((curve.law?, curve.pen.ink))) {
        let line = Line { ink, dash: Dash::Dotted, width: 1.6 };
        legend.push(Entry { sign: Sign::Line(line), text: law.in_words() });
    }
    legend.extend(border.as_ref().map(|(_, text)| Entry { sign: Sign::Line(border_line), text: text.clone() }));
    let metric = &design.planned.claim.metric;
    let sheet = Sheet {
        name: format!("{}-by-level", claim.verdict.claim),
        title: format!(
            "{} by {}: {}",
            words::capitalised(&words::metric_name(metric)),
            level_name(claim),
            design.experiment.workload.title
        ),
        finding: curves.iter().map(|curve| finding(claim, curve)).collect::<Vec<_>>().join(" "),
        subtitle: format!("{} Points: median over blocks; bars: least to greatest.", facts::load(design)),
        legend,
        panels: frames(claim, &curves, border.as_ref().map(|(value, _)| *value)),
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let [values, cores] = panels else { return };
        if let Some((value, _)) = &border {
            values.level(canvas, *value, border_line);
        }
        for (place, curve) in curves.iter().enumerate() {
            let offset = place as f64 * 5.0;
            canvas.series(place, || {
                if let Some(law) = &curve.law {
                    law.draw(canvas, values, curve.pen.ink);
                }
                draw(canvas, values, curve, offset, |point| Some(point.value));
                draw(canvas, cores, curve, offset, |point| point.cores_used);
            });
        }
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

fn curve<'a>(run: &Run<'_>, claim: &ClaimView<'a>, comparison: &'a Comparison, place: usize) -> Option<Curve<'a>> {
    let design = claim.design.as_ref()?;
    let arm = design.arm(&design.planned.treatment)?;
    let pen = series(&run.record.header.servers, &[arm]).first()?.pen;
    let body = if place == 0 { Body::Full } else { Body::Hollow };
    let dash = DASHES.get(place % DASHES.len()).copied().unwrap_or(Dash::Solid);
    let server = run.record.header.servers.get(&arm.server).map_or(arm.server.as_str(), |server| &server.title);
    let role = if place == 0 { "" } else { " (control)" };
    let cores = if arm.cores == 1 { "1 core".to_owned() } else { format!("{} cores", arm.cores) };
    let level = level_name(claim);
    let label = format!("{server} by {level}, {}, {cores}{role}", facts::runtime(run, arm));
    let law = Law::of(&comparison.curve, comparison.scaling).filter(|_| place == 0);
    Some(Curve { pen: Pen { body, dash, ..pen }, label, level, points: &comparison.curve, law })
}

/// The parameter that the levels are of.
fn level_name(claim: &ClaimView<'_>) -> String {
    let levels = claim.design.and_then(|design| design.planned.claim.levels.as_ref());
    levels.map_or_else(|| "level".to_owned(), |levels| levels.parameter.as_str().replace(['-', '_'], " "))
}

/// Where the region's border lies, seen from the baseline: (value, words).
fn border(claim: &ClaimView<'_>, comparison: &Comparison) -> Option<(f64, String)> {
    let region = claim.verdict.region;
    let ratio = region.above.or(region.below)?;
    let mut values: Vec<f64> = comparison.pairs.iter().map(|pair| pair.baseline).collect();
    values.sort_by(f64::total_cmp);
    let baseline = values.get(values.len() / 2)?;
    let words = if region.above.is_some() { "must be above" } else { "must stay below" };
    Some((baseline * ratio, format!("{} times the baseline: the claim's treatment {words} it", words::border(ratio))))
}

fn frames(claim: &ClaimView<'_>, curves: &[Curve<'_>], border: Option<f64>) -> Vec<Frame> {
    let points = || curves.iter().flat_map(|curve| curve.points);
    let mut levels: Vec<u32> = points().map(|point| point.level).collect();
    levels.sort_unstable();
    levels.dedup();
    let ticks: Vec<(f64, String)> = levels.iter().map(|level| (f64::from(*level), level.to_string())).collect();
    let mut names: Vec<&str> = curves.iter().map(|curve| curve.level.as_str()).collect();
    names.dedup();
    let title = format!("{} (number, log scale)", words::capitalised(&names.join(" or ")));
    let mut x = Axis::log(title, levels.iter().map(|level| f64::from(*level)), 2.0);
    x.ticks = ticks;
    let unit =
        claim.design.map_or_else(String::new, |design| words::capitalised(&design.planned.claim.metric.in_words()));
    let values = Axis::from_zero(unit, points().map(|point| point.value.max).chain(border));
    let cores =
        Axis::from_zero("Cores used by the server (cores)", points().filter_map(|point| Some(point.cores_used?.max)));
    let bare = Axis { title: String::new(), ..x.clone() };
    vec![Frame { x: bare, y: values, height: 150.0, right: 6.0 }, Frame { x, y: cores, height: 90.0, right: 6.0 }]
}

fn draw(
    canvas: &Canvas<'_>,
    panel: &Panel,
    curve: &Curve<'_>,
    offset: f64,
    of: impl Fn(&CurvePoint) -> Option<Spread>,
) {
    let known: Vec<(u32, f64, Spread)> = curve
        .points
        .iter()
        .filter_map(|point| Some((point.level, panel.x(f64::from(point.level)) + offset, of(point)?)))
        .collect();
    canvas.line(known.iter().map(|(_, x, spread)| (*x, panel.y(spread.median))), curve.pen.line(2.0));
    for (level, x, spread) in known {
        let [median, min, max] = [spread.median, spread.min, spread.max].map(words::number);
        let said = format!("{} at {level} {}: {median} ({min} to {max} over blocks)", panel.frame.y.title, curve.level);
        canvas.spot((x, panel.y(spread.median)), said);
        canvas.line([(x, panel.y(spread.min)), (x, panel.y(spread.max))], Line::solid(curve.pen.ink, 1.6));
        curve.pen.mark(canvas, (x, panel.y(spread.median)));
    }
}

fn finding(claim: &ClaimView<'_>, curve: &Curve<'_>) -> String {
    let Some(design) = claim.design else { return String::new() };
    let metric = &design.planned.claim.metric;
    let at = |point: &CurvePoint| {
        let cores = point
            .cores_used
            .map_or_else(String::new, |used| format!(" with {} cores used", words::number(used.median)));
        format!("{} at {}{cores}", words::measured(metric, point.value.median), point.level)
    };
    format!("{}: {}.", curve.label, curve.points.iter().map(at).collect::<Vec<_>>().join(", "))
}
