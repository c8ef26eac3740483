//! Response time over the seconds of each compared arm's typical trial, with the server's cores and stolen time under
//! it: whether the run was steady, and what the machine did meanwhile.

use model::plan::Arm;
use model::record::{Observation, Samples, StreamObservation};

use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::Axis;
use crate::draw::canvas::{Canvas, Line};
use crate::draw::ink::{Dash, Ink};
use crate::draw::pen::{Pen, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Design, Run};
use crate::words;

pub(crate) struct LatencyOverTime;

const STOLEN: Line = Line { ink: Ink::Outcome(model::verdict::Outcome::Refuted), dash: Dash::Dotted, width: 1.8 };

/// One arm's typical trial.
struct Course<'a> {
    role: &'static str,
    arm: &'a Arm,
    pen: Pen,
    stream: &'a StreamObservation,
    samples: &'a Samples,
    /// Cores' worth of time that the hypervisor took from the server's processors, by sample.
    stolen: Vec<f64>,
}

impl Chart for LatencyOverTime {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().flat_map(|claim| figures(run, claim)).collect()
    }
}

fn figures(run: &Run<'_>, claim: &ClaimView<'_>) -> Vec<Figure> {
    let Some(design) = claim.design.as_ref() else { return Vec::new() };
    let pens = series(&run.record.header.servers, &design.compared());
    let courses: Vec<Course<'_>> = pens
        .iter()
        .zip(["baseline", "treatment"])
        .filter_map(|(series, role)| course(run, claim, design, role, (series.arm, series.pen)))
        .collect();
    let unit = unit(&courses);
    let frames = frames(&courses, unit);
    let draw = |course| Figure {
        place: Place::Claim(claim.verdict.claim.clone()),
        drawing: sheet(run, claim, design, course, frames.clone()).draw(|canvas, panels| {
            let [latency, cores] = panels else { return };
            draw_latency(canvas, latency, course, unit.0);
            draw_cores(canvas, cores, course);
        }),
    };
    courses.iter().map(draw).collect()
}

fn course<'a>(
    run: &Run<'a>,
    claim: &ClaimView<'a>,
    design: &Design<'a>,
    role: &'static str,
    (arm, pen): (&'a Arm, Pen),
) -> Option<Course<'a>> {
    let typical = claim.arm_analysis(&arm.id).and_then(|found| found.typical);
    let observation: &Observation = run.example(design, &arm.id, typical)?;
    let name = &design.stream()?.name;
    let stream = observation.streams.iter().find(|found| found.stream == *name)?;
    if !stream.seconds.iter().any(|second| second.response_us_p50.is_some()) {
        return None;
    }
    let samples = &observation.samples;
    let cpus =
        run.record.header.plan.layouts.get(&arm.cores).map(|layout| layout.server.as_slice()).unwrap_or_default();
    let sum = |at: usize| cpus.iter().filter_map(|cpu| samples.stolen.get(cpu)?.get(at)).sum();
    let stolen = (0..samples.at_s.len()).map(sum).collect();
    Some(Course { role, arm, pen, stream, samples, stolen })
}

fn sheet(run: &Run<'_>, claim: &ClaimView<'_>, design: &Design<'_>, course: &Course<'_>, frames: Vec<Frame>) -> Sheet {
    let ink = course.pen.ink;
    let entry = |line: Line, text: &str| Entry { sign: Sign::Line(line), text: text.to_owned() };
    Sheet {
        name: format!("{}-latency-over-time-{}", claim.verdict.claim, course.role),
        title: format!("Response time and cores over time, {}: {}", course.role, course.arm.label),
        finding: finding(course),
        subtitle: format!("{} Its typical trial.", facts::workload(design)),
        legend: vec![
            entry(p99_line(ink), "p99 of each second"),
            entry(p50_line(ink), "p50 of each second"),
            entry(STOLEN, "time stolen from its cores by the hypervisor"),
        ],
        panels: frames,
        caption: facts::caption(run, claim),
    }
}

const fn p99_line(ink: Ink) -> Line {
    Line::solid(ink, 2.4)
}

const fn p50_line(ink: Ink) -> Line {
    Line::dashed(ink, 1.8)
}

