//! Response time over the offered rate, from the steps of each search: where the knee is, and which rates held the objective.

use model::define::workload::{Load, SearchLoad};
use model::record::{CapacitySearch, SearchStep};

use crate::charts::{Chart, Figure, Place};
use crate::distribution::observed;
use crate::draw::axis::Axis;
use crate::draw::canvas::{Body, Canvas, Line};
use crate::draw::ink::{Dash, Ink};
use crate::draw::pen::{Pen, Series, series};
use crate::draw::sheet::{Entry, Frame, Panel, Sheet, Sign};
use crate::facts;
use crate::joined::{ClaimView, Run};
use crate::words;

pub(crate) struct LatencyByRate;

const OBJECTIVE: Line = Line { ink: Ink::Reference, dash: Dash::Dashed, width: 1.6 };

struct Cloud<'a> {
    series: Series<'a>,
    searches: Vec<(u32, &'a CapacitySearch)>,
}

impl Cloud<'_> {
    fn steps(&self) -> impl Iterator<Item = (u32, &SearchStep)> {
        self.searches.iter().flat_map(|(block, search)| search.steps.iter().map(|step| (*block, step)))
    }

    /// The middle one of the greatest rates that held (the lower middle of an even number).
    fn greatest_per_s(&self) -> Option<f64> {
        let mut held: Vec<f64> = self.searches.iter().filter_map(|(_, search)| search.greatest_per_s).collect();
        held.sort_by(f64::total_cmp);
        held.get(held.len().saturating_sub(1) / 2).copied()
    }
}

impl Chart for LatencyByRate {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        run.claims.iter().filter_map(|claim| figure(run, claim)).collect()
    }
}

fn figure(run: &Run<'_>, claim: &ClaimView<'_>) -> Option<Figure> {
    let design = claim.design.as_ref()?;
    let Load::Search(load) = &design.stream()?.load else { return None };
    let clouds: Vec<Cloud<'_>> = series(&run.record.header.servers, &design.compared())
        .into_iter()
        .map(|series| {
            let trials = observed(run.record, design.number, &series.arm.id).into_iter();
            let searches = trials.filter_map(|(block, observation)| Some((block, observation.search.as_ref()?)));
            Cloud { searches: searches.collect(), series }
        })
        .filter(|cloud| cloud.steps().next().is_some())
        .collect();
    if clouds.is_empty() {
        return None;
    }
    let mut legend: Vec<Entry> = clouds
        .iter()
        .map(|cloud| Entry { sign: Sign::Pen(cloud.series.pen), text: cloud.series.arm.label.clone() })
        .collect();
    legend.push(Entry { sign: Sign::Line(OBJECTIVE), text: format!("the objective: {}", objective(load)) });
    legend.push(Entry { sign: Sign::Text("│"), text: "the greatest rate that held, median over blocks".to_owned() });
    let (frame, unit_us) = frame(&clouds, load);
    let sheet = Sheet {
        name: format!("{}-latency-by-rate", claim.verdict.claim),
        title: format!("Response time over offered rate: {}", design.experiment.workload.title),
        finding: clouds.iter().map(|cloud| finding(cloud, load)).collect::<Vec<_>>().join(" "),
        subtitle: format!(
            "{} A point is a rate that was tried; crossed out where it did not hold.",
            facts::load(design)
        ),
        legend,
        panels: vec![frame],
        caption: facts::caption(run, claim),
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        panel.level(canvas, load.objective.at_most.as_micros_f64() / unit_us, OBJECTIVE);
        for (place, cloud) in clouds.iter().enumerate() {
            canvas.series(place, || draw(canvas, panel, cloud, unit_us));
        }
    });
    Some(Figure { place: Place::Claim(claim.verdict.claim.clone()), drawing })
}

fn objective(load: &SearchLoad) -> String {
    let objective = &load.objective;
    let (time, errors) = (words::micros(objective.at_most.as_micros_f64()), words::percent(objective.errors_at_most));
    format!("{} ≤ {time}, errors ≤ {errors}", objective.quantile)
}

fn frame(clouds: &[Cloud<'_>], load: &SearchLoad) -> (Frame, f64) {
    let steps = || clouds.iter().flat_map(Cloud::steps).map(|(_, step)| step);
    let bound_us = load.objective.at_most.as_micros_f64();
    let greatest = steps().map(|step| step.response_us).fold(bound_us, f64::max);
    let (unit_us, unit) = if greatest >= 2_000.0 { (1e3, "ms") } else { (1.0, "µs") };
    let x = Axis::log("Offered rate (requests/s, log scale)", steps().map(|step| step.rate_per_s), 1.5);
    let values = steps().map(|step| step.response_us / unit_us).chain([bound_us / unit_us]);
    let y = Axis::log(format!("{} response time ({unit}, log scale)", load.objective.quantile), values, 4.0);
    (Frame { x, y, height: 200.0, right: 8.0 }, unit_us)
}

fn draw(canvas: &Canvas<'_>, panel: &Panel, cloud: &Cloud<'_>, unit_us: f64) {
    let pen = Pen { body: Body::Hollow, ..cloud.series.pen };
    if let Some(rate) = cloud.greatest_per_s() {
        let x = panel.x(rate);
        canvas.line([(x, panel.top), (x, panel.bottom)], Line { ink: pen.ink, dash: pen.dash, width: 1.4 });
    }
    for (block, step) in cloud.steps() {
        let at = panel.at(step.rate_per_s, step.response_us / unit_us);
        let body = if step.confirming { Body::Full } else { Body::Hollow };
        Pen { body, ..pen }.mark(canvas, at);
        if !step.held {
            let cross = Line::solid(Ink::Text, 1.2);
            canvas.line([(at.0 - 5.0, at.1 - 5.0), (at.0 + 5.0, at.1 + 5.0)], cross);
        }
        let held = if step.held { "held" } else { "did not hold" };
        let kind = if step.confirming { ", confirming run" } else { "" };
        let said = format!(
            "{}, block {}{kind}: {} requests/s, {}, {} errors: {held}",
            cloud.series.short,
            block + 1,
            words::number(step.rate_per_s),
            words::micros(step.response_us),
            words::percent(step.error_share)
        );
        canvas.spot(at, said);
    }
}

fn finding(cloud: &Cloud<'_>, load: &SearchLoad) -> String {
    let tried = cloud.steps().count();
    let label = &cloud.series.arm.label;
    match cloud.greatest_per_s() {
        Some(rate) => format!(
            "{label}: of {tried} rates that were tried the greatest that held {} is {} requests/s, the median over {} blocks.",
            objective(load),
            words::number(rate),
            cloud.searches.len()
        ),
        None => format!("{label}: none of {tried} rates that were tried held {}.", objective(load)),
    }
}
