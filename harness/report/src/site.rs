//! The static site: an index with the ledger of verdicts, a page for each claim, one on the machine, one on the method.
//! No scripts, nothing loaded from elsewhere; every text is escaped by the template.

mod arms;
mod claim;
mod evidence;
mod index;
mod ledger;
mod machine;
mod method;
mod parts;
mod shell;

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
    ];
    pages.extend(claims);
    pages
}
