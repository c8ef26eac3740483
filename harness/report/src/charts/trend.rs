//! A claim's effect from run to run on one type of machine, with the level of each stretch; a change of level is marked. Drawn from the
//! history, not from one record.

use model::history::{Trend, TrendPoint};

use crate::charts::{Figure, Place};
use crate::draw::axis::Axis;
use crate::draw::canvas::{Canvas, Face, Line};
use crate::draw::ink::{Dash, Ink};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign, TEXT};
use crate::words;

const LEVEL: Line = Line { ink: Ink::Reference, dash: Dash::Dashed, width: 1.8 };
const CHANGE: Line = Line { ink: Ink::Outcome(model::verdict::Outcome::Refuted), dash: Dash::Dotted, width: 1.8 };
/// The most runs whose day is written on the axis.
const WRITTEN: usize = 6;

/// Draws one trend; `number` tells it from the others.
pub(crate) fn figure(number: usize, trend: &Trend) -> Figure {
    let sheet = Sheet {
        name: format!("trend-{number}-{}", trend.claim),
        title: format!("Effect from run to run: {}", trend.claim),
        finding: finding(trend),
        subtitle: format!("{}. Points: estimate with its interval, one a run.", trend.machine),
        legend: vec![
            Entry { sign: Sign::Line(LEVEL), text: "level of a stretch".to_owned() },
            Entry { sign: Sign::Line(CHANGE), text: "the level changed".to_owned() },
        ],
        panels: vec![frame(trend)],
        caption: vec!["Generator's floor: on the page of each run's machine.".to_owned()],
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        changes(canvas, panel, trend);
        for (place, point) in trend.points.iter().enumerate() {
            mark(canvas, panel, place as f64 + 1.0, point);
        }
    });
    Figure { place: Place::Trends, drawing }
}

fn frame(trend: &Trend) -> Frame {
    let runs = trend.points.len();
    let mut x = Axis::between("Run, in the order in which they began (day)", 0.5, runs as f64 + 0.5);
    let every = runs.div_ceil(WRITTEN).max(1);
    let written = trend.points.iter().enumerate().filter(|(place, _)| place.is_multiple_of(every));
    x.ticks = written.map(|(place, point)| (place as f64 + 1.0, day(&point.began).to_owned())).collect();
    let values =
        trend.points.iter().flat_map(|point| [Some(point.effect), point.low, point.high].into_iter().flatten());
    let y = Axis::log("Ratio treatment / baseline (log scale)", values, 1.5);
    Frame { x, y, height: 150.0, right: 8.0 }
}

/// Month and day of a time, or what there is of it.
fn day(began: &str) -> &str {
    began.get(5..10).unwrap_or(began)
}

fn changes(canvas: &Canvas<'_>, panel: &Panel, trend: &Trend) {
    let ends = trend.levels.iter().skip(1).map(|level| level.first).chain([trend.points.len()]);
    for (level, end) in trend.levels.iter().zip(ends) {
        let (from, to) = (level.first as f64 + 0.5, end as f64 + 0.5);
        canvas.line([panel.at(from, level.effect), panel.at(to, level.effect)], LEVEL);
        if level.first > 0 {
            let x = panel.x(from);
            canvas.line([(x, panel.top), (x, panel.bottom)], CHANGE);
        }
    }
}

fn mark(canvas: &Canvas<'_>, panel: &Panel, place: f64, point: &TrendPoint) {
    let ink = Ink::Outcome(point.verdict);
    if let (Some(low), Some(high)) = (point.low, point.high) {
        canvas.line([panel.at(place, low), panel.at(place, high)], Line::solid(ink, 1.8));
    }
    let at = panel.at(place, point.effect);
    let face = Face::plain(TEXT, ink).bold().centred();
    canvas.text((at.0 + 8.0, at.1), words::symbol(point.verdict), face);
    canvas.area([(at.0, at.1 - 4.0), (at.0 + 4.0, at.1), (at.0, at.1 + 4.0), (at.0 - 4.0, at.1)], ink, 1.0);
    let commit = point.commit.as_deref().map_or_else(String::new, |commit| format!(", commit {commit}"));
    let effect = words::number(point.effect);
    canvas.spot(at, format!("{}{commit}: {effect} times, {}", point.began, point.verdict.in_words()));
}

fn finding(trend: &Trend) -> String {
    let levels: Vec<String> = trend
        .levels
        .iter()
        .map(|level| {
            let since = trend.points.get(level.first).map_or("the beginning", |point| day(&point.began));
            format!("{} times since {since}", words::number(level.effect))
        })
        .collect();
    let runs = trend.points.len();
    match levels.len() {
        0 | 1 => format!("Over {runs} runs the effect keeps one level: {}.", levels.join("")),
        _ => format!("Over {runs} runs the effect changed its level: {}.", levels.join(", ")),
    }
}
