//! The pages of the workloads: what is sent and how, what a right answer is, and what every arm came to on it, and which
//! servers do not offer its routes.

use maud::{Markup, html};
use model::analysis::{ArmAnalysis, ExperimentAnalysis};
use model::define::workload::{Expect, Role, Step, Stream};
use model::plan::{Arm, Experiment};

use crate::charts::{Figure, Place};
use crate::joined::Run;
use crate::site::attacks::attacks;
use crate::site::not_offered;
use crate::site::parts::{badge, facts, figure, spread, table, text};
use crate::site::shell::{Page, shell};
use crate::words;

/// The list of all workloads; one that several experiments use stands once.
pub(crate) fn list(run: &Run<'_>) -> String {
    let rows: Vec<Vec<Markup>> = each(run)
        .into_iter()
        .map(|experiment| {
            let workload = &experiment.workload;
            vec![
                html! { a href={ "workloads/" (workload.name) ".html" } { (workload.title) } },
                text(&workload.about),
                text(workload.streams.iter().map(|stream| words::load(&stream.load)).collect::<Vec<_>>().join("; ")),
            ]
        })
        .collect();
    let content = html! {
        h1 { "Workloads" }
        p { "What is sent to the servers, and how. Every response is checked." }
        @if rows.is_empty() { p { "The record holds no workload." } }
        @else { (table("Workloads of this run", &["Workload", "What it stands for", "Load"], &rows)) }
    };
    shell(run, Page::Workloads, "Workloads", &content)
}

/// The first experiment of each workload.
pub(crate) fn each<'a>(run: &Run<'a>) -> Vec<&'a Experiment> {
    let mut seen: Vec<&Experiment> = Vec::new();
    for experiment in &run.record.header.plan.experiments {
        if seen.iter().all(|known| known.workload.name != experiment.workload.name) {
            seen.push(experiment);
        }
    }
    seen
}

/// The page of one workload.
pub(crate) fn page(run: &Run<'_>, first: &Experiment, figures: &[Figure]) -> String {
    let workload = &first.workload;
    let place = Place::Workload(workload.name.clone());
    let services: Vec<String> = workload.services.iter().map(|service| format!("{service:?}").to_lowercase()).collect();
    let content = html! {
        p.crumb { a href="../workloads.html" { "Workloads" } " / " (workload.name) }
        h1 { (workload.title) }
        p.lead { (text(&workload.about)) }
        (facts(&[
            ("Measured for", text(words::measured_for(first))),
            ("Blocks", text(first.blocks.to_string())),
            ("Beside the server", text(if services.is_empty() { "nothing".to_owned() } else { services.join(", ") })),
        ]))
        @for stream in &workload.streams {
            @if stream.attacks.is_empty() { (shape(stream)) } @else { (attacks(run, workload.name.as_str(), stream)) }
        }
        @for found in figures.iter().filter(|found| found.place == place) { div.charts { (figure(found, "../")) } }
        (results(run, first))
        (not_offered::of_workload(run, workload))
        (verdicts(run, first))
    };
    shell(run, Page::Workload, &workload.title, &content)
}

fn shape(stream: &Stream) -> Markup {
    let role = match stream.role {
        Role::Measured => "measured",
        Role::Background => "only there as load",
    };
    let rows: Vec<Vec<Markup>> = stream.steps.iter().map(step).collect();
    html! {
        section aria-labelledby={ "stream-" (stream.name) } {
            h2 id={ "stream-" (stream.name) } { "Stream " (stream.name) ": " (role) }
            p { (words::capitalised(&words::load(&stream.load))) "; a request counts as failed after " (stream.timeout) "." }
            (table(&format!("Requests of {}, sent in rotation", stream.name), &["Request", "Right answer"], &rows))
        }
    }
}

fn step(step: &Step) -> Vec<Markup> {
    let body = step.body.as_ref().map_or(0, String::len);
    vec![
        html! { code { (step.method.as_str()) " " (step.path) } @if body > 0 { " with a body of " (body) " bytes" } },
        text(expected(&step.expect)),
    ]
}

fn expected(expect: &Expect) -> String {
    let mut parts = vec![format!("status {}", expect.status)];
    parts.extend(expect.content_type.as_ref().map(|kind| format!("media type {kind}")));
    parts.extend(expect.body.as_ref().map(|body| format!("the body “{body}”")));
    parts.extend(expect.json.as_ref().map(|json| format!("JSON with {json}")));
    if !expect.json_types.is_empty() {
        let names: Vec<&str> = expect.json_types.keys().map(String::as_str).collect();
        parts.push(format!("JSON members of the right type: {}", names.join(", ")));
    }
    parts.extend(expect.length.map(|length| format!("{} bytes", words::count(length))));
    parts.join("; ")
}

fn results(run: &Run<'_>, first: &Experiment) -> Markup {
    let experiments = run.record.header.plan.experiments.iter().enumerate();
    let own = experiments.filter(|(_, experiment)| experiment.workload.name == first.workload.name);
    let rows: Vec<Vec<Markup>> = own
        .flat_map(|(number, experiment)| {
            let found = run.analysis.experiments.get(number);
            experiment.arms.iter().flat_map(move |arm| rows(arm, found.and_then(|found| numbers(found, arm))))
        })
        .collect();
    html! {
        section aria-labelledby="results" {
            h2 id="results" { "Every arm" }
            @if rows.is_empty() { p { "No arm was planned on it." } }
            @else {
                (table(
                    "Median over the blocks, with the least and the greatest",
                    &["Arm", "Stream", "Throughput", "p50", "p99", "Cores used", "Peak memory"],
                    &rows,
                ))
            }
        }
    }
}

fn numbers<'a>(found: &'a ExperimentAnalysis, arm: &Arm) -> Option<&'a ArmAnalysis> {
    found.arms.iter().find(|found| found.arm == arm.id)
}

fn rows(arm: &Arm, found: Option<&ArmAnalysis>) -> Vec<Vec<Markup>> {
    let Some(found) = found else { return vec![vec![text(&arm.label), text("nothing was measured")]] };
    let quantile = |stream: &model::analysis::StreamAnalysis, wanted: f64| {
        let point = stream.response_time.iter().find(|point| (point.quantile - wanted).abs() < 1e-9);
        text(point.map_or_else(
            || "too few requests".to_owned(),
            |point| {
                format!(
                    "{} ({} to {})",
                    words::micros(point.median_us),
                    words::micros(point.min_us),
                    words::micros(point.max_us)
                )
            },
        ))
    };
    let row = |stream: &model::analysis::StreamAnalysis| {
        vec![
            text(&arm.label),
            text(stream.stream.as_str()),
            spread(stream.throughput_per_s, "/s"),
            quantile(stream, 0.5),
            quantile(stream, 0.99),
            spread(found.cores_used, ""),
            spread(found.rss_mib, " MiB"),
        ]
    };
    found.streams.iter().map(row).collect()
}

fn verdicts(run: &Run<'_>, first: &Experiment) -> Markup {
    let own = run
        .claims
        .iter()
        .filter(|claim| claim.design.is_some_and(|design| design.experiment.workload.name == first.workload.name));
    html! {
        section aria-labelledby="claims" {
            h2 id="claims" { "Claims tested with it" }
            ul.plain {
                @for claim in own {
                    li { (badge(claim.verdict.outcome)) " " a href={ "../claims/" (claim.verdict.claim) ".html" } { (text(&claim.verdict.statement)) } }
                }
            }
        }
    }
}
