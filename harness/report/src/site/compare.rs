//! The page on two runs: what changed from one to the other, arm by arm and number by number.

use maud::{Markup, PreEscaped, html};
use model::change::{Change, Changed};
use model::record::{Header, RunRecord};
use model::verdict::{Outcome, RegionBounds};

use crate::artifact::Artifact;
use crate::charts::{Bar, bar_axis, bar_strip};
use crate::draw::ink::Ink;
use crate::site::parts::{facts, table, text};
use crate::site::shell::document;
use crate::words;

/// The page as a file of its own.
pub(crate) fn page(first: &RunRecord, second: &RunRecord, changes: &[Change]) -> Artifact {
    let title = "What changed between two runs";
    let links = html! { a href="#changes" { "Changes" } };
    let content = html! {
        h1 { (title) }
        p.lead { (tally(changes)) "." }
        (runs(&first.header, &second.header))
        section aria-labelledby="changes" {
            h2 id="changes" { "Every number that both measured" }
            p.quiet { "A ratio is the second run over the first, with its interval; inside the shaded band the change is too small to matter. The two runs share no blocks, so a change may be what the machine did that day." }
            @if changes.is_empty() { p { "The runs have no number of any arm in common." } }
            @else { (table("Changes by workload, arm and number", &["What", "Answer", "Ratio", "Why"], &rows(changes))) }
        }
    };
    let footer = html! { footer { p { "Drawn by claimbench from the records of both runs." } } };
    Artifact::text("compare.html", "text/html; charset=utf-8", document(title, &links, &content, &footer))
}

fn tally(changes: &[Change]) -> String {
    let count = |outcome| changes.iter().filter(|change| change.outcome == outcome).count();
    let all = [Changed::Changed, Changed::Equivalent, Changed::CannotTell];
    let said = all.map(|outcome| format!("{} {}", count(outcome), outcome.in_words()));
    format!("{} numbers: {}", changes.len(), said.join(", "))
}

fn runs(first: &Header, second: &Header) -> Markup {
    let run = |header: &Header| {
        text(format!(
            "{}; {}; profile {}, {} blocks; commit {}",
            header.began,
            header.machine.in_words(),
            words::profile(header.plan.profile.name),
            header.plan.profile.blocks,
            header.commit.as_deref().unwrap_or("unknown")
        ))
    };
    html! {
        section aria-labelledby="runs" {
            h2 id="runs" { "The runs" }
            (facts(&[("First", run(first)), ("Second", run(second))]))
            @if first.machine != second.machine { p.note { "Their machines differ, which alone may change any number." } }
        }
    }
}

/// The outcome whose colour and sign a change takes.
const fn like(outcome: Changed) -> Outcome {
    match outcome {
        Changed::Changed => Outcome::Refuted,
        Changed::Equivalent => Outcome::Supported,
        Changed::CannotTell => Outcome::Inconclusive,
    }
}

fn bar(change: &Change) -> Bar {
    let d = 1.0 + change.margin;
    Bar {
        effect: change.ratio,
        low: change.low,
        high: change.high,
        region: RegionBounds { above: Some(1.0 / d), below: Some(d) },
        ink: Ink::Outcome(like(change.outcome)),
    }
}

fn rows(changes: &[Change]) -> Vec<Vec<Markup>> {
    let bars: Vec<Bar> = changes.iter().map(bar).collect();
    let axis = bar_axis(&bars, "");
    let row = |(number, (change, bar)): (usize, (&Change, &Bar))| {
        let ratio = in_words(change);
        let finding = format!("{}: {ratio}", change.outcome.in_words());
        let strip = bar_strip(format!("change-{number}"), finding, *bar, &axis);
        let class = crate::site::parts::class(like(change.outcome));
        let sign = match change.outcome {
            Changed::Changed => "≠",
            Changed::Equivalent => "=",
            Changed::CannotTell => "?",
        };
        vec![
            html! { (change.workload) ", " (change.arm) br; span.quiet { (change.metric) } },
            html! { span class={ "badge v-" (class) } { (sign) " " (change.outcome.in_words()) } },
            html! { (ratio) @if let Some(drawing) = strip { (PreEscaped(drawing.inline())) } },
            text(words::sentence(&change.reason)),
        ]
    };
    changes.iter().zip(&bars).enumerate().map(row).collect()
}

fn in_words(change: &Change) -> String {
    match (change.ratio, change.low, change.high) {
        (Some(ratio), Some(low), Some(high)) => {
            format!("{} times, between {} and {}", words::number(ratio), words::number(low), words::number(high))
        }
        (Some(ratio), _, _) => format!("{} times", words::number(ratio)),
        _ => "no ratio".to_owned(),
    }
}
