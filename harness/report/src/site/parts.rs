//! Small parts that several pages use: the verdict's badge, tables that scroll, figures, lists of facts.

use maud::{Markup, PreEscaped, html};
use model::analysis::Spread;
use model::verdict::Outcome;

use crate::charts::Figure;
use crate::draw::ink::Layer;
use crate::site::policy::SWITCHES;
use crate::words::{self, Part};

/// The outcome with its sign, word and colour.
pub(crate) fn badge(outcome: Outcome) -> Markup {
    html! {
        span class={ "badge v-" (class(outcome)) } {
            span aria-hidden="true" { (words::symbol(outcome)) } " " (outcome.in_words())
        }
    }
}

/// The name of an outcome's class.
pub(crate) const fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Supported => "supported",
        Outcome::Refuted => "refuted",
        Outcome::Inconclusive => "inconclusive",
        Outcome::NotTestable => "not-testable",
    }
}

/// A table that scrolls inside its box where it is too wide; its caption names it.
pub(crate) fn table(caption: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (place, cell) in row.iter().enumerate() {
                                @if place == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Facts: a term and what it is.
pub(crate) fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! {
        dl.facts {
            @for (term, value) in facts { div { dt { (term) } dd { (value) } } }
        }
    }
}

/// A text as a cell, fact or sentence, with what stands between backticks as code.
pub(crate) fn text(text: impl AsRef<str>) -> Markup {
    html! {
        @for part in words::parts(text.as_ref()) {
            @match part {
                Part::Plain(plain) => { (plain) }
                Part::Code(inner) => { code { (inner) } }
            }
        }
    }
}

/// A chart in a page, with a link to its file.
pub(crate) fn figure(figure: &Figure, root: &str) -> Markup {
    html! {
        figure {
            (PreEscaped(figure.drawing.inline()))
            (keys(figure))
            figcaption { a href={ (root) (figure.path()) } { "This chart as a file" span.hidden { ": " (figure.drawing.title) } } }
        }
    }
}

/// Buttons that switch series off; shown by the script alone, since they do nothing without.
fn keys(figure: &Figure) -> Markup {
    let series = &figure.drawing.series;
    html! {
        @if (2..=SWITCHES).contains(&series.len()) {
            div.keys role="group" aria-label={ "Series of the chart: " (figure.drawing.title) } hidden {
                @for (place, name) in series.iter().enumerate() {
                    button type="button" aria-pressed="true" data-key=(Layer::of(place).class()) { (name) }
                }
            }
        }
    }
}

/// A number over the blocks: the median, with the least and the greatest.
pub(crate) fn spread(spread: Option<Spread>, unit: &str) -> Markup {
    text(spread.map_or_else(
        || "unknown".to_owned(),
        |s| {
            let [median, min, max] = [s.median, s.min, s.max].map(words::number);
            format!("{median}{unit} ({min} to {max}, {} blocks)", s.blocks)
        },
    ))
}

/// A text that may be the address of a page: a link if it is one, else itself.
pub(crate) fn guide(text: &str) -> Markup {
    html! {
        @if text.starts_with("https://") { a href=(text) rel="external noreferrer" { (text) } } @else { (text) }
    }
}
