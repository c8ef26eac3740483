//! The ledger: the claims by the article's sections, each with its sentence, verdict, and effect in words and in a small plot.

use maud::{Markup, PreEscaped, html};
use model::verdict::{Outcome, Verdict};

use crate::charts::strip;
use crate::draw::axis::Axis;
use crate::joined::{ClaimView, Run};
use crate::site::parts::{badge, class, text};
use crate::words;

/// The heading of claims whose section is not in the record, as of those that were never planned.
const ELSEWHERE: &str = "Not measured in this run";

pub(crate) fn ledger(run: &Run<'_>) -> Markup {
    let estimated: Vec<&Verdict> = run.verdicts.iter().filter(|verdict| verdict.effect.is_some()).collect();
    let axis = crate::charts::ratio_axis(&estimated, "");
    html! {
        @if run.claims.is_empty() { p { "The record holds no claim." } }
        @for (section, claims) in sections(run) {
            div.group {
                h3.section { (words::capitalised(section)) }
                ul.ledger { @for claim in claims { (entry(run, claim, &axis)) } }
            }
        }
    }
}

/// The claims by section, in the order in which the sections first occur.
fn sections<'r, 'a>(run: &'r Run<'a>) -> Vec<(&'r str, Vec<&'r ClaimView<'a>>)> {
    let mut sections: Vec<(&str, Vec<&ClaimView<'_>>)> = Vec::new();
    for claim in &run.claims {
        let section = claim.design.map_or(ELSEWHERE, |design| &design.planned.claim.section);
        match sections.iter_mut().find(|(known, _)| *known == section) {
            Some((_, claims)) => claims.push(claim),
            None => sections.push((section, vec![claim])),
        }
    }
    sections.sort_by_key(|(section, _)| *section == ELSEWHERE);
    for (_, claims) in &mut sections {
        claims.sort_by_key(|claim| rank(claim));
    }
    sections
}

/// What the article says comes first, then what goes beyond it, then the controls.
fn rank(claim: &ClaimView<'_>) -> u8 {
    match claim.design {
        _ if claim.is_control() => 2,
        Some(design) if design.planned.claim.article.starts_with('(') => 1,
        _ => 0,
    }
}

/// The form that searches and filters; shown by the script alone, since it does nothing without.
pub(crate) fn finder(run: &Run<'_>) -> Markup {
    const ALL: [Outcome; 4] = [Outcome::Supported, Outcome::Refuted, Outcome::Inconclusive, Outcome::NotTestable];
    let there = |outcome| run.verdicts.iter().any(|verdict| verdict.outcome == outcome);
    html! {
        form id="find" role="search" hidden {
            label.words { span { "Search claims" } input type="search" name="words" autocomplete="off"; }
            fieldset {
                legend.hidden { "Show verdicts" }
                @for outcome in ALL.into_iter().filter(|outcome| there(*outcome)) {
                    label class={ "v-" (class(outcome)) } {
                        input type="checkbox" name="verdict" value=(class(outcome)) checked;
                        span.badge { (words::symbol(outcome)) " " (outcome.in_words()) }
                    }
                }
            }
            output aria-live="polite" {}
        }
    }
}

fn entry(run: &Run<'_>, claim: &ClaimView<'_>, axis: &Axis) -> Markup {
    let verdict = claim.verdict;
    html! {
        li class={ "entry v-" (class(verdict.outcome)) } data-verdict=(class(verdict.outcome)) data-find=(searched(claim)) {
            div.said {
                p.state { (badge(verdict.outcome)) @if claim.is_control() { " " span.tag { "control" } } @if verdict.exploratory.is_some() { " " span.tag { "exploratory" } } }
                h4 { a href={ "claims/" (verdict.claim) ".html" } { (text(&verdict.statement)) } }
                @if let Some(design) = claim.design.filter(|_| !claim.is_control()) {
                    p.article { (article(&design.planned.claim.article)) }
                }
            }
            div.found {
                @if let Some(effect) = words::times(verdict) {
                    p.effect { (effect) " " span.range { (words::between(verdict)) } }
                    @if let Some(what) = claim.design.and_then(|design| crate::facts::compared(run, &design)) { p.what { (what) } }
                }
                @if let Some(drawing) = strip(claim, axis) { (PreEscaped(drawing.inline())) }
                @if !matches!(verdict.outcome, Outcome::Supported | Outcome::Refuted) { p.why { (text(words::sentence(&words::short_reason(&verdict.reason)))) } }
            }
        }
    }
}

/// What the article says; a remark in brackets is ours, and no quotation.
fn article(said: &str) -> Markup {
    html! { @if said.starts_with('(') { (text(said)) } @else { "The article: " q { (text(said)) } } }
}

/// What the search looks through.
fn searched(claim: &ClaimView<'_>) -> String {
    let verdict = claim.verdict;
    let mut all = vec![verdict.claim.to_string(), verdict.family.to_string(), words::unticked(&verdict.statement)];
    if let Some(design) = claim.design {
        all.push(design.planned.claim.article.clone());
        all.push(design.experiment.workload.title.clone());
        all.extend(design.compared().iter().map(|arm| arm.label.clone()));
    }
    all.join(" ").to_lowercase()
}
