//! The shell of every page: head, style sheet, navigation and footer.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::draw::ink::{css_classes, css_variables};
use crate::joined::Run;
use crate::words;

const STYLE: &str = include_str!("style.css");

/// A page of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Verdicts,
    Claim,
    Machine,
    Method,
}

/// Wraps a page's content.
pub(crate) fn shell(run: &Run<'_>, page: Page, title: &str, content: &Markup) -> String {
    let root = if page == Page::Claim { "../" } else { "" };
    let entries = [
        (Page::Verdicts, "index.html", "Verdicts"),
        (Page::Machine, "machine.html", "Machine"),
        (Page::Method, "method.html", "Method"),
    ];
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · claimbench" }
                style { (PreEscaped(css_variables())) (PreEscaped(css_classes())) (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header.top {
                    nav aria-label="Pages" {
                        span.brand { "claimbench" }
                        @for (entry, path, label) in entries {
                            @if entry == page { a href={ (root) (path) } aria-current="page" { (label) } }
                            @else { a href={ (root) (path) } { (label) } }
                        }
                    }
                }
                main id="content" { (content) }
                (footer(run, root))
            }
        }
    };
    words::printable(&html.into_string())
}

fn footer(run: &Run<'_>, root: &str) -> Markup {
    let header = &run.record.header;
    html! {
        footer {
            p {
                "Run of " (header.began) " · profile " (words::profile(header.plan.profile.name))
                " · seed " (header.plan.seed) " · claimbench " (header.claimbench) " · commit "
                (header.commit.as_deref().unwrap_or("unknown"))
            }
            p {
                "Data: "
                a href={ (root) "verdicts.json" } { "verdicts.json" } " · "
                a href={ (root) "blocks.csv" } { "blocks.csv" } " · "
                a href={ (root) "arms.csv" } { "arms.csv" } " · "
                a href={ (root) (crate::RECORD_FILE) } { (crate::RECORD_FILE) }
            }
        }
    }
}