/// The same axes for both arms, so that they can be compared by eye.
fn frames(courses: &[Course<'_>], (unit_us, unit): (f64, &str)) -> Vec<Frame> {
    let seconds = || courses.iter().flat_map(|course| &course.stream.seconds);
    let times_us = || seconds().flat_map(|second| [second.response_us_p50, second.response_us_p99]).flatten();
    let window = courses.iter().map(|course| course.stream.window_s).fold(0.1, f64::max);
    let x = Axis::between("Time since the measurement began (s)", 0.0, window);
    let latency = Axis::log(format!("Response time ({unit}, log scale)"), times_us().map(|us| us / unit_us), 4.0);
    let used = courses.iter().flat_map(|course| course.samples.server_cores.iter().chain(&course.stolen)).copied();
    let cores = Axis::from_zero("Cores used by the server (cores)", used.chain([0.9]));
    let bare = Axis { title: String::new(), ..x.clone() };
    vec![Frame { x: bare, y: latency, height: 150.0, right: 8.0 }, Frame { x, y: cores, height: 90.0, right: 8.0 }]
}

/// Microseconds in the unit of the upright axis, and its name.
fn unit(courses: &[Course<'_>]) -> (f64, &'static str) {
    let seconds = courses.iter().flat_map(|course| &course.stream.seconds);
    let greatest = seconds.filter_map(|second| second.response_us_p99).fold(0.0, f64::max);
    if greatest >= 2_000.0 { (1e3, "ms") } else { (1.0, "µs") }
}

/// A step for each second: the number belongs to the whole of it.
fn draw_latency(canvas: &Canvas<'_>, panel: &Panel, course: &Course<'_>, unit_us: f64) {
    let ink = course.pen.ink;
    let mut p50 = Vec::new();
    let mut p99 = Vec::new();
    let mut from = 0.0;
    for second in &course.stream.seconds {
        for (steps, value) in [(&mut p50, second.response_us_p50), (&mut p99, second.response_us_p99)] {
            let ends = value.map(|us| [panel.at(from, us / unit_us), panel.at(second.until_s, us / unit_us)]);
            steps.extend(ends.into_iter().flatten());
        }
        let middle = f64::midpoint(from, second.until_s);
        for (name, value) in [("p50", second.response_us_p50), ("p99", second.response_us_p99)] {
            let Some(us) = value else { continue };
            let said = format!("{name} {} until second {}", words::micros(us), words::number(second.until_s));
            canvas.spot(panel.at(middle, us / unit_us), said);
        }
        from = second.until_s;
    }
    canvas.line(p99, p99_line(ink));
    canvas.line(p50, p50_line(ink));
}

fn draw_cores(canvas: &Canvas<'_>, panel: &Panel, course: &Course<'_>) {
    let at = |values: &[f64]| {
        let points = course.samples.at_s.iter().zip(values).filter(|(at, _)| **at >= 0.0);
        points.map(|(at, value)| panel.at(*at, *value)).collect::<Vec<_>>()
    };
    canvas.line(at(&course.samples.server_cores), Line::solid(course.pen.ink, 1.8));
    canvas.line(at(&course.stolen), STOLEN);
}

fn finding(course: &Course<'_>) -> String {
    let range = |values: Vec<f64>| {
        let (least, greatest) = values.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), v| (a.min(*v), b.max(*v)));
        format!("{} to {}", words::micros(least), words::micros(greatest))
    };
    let seconds = &course.stream.seconds;
    let p50 = range(seconds.iter().filter_map(|second| second.response_us_p50).collect());
    let p99 = range(seconds.iter().filter_map(|second| second.response_us_p99).collect());
    let used = &course.samples.server_cores;
    let mean = if used.is_empty() { f64::NAN } else { used.iter().sum::<f64>() / used.len() as f64 };
    let stolen = course.stolen.iter().copied().fold(0.0, f64::max);
    format!(
        "Second by second the median is {p50} and the 99th percentile {p99}; the server uses {} cores on average, and at most {} cores' worth of time is stolen.",
        words::number(mean),
        words::number(stolen)
    )
}
