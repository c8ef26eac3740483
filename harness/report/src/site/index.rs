//! The index: the answer first, then the effects side by side, then what could not be tested and why.

use maud::{Markup, html};
use model::verdict::Outcome;

use crate::charts::{Figure, Place};
use crate::joined::Run;
use crate::site::ledger::ledger;
use crate::site::parts::figure;
use crate::site::shell::{Page, shell};
use crate::words;

pub(crate) fn page(run: &Run<'_>, figures: &[Figure]) -> String {
    let header = &run.record.header;
    let content = html! {
        h1 { "Claims put to the test" }
        p.lead { (words::tally(run.verdicts)) "." }
        p.quiet { "Measured on " (header.machine.in_words()) "; " (header.plan.profile.blocks) " blocks, each arm on a fresh server in every one." }
        (incomplete(run))
        section aria-labelledby="verdicts" {
            h2 id="verdicts" { "Verdicts" }
            p.quiet {
                "An effect is the ratio treatment / baseline with its interval. The shaded band is where the claim holds; the thin line is a ratio of 1. "
                a href="method.html" { "How to read a verdict" } "."
            }
            (ledger(run))
        }
        section aria-labelledby="effects" {
            h2 id="effects" { "Effects side by side" }
            div.charts {
                @for found in figures.iter().filter(|figure| figure.place == Place::Index) { (figure(found, "")) }
            }
            @if !figures.iter().any(|figure| figure.place == Place::Index) { p { "No claim was tested, so there is nothing to draw." } }
        }
        (not_tested(run))
    };
    shell(run, Page::Verdicts, "Verdicts", &content)
}

/// What the record lacks, if it lacks something.
fn incomplete(run: &Run<'_>) -> Markup {
    let record = run.record;
    let planned = record.header.plan.trials.len();
    let failed = run.failures().count();
    let missing = planned.saturating_sub(record.trials.len());
    html! {
        @if failed > 0 || missing > 0 || record.cut_off {
            p.note {
                strong { "This record has gaps. " }
                @if missing > 0 { (missing) " of " (planned) " planned trials did not run. " }
                @if failed > 0 { (failed) " trials failed: " a href="machine.html#failures" { "why" } ". " }
                @if record.cut_off { "Its last line was cut off." }
            }
        }
    }
}

fn not_tested(run: &Run<'_>) -> Markup {
    let judged = |id| run.verdicts.iter().any(|verdict| verdict.claim == id && verdict.outcome == Outcome::NotTestable);
    let planned = &run.record.header.plan.not_testable;
    let verdicts: Vec<_> = run.claims.iter().filter(|claim| claim.verdict.outcome == Outcome::NotTestable).collect();
    html! {
        section aria-labelledby="not-tested" {
            h2 id="not-tested" { "What could not be tested, and why" }
            @if verdicts.is_empty() && planned.is_empty() { p { "Everything that was asked for could be tested on this machine." } }
            @else {
                dl.reasons {
                    @for claim in verdicts {
                        dt { a href={ "claims/" (claim.verdict.claim) ".html" } { (claim.verdict.statement) } }
                        dd {
                            (words::sentence(claim.not_testable.map_or(claim.verdict.reason.as_str(), |found| &found.reason)))
                            @if let Some(found) = claim.not_testable.filter(|found| !found.remedy.is_empty()) { " To test it: " (found.remedy) "." }
                        }
                    }
                    @for found in planned.iter().filter(|found| !judged(found.claim.clone())) {
                        dt { (found.statement) }
                        dd { (words::sentence(&found.reason)) @if !found.remedy.is_empty() { " To test it: " (found.remedy) "." } }
                    }
                }
            }
        }
    }
}
