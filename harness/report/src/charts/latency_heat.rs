//! A heat map of response times over the run: a column for each block, darker where more of its requests lie, with the server's
//! cores and the time stolen from them under it. A record keeps one histogram a trial, so a column is a trial, not a second.

use model::plan::Arm;
use model::record::Observation;

use crate::charts::{Chart, Figure, Place};
use crate::distribution::{Distribution, observed};
use crate::draw::axis::Axis;
use crate::draw::canvas::{Canvas, Line};
use crate::draw::ink::{Dash, Ink};
use crate::draw::pen::{Pen, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Design, Run};
use crate::words;

pub(crate) struct LatencyHeat;

/// How many cells a column has.
const CELLS: u32 = 24;
const STOLEN: Line = Line { ink: Ink::Outcome(model::verdict::Outcome::Refuted), dash: Dash::Dotted, width: 1.8 };

/// One arm with its columns.
struct Map<'a> {
    role: &'static str,
    arm: &'a Arm,
    pen: Pen,
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    block: u32,
    times: &'a Distribution,
    cores_used: f64,
    stolen: f64,
}

impl Chart for LatencyHeat {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().flat_map(|claim| figures(run, claim)).collect()
    }
}

fn figures(run: &Run<'_>, claim: &ClaimView<'_>) -> Vec<Figure> {
    let Some(design) = claim.design.as_ref() else { return Vec::new() };
    let maps: Vec<Map<'_>> = series(&run.record.header.servers, &design.compared())
        .into_iter()
        .zip(["baseline", "treatment"])
        .map(|(series, role)| Map { role, arm: series.arm, pen: series.pen, columns: columns(run, design, series.arm) })
        .filter(|map| !map.columns.is_empty())
        .collect();
    let ends = maps.iter().flat_map(|map| &map.columns).filter_map(|column| column.times.ends());
    let Some((least, greatest)) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { return Vec::new() };
    let (unit_ns, unit) = if greatest >= 2_000_000 { (1e6, "ms") } else { (1e3, "µs") };
    let y = Axis::log(
        format!("Response time ({unit}, log scale)"),
        [least as f64 / unit_ns, greatest as f64 / unit_ns],
        4.0,
    );
    let draw = |map: &Map<'_>| Figure {
        place: Place::Claim(claim.verdict.claim.clone()),
        drawing: sheet(run, claim, design, map, frames(design, &maps, &y)).draw(|canvas, panels| {
            let [times, cores] = panels else { return };
            map.columns.iter().for_each(|column| paint(canvas, times, map, column, unit_ns));
            under(canvas, cores, map);
        }),
    };
    maps.iter().map(draw).collect()
}

fn columns<'a>(run: &'a Run<'_>, design: &Design<'_>, arm: &Arm) -> Vec<Column<'a>> {
    let Some(stream) = design.stream() else { return Vec::new() };
    let cpus = run.record.header.plan.layouts.get(&arm.cores).map_or(&[][..], |layout| layout.server.as_slice());
    let times = run.times.blocks(design.number, &arm.id, &stream.name);
    let column = |(block, observation): (u32, &Observation)| {
        let seen = observation.streams.iter().find(|found| found.stream == stream.name)?;
        let samples = &observation.samples;
        let within = |values: &[f64]| mean(&samples.at_s, values, seen.window_s);
        let stolen = cpus.iter().filter_map(|cpu| samples.stolen.get(cpu)).map(|shares| within(shares));
        Some(Column {
            block,
            times: times.iter().find(|(found, _)| *found == block).map(|(_, times)| times)?,
            cores_used: within(&samples.server_cores),
            stolen: stolen.sum(),
        })
    };
    observed(run.record, design.number, &arm.id).into_iter().filter_map(column).collect()
}

/// The mean of the samples within the measuring window.
fn mean(at_s: &[f64], values: &[f64], window_s: f64) -> f64 {
    let inside = |at: f64| at > 0.0 && at <= window_s;
    let within: Vec<f64> = at_s.iter().zip(values).filter(|(at, _)| inside(**at)).map(|(_, value)| *value).collect();
    if within.is_empty() { 0.0 } else { within.iter().sum::<f64>() / within.len() as f64 }
}

