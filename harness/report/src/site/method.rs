//! The page on the method, in short: how to read a verdict, and what each gate asks.

use maud::{Markup, html};
use model::analysis::Gate;
use model::verdict::Outcome;

use crate::joined::Run;
use crate::site::parts::{badge, table, text};
use crate::site::shell::{Page, shell};

const GATES: [Gate; 13] = [
    Gate::G1,
    Gate::G2,
    Gate::G3,
    Gate::G4,
    Gate::G5,
    Gate::G6,
    Gate::G7,
    Gate::G8,
    Gate::G9,
    Gate::G10,
    Gate::G11,
    Gate::G12,
    Gate::G13,
];

pub(crate) fn page(run: &Run<'_>) -> String {
    let content = html! {
        h1 { "How to read a verdict" }
        section aria-labelledby="verdict" {
            h2 id="verdict" { "Four outcomes" }
            p { "Each claim was registered before any data was taken, with the region in which the effect must lie. The effect is the ratio treatment / baseline; its interval says how far chance may have moved it." }
            dl.outcomes {
                @for (outcome, meaning) in OUTCOMES { div { dt { (badge(outcome)) } dd { (meaning) } } }
            }
        }
        section aria-labelledby="design" {
            h2 id="design" { "Why to believe it" }
            ul {
                li { "Every arm runs once in each block, on a freshly started server, and gives one number. Requests of one run are never counted as independent." }
                li { "Blocks hold all arms close in time and in random order from the recorded seed, so that drift of the machine cancels in the pairs." }
                li { "Latency is taken under open-loop load and counts from when a request was due. Requests that were never sent or answered are kept as “at least this long”." }
                li { "Effects are mean log-ratios over blocks with a t interval, widened for a long tail that so few blocks may have missed, and corrected within a family by Holm's method; an exact sign-flip test stands beside them." }
                li { "The region and its complement cannot both hold, so a wrong definite verdict stays as rare as was set beforehand." }
            }
        }
        section aria-labelledby="gates" {
            h2 id="gates" { "Gates: one failure withholds the verdict" }
            (table("What each gate asks", &["Gate", "Passes when"], &GATES.map(row)))
        }
    };
    shell(run, Page::Method, "How to read a verdict", &content)
}

const OUTCOMES: [(Outcome, &str); 4] = [
    (Outcome::Supported, "The whole interval lies inside the region, and every gate passes."),
    (Outcome::Refuted, "The whole interval lies outside the region, and every gate passes."),
    (
        Outcome::Inconclusive,
        "The interval straddles the border, there are too few blocks, or a gate failed. The reason is given.",
    ),
    (
        Outcome::NotTestable,
        "This machine lacks a runtime or cores that the claim needs. Said before any data is taken.",
    ),
];

fn row(gate: Gate) -> Vec<Markup> {
    vec![html! { (format!("{gate:?}")) " " (gate.title()) }, text(asks(gate))]
}

/// What a gate asks, in a line.
const fn asks(gate: Gate) -> &'static str {
    match gate {
        Gate::G1 => "requests in flight, rate and response time agree within 5 % (closed loop)",
        Gate::G2 => {
            "at least 99 % of due requests left, and late by at most 5 % of the median response time or the calibrated floor"
        }
        Gate::G3 => {
            "the generator used less than 80 % of its cores, with the services that share them, and shared one with a server only where it used less than 2 % \
             of it; services that ran short can only have slowed their arm, and withhold a verdict that this may have made"
        }
        Gate::G4 => {
            "for capacity: the server's cores were at least 90 % busy, or another named limit was reached; or what was missed could not have made the verdict"
        }
        Gate::G5 => "every response was verified, and the server counted as many as the client",
        Gate::G6 => "at most 0.1 % errors, and alike across arms",
        Gate::G7 => "the runs were flat, unless the claim is about warm-up",
        Gate::G8 => "the same arm twice differs by less than the margin",
        Gate::G9 => "nothing but the registered factor differs between the arms",
        Gate::G10 => "first or last place in a block makes no difference",
        Gate::G11 => "a known delay injected into an arm is found",
        Gate::G12 => "no number is missing or impossible, no server crashed, no block is missing",
        Gate::G13 => "stalls, stolen time and contention for the server's core stayed below the effect that is judged",
    }
}
