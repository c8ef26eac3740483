//! Response times of the measured stream beside the background's load and without it: what the background costs the bystanders.

use model::define::workload::Stream;
use model::record::{Observation, StreamObservation};

use crate::charts::quantile_lines::{self, Lines};
use crate::charts::{Chart, Figure, Place};
use crate::distribution::observed;
use crate::draw::canvas::Line;
use crate::draw::ink::{Dash, Ink};
use crate::draw::pen::{Pen, Series, series};
use crate::draw::sheet::{Entry, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Design, Run};
use crate::words;

pub(crate) struct Bystanders;

/// How the times without the background are drawn.
const ALONE: Dash = Dash::Dotted;

/// One arm.
struct Arm<'a> {
    series: Series<'a>,
    beside: Lines,
    alone: Lines,
}

impl Chart for Bystanders {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let stream = design.stream()?;
    let arms = series(&run.record.header.servers, &design.compared());
    let arms: Vec<Arm<'_>> = arms.into_iter().filter_map(|series| arm(run, design, stream, series)).collect();
    if arms.is_empty() {
        return None;
    }
    let floor_us = design.compared().first().and_then(|arm| run.calibration(arm.cores)).map(|found| found.floor_us_p50);
    let lines: Vec<&Lines> = arms.iter().flat_map(|arm| [&arm.beside, &arm.alone]).collect();
    let marks: Vec<f64> = floor_us.into_iter().collect();
    let (frame, unit_us) = quantile_lines::frame(&lines, "Response time", "requests", &marks, 200.0);
    let mut legend: Vec<Entry> =
        arms.iter().map(|arm| Entry { sign: Sign::Pen(arm.series.pen), text: arm.series.arm.label.clone() }).collect();
    let line = Line { ink: Ink::Reference, dash: ALONE, width: 1.8 };
    legend.push(Entry { sign: Sign::Line(line), text: "the same without the background's load".to_owned() });
    let floor_line = Line { ink: Ink::Reference, dash: Dash::Mixed, width: 1.4 };
    if floor_us.is_some() {
        legend.push(Entry { sign: Sign::Line(floor_line), text: "the generator's floor, p50".to_owned() });
    }
    let sheet = Sheet {
        name: format!("{}-bystanders", claim.verdict.claim),
        title: format!("Response time with and without the background: {}", design.experiment.workload.title),
        finding: arms.iter().map(finding).collect::<Vec<_>>().join(" "),
        subtitle: format!(
            "{} Thick: the requests of all blocks; thin: each block. Alone for {} after the measurement.",
            facts::load(design),
            model::plan::ALONE
        ),
        legend,
        panels: vec![frame],
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        floor_us.iter().for_each(|us| panel.level(canvas, us / unit_us, floor_line));
        for (place, arm) in arms.iter().enumerate() {
            canvas.series(place, || {
                quantile_lines::draw_plain(canvas, panel, &arm.alone, unit_us);
                quantile_lines::draw(canvas, panel, &arm.beside, unit_us);
            });
        }
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

/// An arm whose times are known with and without the background.
fn arm<'a>(run: &Run<'a>, design: &Design<'a>, stream: &Stream, series: Series<'a>) -> Option<Arm<'a>> {
    let trials = observed(run.record, design.number, &series.arm.id);
    let texts = |of: fn(&Observation) -> &Vec<StreamObservation>| -> Vec<&str> {
        let of_stream = trials.iter().filter_map(|(_, seen)| of(seen).iter().find(|found| found.stream == stream.name));
        of_stream.map(|found| found.response_time.as_str()).collect()
    };
    let beside = Lines::of(series.pen, series.short.clone(), texts(|seen| &seen.streams))?;
    let pen = Pen { dash: ALONE, ..series.pen };
    let alone = Lines::of(pen, format!("{}, without the background", series.short), texts(|seen| &seen.alone))?;
    Some(Arm { series, beside, alone })
}

fn finding(arm: &Arm<'_>) -> String {
    let times = arm.beside.pooled.micros_at(0.99).zip(arm.alone.pooled.micros_at(0.99));
    let ratio =
        times.map_or_else(String::new, |(beside, alone)| format!(": {} times as long", words::number(beside / alone)));
    format!(
        "{}: beside the background's load half of the requests are answered within {} and 99 % within {}; without it, half within {} and 99 % within {}{ratio}.",
        arm.series.arm.label,
        arm.beside.said(0.5),
        arm.beside.said(0.99),
        arm.alone.said(0.5),
        arm.alone.said(0.99),
    )
}