/// The same axes for both arms, so that they can be compared by eye.
fn frames(design: &Design<'_>, maps: &[Map<'_>], y: &Axis) -> Vec<Frame> {
    let columns = || maps.iter().flat_map(|map| &map.columns);
    let blocks = columns().map(|column| column.block + 1).max().unwrap_or(1).max(design.experiment.blocks);
    let mut x = Axis::between("Block, in the order in which they ran", 0.5, f64::from(blocks) + 0.5);
    let every = blocks.div_ceil(10).max(1);
    x.ticks = (1..=blocks)
        .filter(|block| (block - 1).is_multiple_of(every))
        .map(|block| (f64::from(block), block.to_string()))
        .collect();
    let used = columns().flat_map(|column| [column.cores_used, column.stolen]);
    let cores = Axis::from_zero("Cores used by the server (cores)", used.chain([0.9]));
    let bare = Axis { title: String::new(), ..x.clone() };
    vec![Frame { x: bare, y: y.clone(), height: 170.0, right: 8.0 }, Frame { x, y: cores, height: 70.0, right: 8.0 }]
}

fn sheet(run: &Run<'_>, claim: &ClaimView<'_>, design: &Design<'_>, map: &Map<'_>, panels: Vec<Frame>) -> Sheet {
    let entry = |sign, text: &str| Entry { sign, text: text.to_owned() };
    Sheet {
        name: format!("{}-latency-heat-{}", claim.verdict.claim, map.role),
        title: format!("Heat map of response times, {}: {}", map.role, map.arm.label),
        finding: finding(map),
        subtitle: format!(
            "{} A column is a trial; a full cell holds a third of its requests or more.",
            facts::load(design)
        ),
        legend: vec![
            entry(Sign::Band(map.pen.ink), "where the requests of a block lie"),
            entry(Sign::Line(Line::solid(map.pen.ink, 1.8)), "cores used by the server"),
            entry(Sign::Line(STOLEN), "time stolen from its cores by the hypervisor"),
        ],
        panels,
        caption: facts::caption(run, claim),
    }
}

/// One column of cells, evenly high on the log axis.
fn paint(canvas: &Canvas<'_>, panel: &Panel, map: &Map<'_>, column: &Column<'_>, unit_ns: f64) {
    let (low, high) = (panel.frame.y.min.ln(), panel.frame.y.max.ln());
    let edge = |cell: u32| (low + (high - low) * f64::from(cell) / f64::from(CELLS)).exp();
    let (left, right) = (panel.x(f64::from(column.block) + 0.55), panel.x(f64::from(column.block) + 1.45));
    for cell in 0..CELLS {
        let (from, to) = (edge(cell), edge(cell + 1));
        let share = column.times.share_between(nanos(from * unit_ns), nanos(to * unit_ns));
        if share <= 0.0 {
            continue;
        }
        let (bottom, top) = (panel.y(from), panel.y(to));
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        canvas.area(corners, map.pen.ink, shade(share));
        let unit_us = unit_ns / 1e3;
        let [from, to] = [from, to].map(|value| words::micros(value * unit_us));
        let said = format!("Block {}: {} of the requests took {from} to {to}", column.block + 1, words::percent(share));
        canvas.spot((f64::midpoint(left, right), f64::midpoint(bottom, top)), said);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an axis over recorded nanoseconds")]
fn nanos(value: f64) -> u64 {
    value.clamp(0.0, 1e18) as u64
}

/// How dense a cell is: even one request in a thousand stays visible, and a third of all is full.
fn shade(share: f64) -> f64 {
    (0.12 + 0.88 * (share * 3.0).sqrt()).min(1.0)
}

fn under(canvas: &Canvas<'_>, panel: &Panel, map: &Map<'_>) {
    let at = |of: fn(&Column<'_>) -> f64| {
        map.columns.iter().map(move |column| panel.at(f64::from(column.block) + 1.0, of(column))).collect::<Vec<_>>()
    };
    let used = at(|column| column.cores_used);
    canvas.line(used.clone(), Line::solid(map.pen.ink, 1.8));
    used.into_iter().for_each(|point| map.pen.mark(canvas, point));
    canvas.line(at(|column| column.stolen), STOLEN);
}

fn finding(map: &Map<'_>) -> String {
    let medians: Vec<f64> = map
        .columns
        .iter()
        .filter_map(|column| {
            let half = column.times.count().div_ceil(2);
            column.times.steps().find(|(_, below)| *below >= half).map(|(edge, _)| edge as f64 / 1e3)
        })
        .collect();
    let range = |values: &[f64]| {
        values
            .iter()
            .fold((f64::INFINITY, 0.0_f64), |(least, greatest), value| (least.min(*value), greatest.max(*value)))
    };
    let (least, greatest) = range(&medians);
    let (used_least, used_most) = range(&map.columns.iter().map(|column| column.cores_used).collect::<Vec<_>>());
    format!(
        "From block to block the median lies between {} and {}; the server uses {} to {} cores, and at most {} cores' worth of time is stolen.",
        words::micros(least),
        words::micros(greatest),
        words::number(used_least),
        words::number(used_most),
        words::number(range(&map.columns.iter().map(|column| column.stolen).collect::<Vec<_>>()).1)
    )
}
