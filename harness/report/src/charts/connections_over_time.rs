//! Connections that each arm held over its typical trial, the server's memory beside them, and what that comes to for each connection.
//! Drawn where many are held, or where their memory is the question.

use model::define::claim::Metric;
use model::define::workload::Load;
use model::plan::Arm;
use model::record::{ConnectionsObservation, Observation};

use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::Axis;
use crate::draw::canvas::Canvas;
use crate::draw::pen::{Series, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Design, Run};
use crate::words;

pub(crate) struct ConnectionsOverTime;

/// From so many connections on, holding them is part of the question.
const MANY: u32 = 500;
/// Memory for each connection is drawn from this share of the connections on: of few, what the server is itself would be taken for theirs.
const SHARE_LEAST: f64 = 0.2;
/// Samples of a record are this far apart, in seconds; the first series begins with the first of them.
const SAMPLE_S: f64 = 0.1;
const KIB_PER_MIB: f64 = 1024.0;

/// One arm's typical trial.
struct Course<'a> {
    series: Series<'a>,
    observation: &'a Observation,
    connections: &'a ConnectionsObservation,
}

impl Course<'_> {
    /// When the first connection was opened, in seconds since the measurement began.
    fn began_s(&self) -> f64 {
        let first = || self.observation.samples.at_s.first().map_or(0.0, |first| first - SAMPLE_S);
        self.connections.began_s.unwrap_or_else(first)
    }

    /// Seconds since the measurement began, with the connections that were alive. The last second ends with the load, where samples end.
    fn held(&self) -> impl Iterator<Item = (f64, u64)> {
        let (began_s, end_s) = (self.began_s(), self.observation.samples.at_s.last().copied().unwrap_or(f64::INFINITY));
        let ends = (1_u32..).map(move |second| (began_s + f64::from(second)).min(end_s));
        ends.zip(self.connections.seconds.iter().map(|second| second.alive))
    }

    fn memory(&self) -> impl Iterator<Item = (f64, f64)> {
        let samples = &self.observation.samples;
        samples.at_s.iter().copied().zip(samples.server_rss_mib.iter().copied())
    }

    /// Memory that the server gained since the first sample for each connection that was alive, in KiB.
    fn each(&self) -> impl Iterator<Item = (f64, f64)> {
        let before_mib = self.memory().next().map_or(0.0, |(_, mib)| mib);
        let enough = f64::from(self.connections.asked) * SHARE_LEAST;
        self.held().filter_map(move |(at_s, alive)| {
            let (_, mib) = self.memory().take_while(|(sampled_s, _)| *sampled_s <= at_s).last()?;
            (alive > 0 && alive as f64 >= enough).then(|| (at_s, (mib - before_mib) * KIB_PER_MIB / alive as f64))
        })
    }
}

impl Chart for ConnectionsOverTime {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let courses: Vec<Course<'_>> = series(&run.record.header.servers, &design.arms())
        .into_iter()
        .filter_map(|series| course(run, claim, design, series))
        .collect();
    let asked = courses.iter().map(|course| course.connections.asked).max()?;
    // A search opens its connections anew for each rate; their course says nothing.
    let held = asked >= MANY && matches!(design.stream()?.load, Load::Open(_));
    if !held && !matches!(design.planned.claim.metric, Metric::MemoryPerConnection(_)) {
        return None;
    }
    let mut caption = facts::caption(run, claim);
    if courses.iter().any(|course| course.connections.began_s.is_none()) {
        let text = "The record does not say when the first connection was opened: it is put at the first sample, some tenths of a second early at most.";
        caption.insert(0, text.to_owned());
    }
    let entry =
        |course: &Course<'_>| Entry { sign: Sign::Pen(course.series.pen), text: course.series.arm.label.clone() };
    let sheet = Sheet {
        name: format!("{}-connections-over-time", claim.verdict.claim),
        title: format!("Connections held, and memory for each: {}", design.experiment.workload.title),
        finding: courses.iter().map(finding).collect::<Vec<_>>().join(" "),
        subtitle: format!(
            "{} Each arm's typical trial; memory is resident, of the whole process tree.",
            facts::load(design)
        ),
        legend: courses.iter().map(entry).collect(),
        panels: frames(&courses),
        caption,
    };
    let drawing = sheet.draw(|canvas, panels| {
        let [held, memory, each] = panels else { return };
        for (place, course) in courses.iter().enumerate() {
            canvas.series(place, || {
                let connections = course.held().map(|(at_s, alive)| (at_s, alive as f64));
                draw(canvas, held, course, connections, "connections");
                draw(canvas, memory, course, course.memory(), "MiB");
                draw(canvas, each, course, course.each(), "KiB for each connection");
            });
        }
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

fn course<'a>(run: &Run<'a>, claim: &ClaimView<'a>, design: &Design<'a>, series: Series<'a>) -> Option<Course<'a>> {
    let arm: &Arm = series.arm;
    let typical = claim.arm_analysis(&arm.id).and_then(|found| found.typical);
    let observation = run.example(design, &arm.id, typical)?;
    let name = &design.stream()?.name;
    let stream = observation.streams.iter().find(|found| found.stream == *name)?;
    let connections = &stream.transport.as_ref()?.connections;
    (!connections.seconds.is_empty()).then_some(Course { series, observation, connections })
}

fn frames(courses: &[Course<'_>]) -> Vec<Frame> {
    let held = || courses.iter().flat_map(|course| course.held().map(|(at_s, alive)| (at_s, alive as f64)));
    let memory = || courses.iter().flat_map(Course::memory);
    let each = || courses.iter().flat_map(Course::each);
    let times = || held().chain(memory()).map(|(at_s, _)| at_s);
    let (first, last) = (times().fold(0.0, f64::min), times().fold(0.1, f64::max));
    let x = Axis::between("Time since the measurement began (s)", first, last);
    let bare = Axis { title: String::new(), ..x.clone() };
    let frame = |x, y, height| Frame { x, y, height, right: 8.0 };
    vec![
        frame(bare.clone(), Axis::from_zero("Connections held (number)", held().map(|(_, alive)| alive)), 110.0),
        frame(bare, Axis::from_zero("Memory (MiB)", memory().map(|(_, mib)| mib)), 110.0),
        frame(x, Axis::from_zero("Memory gained for each connection (KiB)", each().map(|(_, kib)| kib)), 90.0),
    ]
}

fn draw(canvas: &Canvas<'_>, panel: &Panel, course: &Course<'_>, points: impl Iterator<Item = (f64, f64)>, unit: &str) {
    let (pen, points) = (course.series.pen, points.collect::<Vec<(f64, f64)>>());
    canvas.line(points.iter().map(|(at_s, value)| panel.at(*at_s, *value)), pen.line(2.0));
    let every = (points.len() / 8).max(1);
    for (at_s, value) in points.into_iter().step_by(every) {
        let at = panel.at(at_s, value);
        pen.mark(canvas, at);
        let [value, at_s] = [value, at_s].map(words::number);
        canvas.spot(at, format!("{}: {value} {unit} at {at_s} s", course.series.short));
    }
}

fn finding(course: &Course<'_>) -> String {
    let connections = course.connections;
    let last = course.each().last().map_or_else(
        || "memory for each is unknown".to_owned(),
        |(_, kib)| format!("at the end the server has gained {} KiB for each", words::number(kib)),
    );
    let [asked, most, lost] = [u64::from(connections.asked), connections.alive_max, connections.lost].map(words::count);
    format!(
        "{}: of {asked} connections at most {most} were alive at once and {lost} were lost; {last}.",
        course.series.arm.label
    )
}
