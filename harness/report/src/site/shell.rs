//! The shell of every page: head, style sheet, navigation and footer.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::joined::Run;
use crate::site::policy::{SCRIPT, policy, style};
use crate::words;

/// A page of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Verdicts,
    Claim,
    Servers,
    Server,
    Workloads,
    Workload,
    Machine,
    Method,
    NotTested,
    Trends,
}

impl Page {
    /// The way from the page to the site's root.
    const fn root(self) -> &'static str {
        match self {
            Self::Claim | Self::Server | Self::Workload => "../",
            _ => "",
        }
    }

    /// The entry of the navigation under which it stands.
    const fn entry(self) -> Self {
        match self {
            Self::Claim => Self::Verdicts,
            Self::Server => Self::Servers,
            Self::Workload => Self::Workloads,
            other => other,
        }
    }
}

const ENTRIES: [(Page, &str, &str); 7] = [
    (Page::Verdicts, "index.html", "Verdicts"),
    (Page::Trends, "trends.html", "Trends"),
    (Page::Servers, "servers.html", "Servers"),
    (Page::Workloads, "workloads.html", "Workloads"),
    (Page::Machine, "machine.html", "Machine"),
    (Page::Method, "method.html", "Method"),
    (Page::NotTested, "not-tested.html", "Not tested"),
];

/// Wraps a page's content.
pub(crate) fn shell(run: &Run<'_>, page: Page, title: &str, content: &Markup) -> String {
    let root = page.root();
    let links = html! {
        @for (entry, path, label) in ENTRIES.into_iter().filter(|(entry, _, _)| *entry != Page::Trends || !run.trends.is_empty()) {
            @if entry == page { a href={ (root) (path) } aria-current="page" { (label) } }
            @else if entry == page.entry() { a.within href={ (root) (path) } { (label) } }
            @else { a href={ (root) (path) } { (label) } }
        }
    };
    document(title, &links, content, &footer(run, root))
}

/// A whole page: head, navigation, content, footer.
pub(crate) fn document(title: &str, links: &Markup, content: &Markup, footer: &Markup) -> String {
    let style = style();
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(&style));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (words::unticked(title)) " · claimbench" }
                style { (PreEscaped(style)) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                header.top {
                    nav aria-label="Pages" {
                        span.brand { "claimbench" }
                        (links)
                    }
                }
                main id="content" tabindex="-1" { (content) }
                (footer)
                script { (PreEscaped(SCRIPT)) }
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
                @for artifact in crate::exporters::paths() { a href={ (root) (artifact) } { (artifact) } " · " }
                a href={ (root) (crate::RECORD_FILE) } { (crate::RECORD_FILE) }
            }
        }
    }
}
