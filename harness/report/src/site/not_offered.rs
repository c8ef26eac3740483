//! What servers do not offer of the routes that the run's workloads need, and so are not tested with: on the pages of the server and of the
//! workload, and of all servers on the page on what could not be tested.

use maud::{Markup, html};
use model::define::server::{Needed, NotOffered, Offer, Server, not_offered};
use model::define::workload::Workload;

use crate::joined::Run;
use crate::site::parts::{table, text};
use crate::site::workloads;
use crate::words;

const OFFERED: &str = "Offered";
const ROUTES: &str = "Routes and workloads";

/// The section of a server's page; empty where it is an instrument.
pub(crate) fn of_server(run: &Run<'_>, server: &Server) -> Markup {
    if server.is_instrument() {
        return html! {};
    }
    let found = all(run).into_iter().find(|found| found.server.name == server.name);
    let gaps = found.into_iter().flat_map(|found| found.by_offer);
    let rows: Vec<Vec<Markup>> = gaps.map(|(offer, needed)| vec![offered(&offer), routes(&needed, "../")]).collect();
    html! {
        section aria-labelledby="not-tested" {
            h2 id="not-tested" { "Not tested" }
            @if rows.is_empty() { p { "Nothing: it offers every route that the workloads of this run need." } }
            @else {
                p { "A workload is not tested where a route that it needs is missing." }
                (table("Routes that it does not offer everywhere, each with the workloads that need it", &[OFFERED, ROUTES], &rows))
            }
        }
    }
}

/// The section of a workload's page; empty where all servers offer all of its routes.
pub(crate) fn of_workload(run: &Run<'_>, workload: &Workload) -> Markup {
    let found = not_offered(&[workload], &run.record.header.servers);
    html! {
        @if !found.is_empty() {
            section aria-labelledby="not-tested" {
                h2 id="not-tested" { "Not tested, since the server does not offer the routes" }
                ul.plain {
                    @for (server, offer, needed) in gaps(&found) {
                        li {
                            a href={ "../servers/" (server.name) ".html" } { (server.title) } ": offers "
                            @for (place, route) in needed.keys().enumerate() { @if place > 0 { ", " } code { (route) } }
                            " " (text(offer.to_string()))
                        }
                    }
                }
            }
        }
    }
}

/// The section of the page on what could not be tested.
pub(crate) fn by_server(run: &Run<'_>) -> Markup {
    let found = all(run);
    let row = |(server, offer, needed): (&Server, &Offer<'_>, &Needed<'_>)| {
        let name = html! { a href={ "servers/" (server.name) ".html" } { (server.title) } };
        vec![name, offered(offer), routes(needed, "")]
    };
    let rows: Vec<Vec<Markup>> = gaps(&found).map(row).collect();
    html! {
        section aria-labelledby="not-offered" {
            h2 id="not-offered" { "Routes that a server does not offer" }
            @if rows.is_empty() { p { "None that a workload of this run needs." } }
            @else {
                p { "A server need not offer every route. A workload is not tested where a route that it needs is missing." }
                (table("Routes that are not offered everywhere, each with the workloads that need it", &["Server", OFFERED, ROUTES], &rows))
            }
        }
    }
}

/// Of every server and every workload of the run.
fn all<'a>(run: &Run<'a>) -> Vec<NotOffered<'a>> {
    let workloads: Vec<&Workload> = workloads::each(run).into_iter().map(|first| &first.workload).collect();
    not_offered(&workloads, &run.record.header.servers)
}

fn gaps<'n, 'd>(found: &'n [NotOffered<'d>]) -> impl Iterator<Item = (&'d Server, &'n Offer<'d>, &'n Needed<'d>)> {
    found.iter().flat_map(|found| found.by_offer.iter().map(|(offer, needed)| (found.server, offer, needed)))
}

fn offered(offer: &Offer<'_>) -> Markup {
    text(words::capitalised(&offer.to_string()))
}

/// A line for each route; `root` leads to the site's root.
fn routes(needed: &Needed<'_>, root: &str) -> Markup {
    html! {
        @for (route, workloads) in needed {
            div {
                code { (route) } ": "
                @for (place, workload) in workloads.iter().enumerate() {
                    @if place > 0 { ", " }
                    a href={ (root) "workloads/" (workload.name) ".html" } { (workload.title) }
                }
            }
        }
    }
}
