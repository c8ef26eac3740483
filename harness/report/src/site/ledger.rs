//! The ledger: each claim with its sentence, verdict, effect in words and in a small plot.

use maud::{Markup, PreEscaped, html};
use model::verdict::{Outcome, Verdict};

use crate::charts::strip;
use crate::draw::axis::Axis;
use crate::joined::{ClaimView, Run};
use crate::site::parts::{badge, class};
use crate::words;

pub(crate) fn ledger(run: &Run<'_>) -> Markup {
    let estimated: Vec<&Verdict> = run.verdicts.iter().filter(|verdict| verdict.effect.is_some()).collect();
    let axis = crate::charts::ratio_axis(&estimated, "");
    html! {
        @if run.claims.is_empty() { p { "The record holds no claim." } }
        ul.ledger {
            @for claim in &run.claims { (entry(run, claim, &axis)) }
        }
    }
}

fn entry(run: &Run<'_>, claim: &ClaimView<'_>, axis: &Axis) -> Markup {
    let verdict = claim.verdict;
    html! {
        li class={ "entry v-" (class(verdict.outcome)) } {
            div.said {
                p.state { (badge(verdict.outcome)) @if claim.is_control() { " " span.tag { "control" } } }
                h3 { a href={ "claims/" (verdict.claim) ".html" } { (verdict.statement) } }
            }
            div.found {
                @if let Some(effect) = words::effect(verdict) {
                    p.effect { (effect) }
                    @if let Some(what) = claim.design.and_then(|design| crate::facts::compared(run, &design)) { p.what { (what) } }
                }
                @if let Some(drawing) = strip(claim, axis) { (PreEscaped(drawing.inline())) }
                @if !matches!(verdict.outcome, Outcome::Supported | Outcome::Refuted) { p.why { (words::sentence(&verdict.reason)) } }
            }
        }
    }
}
