//! The page of one claim: sentence, verdict, reading, rule, charts, evidence, arms, and how to repeat it.

use maud::{Markup, html};

use crate::charts::{Figure, Place};
use crate::exporters::histograms;
use crate::joined::{ClaimView, Design, Run};
use crate::site::arms::arms;
use crate::site::bill::bill;
use crate::site::evidence::{blocks, controls, gates};
use crate::site::not_tested::instead;
use crate::site::parts::{badge, class, facts, figure, table, text};
use crate::site::shell::{Page, shell};
use crate::words;

pub(crate) fn page(run: &Run<'_>, claim: &ClaimView<'_>, figures: &[Figure]) -> String {
    let verdict = claim.verdict;
    let content = html! {
        p.crumb { a href="../index.html" { "Verdicts" } " / " (verdict.claim) }
        h1 { (text(&verdict.statement)) }
        (answer(run, claim))
        @if let Some(design) = &claim.design { (reading(design)) }
        (charts(claim, figures))
        @if let Some(design) = &claim.design { (rule(claim, design)) }
        (controls(run, claim))
        (gates(claim))
        @if let Some(design) = &claim.design { (arms(run, claim, design)) }
        (bill(run, claim))
        (blocks(claim))
        @if let Some(design) = &claim.design { (raw(design)) }
        (repeat(run, claim))
    };
    shell(run, Page::Claim, &verdict.statement, &content)
}

fn answer(run: &Run<'_>, claim: &ClaimView<'_>) -> Markup {
    let verdict = claim.verdict;
    html! {
        div class={ "answer v-" (class(verdict.outcome)) } {
            p.state { (badge(verdict.outcome)) @if claim.is_control() { " " span.tag { "control" } } @if verdict.exploratory.is_some() { " " span.tag { "exploratory" } } }
            @if let Some(why) = &verdict.exploratory { p.note { strong { "Exploratory: " } (text(words::sentence(why))) } }
            @if let Some(effect) = words::effect(verdict) {
                p.effect { (effect) }
                @if let Some(what) = claim.design.and_then(|design| crate::facts::compared(run, &design)) { p.quiet { (words::capitalised(&what)) "." } }
            } @else { p.effect { "No estimate" } }
            p { (text(words::sentence(&verdict.reason))) }
            @if let Some(found) = claim.not_testable.filter(|found| !found.remedy.is_empty()) { p { "To test it: " (text(&found.remedy)) "." } }
            @if let Some(shown) = claim.not_testable.and_then(|found| found.shown.as_ref()) { p { (instead(shown)) } }
            @if !verdict.doubts.is_empty() {
                details.doubts {
                    summary { (verdict.doubts.len()) @if verdict.doubts.len() == 1 { " doubt" } @else { " doubts" } " to keep in mind" }
                    ul { @for doubt in &verdict.doubts { li { (text(words::sentence(doubt))) } } }
                }
            }
        }
    }
}

fn reading(design: &Design<'_>) -> Markup {
    let claim = &design.planned.claim;
    html! {
        section aria-labelledby="reading" {
            h2 id="reading" { "What the article says, and how it is read" }
            @if claim.article.starts_with('(') { p { (text(&claim.article)) } }
            @else { blockquote { p { (text(&claim.article)) } footer { (claim.section) } } }
            p { (text(&claim.reading)) }
        }
    }
}

fn rule(claim: &ClaimView<'_>, design: &Design<'_>) -> Markup {
    let verdict = claim.verdict;
    let registered = &design.planned.claim;
    let confidence = verdict.confidence.map_or_else(|| "unknown".to_owned(), words::percent);
    let p = verdict.p_sign_flip.map_or_else(|| "unknown".to_owned(), words::number);
    html! {
        section aria-labelledby="rule" {
            h2 id="rule" { "Rule and result" }
            (facts(&[
                ("Compared", text(format!("{}, treatment over baseline", words::metric_name(&registered.metric)))),
                ("It holds", text(format!("where the ratio lies {}", words::region(verdict.region)))),
                ("Why this margin", text(&registered.decision.reason)),
                ("Found", text(words::effect(verdict).unwrap_or_else(|| "no estimate".to_owned()))),
                ("Confidence of the interval", text(format!("{confidence}, corrected within the family {}", verdict.family))),
                ("Blocks", text(format!("{} pairs of {} planned", verdict.blocks, design.experiment.blocks))),
                ("Sign-flip test", text(format!("p = {p}, exact and beside the interval"))),
                ("Workload", html! { a href={ "../workloads/" (design.experiment.workload.name) ".html" } { (design.experiment.workload.title) } ". " (text(&design.experiment.workload.about)) }),
                ("Load", text(crate::facts::workload(design))),
                ("Measured", text(words::measured_for(design.experiment))),
                ("Registered as", html! { code { "sha256:" (design.planned.sha256) } }),
            ]))
        }
    }
}

fn charts(claim: &ClaimView<'_>, figures: &[Figure]) -> Markup {
    let place = Place::Claim(claim.verdict.claim.clone());
    let own: Vec<&Figure> = figures.iter().filter(|figure| figure.place == place).collect();
    html! {
        section aria-labelledby="charts" {
            h2 id="charts" { "Charts" }
            @if own.is_empty() { p { "The record holds nothing that could be drawn for this claim." } }
            div.charts { @for found in own { (figure(found, "../")) } }
        }
    }
}

/// The histograms behind the claim's arms.
fn raw(design: &Design<'_>) -> Markup {
    let Some(stream) = design.stream() else { return html! {} };
    let rows: Vec<Vec<Markup>> = design
        .arms()
        .into_iter()
        .filter_map(|arm| {
            let stem = histograms::stem(design.number, design.experiment, &arm.id, &stream.name)?;
            let link = |ending: &str| html! { a href={ "../" (stem) (ending) } { (words::capitalised(ending.trim_start_matches('.'))) } };
            Some(vec![text(&arm.label), html! { (link(".hgrm")) }, html! { (link(".hlog")) }])
        })
        .collect();
    html! {
        section aria-labelledby="raw" {
            h2 id="raw" { "Raw histograms" }
            p.quiet { "Response times in ms, as recorded. " code { ".hgrm" } ": all blocks, by percentile, for HdrHistogram's plotters; " code { ".hlog" } ": one interval a trial, lossless." }
            (table("Histograms of response time by arm", &["Arm", "By percentile", "Log"], &rows))
        }
    }
}

fn repeat(run: &Run<'_>, claim: &ClaimView<'_>) -> Markup {
    let plan = &run.record.header.plan;
    let command = format!(
        "cargo run --release -p claimbench -- run --claims {} --profile {} --seed {}",
        claim.verdict.claim,
        words::profile(plan.profile.name),
        plan.seed
    );
    html! {
        section aria-labelledby="repeat" {
            h2 id="repeat" { "Repeat it" }
            pre tabindex="0" { code { (command) } }
            p.quiet { "At commit " (run.record.header.commit.as_deref().unwrap_or("unknown")) ". The whole run was:" }
            pre tabindex="0" { code { (run.record.header.command) } }
            p {
                "Data of this page: "
                a href="../verdicts.json" { "verdict" } ", " a href="../blocks.csv" { "blocks" } ", "
                a href="../arms.csv" { "arms" } ", " a href={ "../" (crate::RECORD_FILE) } { "record with every histogram" } "."
            }
        }
    }
}
