//! The index: what was asked and how it came out first, then the ledger, the effects side by side, and what could not be tested.

use std::collections::BTreeSet;

use maud::{Markup, html};
use model::verdict::Outcome;

use crate::charts::{Figure, Place};
use crate::joined::Run;
use crate::site::ledger::{finder, ledger};
use crate::site::parts::{class, figure, text};
use crate::site::shell::{Page, shell};
use crate::words;

pub(crate) fn page(run: &Run<'_>, figures: &[Figure]) -> String {
    let own: Vec<&Figure> = figures.iter().filter(|figure| figure.place == Place::Index).collect();
    let content = html! {
        h1 { "Is it so? What an article says about backend servers, put to the test" }
        p.lead { "For each sentence " (servers(run)) " were started, loaded and measured, and a rule that was fixed beforehand gave the verdict." }
        (tally(run))
        p.quiet.where-from { "Measured on " a href="machine.html" { (run.record.header.machine.in_words()) } ", " (blocks(run)) " on fresh servers each time. On another machine it may come out differently." }
        @if let Some(checks) = words::failed_checks(run.verdicts) { p.quiet { (checks) } }
        (incomplete(run))
        section aria-labelledby="verdicts" {
            h2 id="verdicts" { "Verdicts" }
            (legend())
            (finder(run))
            (ledger(run))
        }
        section aria-labelledby="effects" {
            h2 id="effects" { "Effects side by side" }
            div.charts.wide { @for found in &own { (figure(found, "")) } }
            @if own.is_empty() { p { "No claim was tested, so there is nothing to draw." } }
        }
        (not_tested(run))
    };
    shell(run, Page::Verdicts, "Verdicts", &content)
}

/// The servers of all claims, by name.
fn servers(run: &Run<'_>) -> String {
    let arms = run.claims.iter().filter_map(|claim| claim.design).flat_map(|design| design.arms());
    let known = &run.record.header.servers;
    let titles: BTreeSet<&str> = arms.filter_map(|arm| Some(known.get(&arm.server)?.title.as_str())).collect();
    let titles: Vec<&str> = titles.into_iter().collect();
    match titles.as_slice() {
        [] => "real servers".to_owned(),
        [one] => format!("{one} servers"),
        [others @ .., last] => format!("real {} and {last} servers", others.join(", ")),
    }
}

fn blocks(run: &Run<'_>) -> String {
    match run.record.header.plan.profile.blocks {
        1 => "once".to_owned(),
        blocks => format!("{blocks} times over"),
    }
}

/// How many verdicts there are of each kind, as large numbers.
fn tally(run: &Run<'_>) -> Markup {
    const ORDER: [Outcome; 4] = [Outcome::Supported, Outcome::Refuted, Outcome::Inconclusive, Outcome::NotTestable];
    let count = |outcome| run.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
    html! {
        p.hidden { (words::tally(run.verdicts)) "." }
        @if !run.verdicts.is_empty() {
            ul.tally aria-hidden="true" {
                @for outcome in ORDER.into_iter().filter(|outcome| count(*outcome) > 0) {
                    li class={ "v-" (class(outcome)) } {
                        span.many { (count(outcome)) }
                        span { (words::symbol(outcome)) " " (outcome.in_words()) }
                    }
                }
            }
        }
        @else { p { (words::tally(run.verdicts)) "." } }
    }
}

/// How to read a row, in one line.
fn legend() -> Markup {
    html! {
        p.quiet {
            "The small plots show how many times as much (or as long) the first of the two came to, with the range that chance leaves open. Inside the shaded band the sentence holds; at 1× both are alike. "
            a href="method.html" { "How to read a verdict" }
        }
    }
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
                @if failed > 0 { (failed) " of " (planned) " trials failed: " a href="machine.html#failures" { "why" } ". " }
                @if record.cut_off { "Its last line was cut off." }
            }
        }
    }
}

fn not_tested(run: &Run<'_>) -> Markup {
    let missing = crate::site::not_tested::missing(run);
    html! {
        section aria-labelledby="not-tested" {
            h2 id="not-tested" { "What could not be tested, and why" }
            @if missing.is_empty() { p { "Everything that was asked for could be tested on this machine." } }
            @else {
                p.quiet { a href="not-tested.html" { "What would make them testable" } }
                dl.reasons {
                    @for found in &missing { dt { (text(found.statement)) } dd { (text(words::sentence(found.reason))) } }
                }
            }
        }
    }
}
