//! The time between one event of a stream and the next, by quantile: whether server-sent events come as steadily as they are due.

use model::define::workload::Stream;
use model::record::EventsObservation;

use crate::charts::quantile_lines::{self, Lines};
use crate::charts::{Chart, Figure, Place};
use crate::draw::canvas::Line;
use crate::draw::ink::Ink;
use crate::draw::pen::{Series, series};
use crate::draw::sheet::{Entry, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Design, Run};
use crate::words;

pub(crate) struct EventGaps;

const DUE: Line = Line::dashed(Ink::Reference, 1.6);

/// One arm.
struct Gaps<'a> {
    series: Series<'a>,
    lines: Lines,
    events: Vec<&'a EventsObservation>,
}

impl Gaps<'_> {
    fn sum(&self, of: impl Fn(&EventsObservation) -> u64) -> u64 {
        self.events.iter().map(|found| of(found)).sum()
    }
}

impl Chart for EventGaps {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let stream = design.stream()?;
    let arms = series(&run.record.header.servers, &design.compared());
    let arms: Vec<Gaps<'_>> = arms.into_iter().filter_map(|series| gaps(run, design, stream, series)).collect();
    if arms.is_empty() {
        return None;
    }
    let due_us = due_us(stream);
    let marks: Vec<f64> = due_us.into_iter().collect();
    let lines: Vec<&Lines> = arms.iter().map(|arm| &arm.lines).collect();
    let (frame, unit_us) = quantile_lines::frame(&lines, "Gap between events", "gaps", &marks, 200.0);
    let mut legend: Vec<Entry> =
        arms.iter().map(|arm| Entry { sign: Sign::Pen(arm.series.pen), text: arm.series.arm.label.clone() }).collect();
    legend.extend(due_us.map(|us| Entry {
        sign: Sign::Line(DUE),
        text: format!("the gap that the subscriptions ask for: {}", words::micros(us)),
    }));
    let sheet = Sheet {
        name: format!("{}-event-gaps", claim.verdict.claim),
        title: format!("Gaps between events: {}", design.experiment.workload.title),
        finding: arms.iter().map(finding).collect::<Vec<_>>().join(" "),
        subtitle: format!("{} Thick: the gaps of all streams and blocks; thin: each block.", facts::load(design)),
        legend,
        panels: vec![frame],
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        due_us.iter().for_each(|us| panel.level(canvas, us / unit_us, DUE));
        for (place, arm) in arms.iter().enumerate() {
            canvas.series(place, || quantile_lines::draw(canvas, panel, &arm.lines, unit_us));
        }
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

fn gaps<'a>(run: &Run<'a>, design: &Design<'a>, stream: &Stream, series: Series<'a>) -> Option<Gaps<'a>> {
    let carried = run.carried(design, &series.arm.id, &stream.name).into_iter();
    let events: Vec<&EventsObservation> = carried.filter_map(|found| found.events.as_ref()).collect();
    let lines = Lines::of(series.pen, series.short.clone(), events.iter().map(|found| found.gaps.as_str()))?;
    Some(Gaps { series, lines, events })
}

/// The gap that all subscriptions of a stream ask for, in µs: `gap_ms` of the contract's route. Nothing where they say none, or several.
fn due_us(stream: &Stream) -> Option<f64> {
    let gap_ms = |path: &str| -> Option<u32> {
        path.split(['?', '&']).find_map(|part| part.strip_prefix("gap_ms="))?.parse().ok()
    };
    let mut asked = stream.steps.iter().map(|step| gap_ms(&step.path));
    let first = asked.next()??;
    asked.all(|other| other == Some(first)).then(|| f64::from(first) * 1e3)
}

fn finding(arm: &Gaps<'_>) -> String {
    let [received, lost, again, disordered] = [
        arm.sum(|found| found.received),
        arm.sum(|found| found.lost),
        arm.sum(|found| found.duplicates),
        arm.sum(|found| found.out_of_order),
    ]
    .map(words::count);
    let broken = words::count(arm.sum(|found| found.broken.values().sum()));
    format!(
        "{}: of {received} events in {} blocks half came within {} of the one before and 99 % within {}; {lost} were lost, {again} came again, {disordered} out of order, and {broken} streams broke.",
        arm.series.arm.label,
        arm.lines.blocks(),
        arm.lines.said(0.5),
        arm.lines.said(0.99),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(paths: &[&str]) -> Stream {
        let steps: Vec<_> = paths.iter().map(|path| serde_json::json!({ "path": path })).collect();
        let load = serde_json::json!({ "open": { "rate": 10, "connections": 1 } });
        serde_json::from_value(serde_json::json!({ "name": "events", "load": load, "step": steps })).expect("a stream")
    }

    #[test]
    fn the_gap_that_is_due_is_known_only_where_all_ask_for_one() {
        assert_eq!(due_us(&stream(&["/events?count=20&gap_ms=25", "/events?gap_ms=25"])), Some(25_000.0));
        for other in [&["/events?gap_ms=25", "/events?gap_ms=30"][..], &["/events"], &["/events?gap_ms=x"], &[]] {
            assert_eq!(due_us(&stream(other)), None, "{other:?}");
        }
    }
}
