//! The page on what could not be tested: each claim with its reason and what would mend it, the routes that servers do
//! not offer, the runtimes that are missing, and what this machine cannot show at all.

use maud::{Markup, html};
use model::define::untestable::Shown;
use model::machine::RuntimeFound;
use model::verdict::Outcome;

use crate::joined::Run;
use crate::site::not_offered;
use crate::site::parts::{table, text};
use crate::site::proxies;
use crate::site::shell::{Page, shell};
use crate::words;

/// A claim without data.
#[derive(Debug)]
pub(crate) struct Missing<'a> {
    /// The claim's page exists where it has a verdict.
    pub(crate) page: Option<&'a str>,
    pub(crate) statement: &'a str,
    pub(crate) reason: &'a str,
    /// Empty where nothing would mend it.
    pub(crate) remedy: &'a str,
    /// What is shown of it instead.
    pub(crate) shown: Option<&'a Shown>,
}

/// All claims that could not be tested: those of the plan, and those that the judge says so of.
pub(crate) fn missing<'a>(run: &Run<'a>) -> Vec<Missing<'a>> {
    let judged = run.claims.iter().filter(|claim| claim.verdict.outcome == Outcome::NotTestable).map(|claim| Missing {
        page: Some(claim.verdict.claim.as_str()),
        statement: &claim.verdict.statement,
        reason: claim.not_testable.map_or(claim.verdict.reason.as_str(), |found| &found.reason),
        remedy: claim.not_testable.map_or("", |found| &found.remedy),
        shown: claim.not_testable.and_then(|found| found.shown.as_ref()),
    });
    let has_verdict = |id: &model::names::ClaimId| run.verdicts.iter().any(|verdict| verdict.claim == *id);
    let planned = run.record.header.plan.not_testable.iter().filter(|found| !has_verdict(&found.claim));
    let planned = planned.map(|found| Missing {
        page: None,
        statement: &found.statement,
        reason: &found.reason,
        remedy: &found.remedy,
        shown: found.shown.as_ref(),
    });
    judged.chain(planned).collect()
}

pub(crate) fn page(run: &Run<'_>) -> String {
    let missing = missing(run);
    let content = html! {
        h1 { "What could not be tested, and why" }
        p { "A claim that this machine cannot test gets no verdict, however plausible it sounds. That is settled before any data is taken." }
        section aria-labelledby="claims" {
            h2 id="claims" { "Claims" }
            @if missing.is_empty() { p { "Everything that was asked for could be tested." } }
            dl.reasons {
                @for found in &missing {
                    dt { @if let Some(id) = found.page { a href={ "claims/" (id) ".html" } { (text(found.statement)) } } @else { (text(found.statement)) } }
                    dd {
                        (text(words::sentence(found.reason)))
                        @if found.remedy.is_empty() { " No measurement would settle it." }
                        @else { " To test it: " (text(words::sentence(found.remedy))) }
                        @if let Some(shown) = found.shown { " " (instead(shown)) }
                    }
                }
            }
        }
        (not_offered::by_server(run))
        (proxies::section(run))
        (runtimes(run))
        (doubts(run))
    };
    shell(run, Page::NotTested, "What could not be tested, and why", &content)
}

/// What is shown of a statement that was not measured.
pub(crate) fn instead(shown: &Shown) -> Markup {
    html! {
        strong { "Shown, not measured: " } (text(words::sentence(&shown.about)))
        @for (place, file) in shown.files.iter().enumerate() {
            @if place == 0 { " In the project: " } @else { ", " }
            code { (file) }
        }
        @if !shown.files.is_empty() { "." }
    }
}

fn runtimes(run: &Run<'_>) -> Markup {
    let header = &run.record.header;
    let found =
        header.runtimes.iter().flat_map(|(server, all)| all.iter().map(move |(name, found)| (server, name, found)));
    let rows: Vec<Vec<Markup>> = found
        .filter_map(|(server, name, found)| {
            let RuntimeFound::Missing(missing) = found else { return None };
            let title = header.servers.get(server).map_or(server.as_str(), |server| &server.title);
            let name = name.as_str();
            Some(vec![text(format!("{title}, {name}")), text(&missing.reason), text(&missing.remedy)])
        })
        .collect();
    html! {
        section aria-labelledby="missing-runtimes" {
            h2 id="missing-runtimes" { "Runtimes that are missing here" }
            @if rows.is_empty() { p { "None." } }
            @else { (table("Missing runtimes, with what would mend it", &["Runtime", "Why", "What would mend it"], &rows)) }
        }
    }
}

fn doubts(run: &Run<'_>) -> Markup {
    let doubts = &run.record.header.machine.doubts;
    html! {
        section aria-labelledby="doubts" {
            h2 id="doubts" { "What this machine cannot do that the method would like" }
            @if doubts.is_empty() { p { "Nothing is known." } }
            @else { ul { @for doubt in doubts { li { (text(words::sentence(doubt))) } } } }
        }
    }
}
