//! The static site: an index with the ledger of verdicts, a page for each claim, server and workload, and one each on the machine,
//! the method and what could not be tested. Nothing is loaded from elsewhere, every text is escaped by the template, and all of it can
//! be read without the script.

mod arms;
mod attacks;
mod bill;
mod claim;
pub(crate) mod compare;
mod evidence;
mod index;
mod ledger;
mod machine;
mod method;
mod not_offered;
mod not_tested;
mod parts;
mod policy;
mod proxies;
mod servers;
mod shell;
mod trends;
mod workloads;

use crate::artifact::Artifact;
use crate::charts::Figure;
use crate::joined::Run;

/// All pages of a run.
pub(crate) fn pages(run: &Run<'_>, figures: &[Figure]) -> Vec<Artifact> {
    let page = |path: String, html: String| Artifact::text(path, "text/html; charset=utf-8", html);
    let claims = run
        .claims
        .iter()
        .map(|claim| page(format!("claims/{}.html", claim.verdict.claim), claim::page(run, claim, figures)));
    let mut pages = vec![
        page("index.html".to_owned(), index::page(run, figures)),
        page("machine.html".to_owned(), machine::page(run)),
        page("method.html".to_owned(), method::page(run)),
        page("not-tested.html".to_owned(), not_tested::page(run)),
        page("servers.html".to_owned(), servers::list(run)),
        page("workloads.html".to_owned(), workloads::list(run)),
    ];
    pages.extend(claims);
    if !run.trends.is_empty() {
        pages.push(page("trends.html".to_owned(), trends::page(run, figures)));
    }
    let servers = run.record.header.servers.values();
    pages.extend(servers.map(|server| page(format!("servers/{}.html", server.name), servers::page(run, server))));
    let workloads = workloads::each(run).into_iter();
    pages
        .extend(workloads.map(|first| {
            page(format!("workloads/{}.html", first.workload.name), workloads::page(run, first, figures))
        }));
    pages
}
