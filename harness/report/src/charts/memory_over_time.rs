//! Resident memory of each compared arm over its typical trial, with the proportional set size at the end where it is known.

use model::record::Observation;

use crate::charts::{Chart, Figure, Place};
use crate::draw::axis::Axis;
use crate::draw::canvas::{Canvas, Line};
use crate::draw::ink::Ink;
use crate::draw::pen::{Series, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Run};
use crate::words;

pub(crate) struct MemoryOverTime;

const PSS: Line = Line::dashed(Ink::Reference, 1.6);

struct Course<'a> {
    series: Series<'a>,
    observation: &'a Observation,
}

impl Course<'_> {
    /// Seconds since the measurement began, and MiB; the warm-up stands before 0.
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let samples = &self.observation.samples;
        samples.at_s.iter().copied().zip(samples.server_rss_mib.iter().copied())
    }

    fn pss_mib(&self) -> Option<f64> {
        self.observation.samples.server_pss_mib
    }
}

impl Chart for MemoryOverTime {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let courses: Vec<Course<'_>> = series(&run.record.header.servers, &design.compared())
        .into_iter()
        .filter_map(|series| {
            let typical = claim.arm_analysis(&series.arm.id).and_then(|found| found.typical);
            let observation = run.example(design, &series.arm.id, typical)?;
            Some(Course { series, observation })
        })
        .filter(|course| course.points().count() > 1)
        .collect();
    if courses.is_empty() {
        return None;
    }
    let mut legend: Vec<Entry> = courses
        .iter()
        .map(|course| Entry { sign: Sign::Pen(course.series.pen), text: course.series.arm.label.clone() })
        .collect();
    if courses.iter().any(|course| course.pss_mib().is_some()) {
        let text = "proportional set size at the end: memory that processes share counted once".to_owned();
        legend.push(Entry { sign: Sign::Line(PSS), text });
    }
    let sheet = Sheet {
        name: format!("{}-memory-over-time", claim.verdict.claim),
        title: format!("Memory over time: {}", design.experiment.workload.title),
        finding: courses.iter().map(finding).collect::<Vec<_>>().join(" "),
        subtitle: format!(
            "{} Resident memory of the whole process tree in each arm's typical trial.",
            facts::load(design)
        ),
        legend,
        panels: vec![frame(&courses)],
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        for (place, course) in courses.iter().enumerate() {
            canvas.series(place, || draw(canvas, panel, course));
        }
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

fn frame(courses: &[Course<'_>]) -> Frame {
    let times = || courses.iter().flat_map(|course| course.observation.samples.at_s.iter().copied());
    let (first, last) = (times().fold(0.0, f64::min), times().fold(0.1, f64::max));
    let x = Axis::between("Time since the measurement began (s)", first, last);
    let values = courses.iter().flat_map(|course| course.points().map(|(_, mib)| mib).chain(course.pss_mib()));
    Frame { x, y: Axis::from_zero("Memory (MiB)", values), height: 150.0, right: 8.0 }
}

fn draw(canvas: &Canvas<'_>, panel: &Panel, course: &Course<'_>) {
    let pen = course.series.pen;
    canvas.line(course.points().map(|(at, mib)| panel.at(at, mib)), pen.line(2.0));
    let every = (course.points().count() / 8).max(1);
    for (at_s, mib) in course.points().step_by(every) {
        let at = panel.at(at_s, mib);
        pen.mark(canvas, at);
        canvas.spot(at, format!("{}: {} MiB at {} s", course.series.short, words::number(mib), words::number(at_s)));
    }
    if let Some(pss) = course.pss_mib() {
        let (x, y) = (panel.right, panel.y(pss));
        canvas.line([(x - 40.0, y), (x, y)], Line { ink: pen.ink, ..PSS });
        canvas.spot((x - 20.0, y), format!("{}: {} MiB proportional", course.series.short, words::number(pss)));
    }
}

fn finding(course: &Course<'_>) -> String {
    let within = || course.points().filter(|(at, _)| *at >= 0.0).map(|(_, mib)| mib);
    let first = within().next().unwrap_or(f64::NAN);
    let peak = within().fold(0.0, f64::max);
    let pss = course.pss_mib().map_or_else(String::new, |mib| {
        format!(", {} MiB at the end with shared memory counted once", words::number(mib))
    });
    format!(
        "{}: {} MiB when the measurement begins, {} MiB at the peak{pss}.",
        course.series.arm.label,
        words::number(first),
        words::number(peak)
    )
}
