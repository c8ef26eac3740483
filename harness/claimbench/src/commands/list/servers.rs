//! The servers of a listing, each with the routes that it offers and those that it does not.

use std::collections::{BTreeMap, BTreeSet};

use model::define::catalog::Catalog;
use model::define::server::{Needed, NotOffered, Offer, Server, not_offered};
use model::define::workload::Workload;
use model::names::{ModeName, RuntimeName};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct ListedServer<'a> {
    name: &'a str,
    title: &'a str,
    modes: Vec<&'a str>,
    runtimes: Vec<&'a str>,
    routes: &'a [String],
    /// The routes that a mode has beside these; modes that add none are left out.
    adds: BTreeMap<&'a str, &'a [String]>,
    /// Those of these that a runtime has not; runtimes that lack none are left out.
    lacks: BTreeMap<&'a str, &'a [String]>,
    /// The routes of workloads that it does not offer in every mode on every runtime.
    not_offered: Vec<ListedGap<'a>>,
    /// The same in words.
    #[serde(skip)]
    not_tested: Vec<String>,
}

/// A route that a server does not offer everywhere, so that the workloads which need it are not tested there.
#[derive(Debug, Serialize)]
struct ListedGap<'a> {
    route: &'a str,
    workloads: Vec<&'a str>,
    /// The modes that offer it; none where it is offered nowhere.
    modes: Vec<&'a str>,
    /// The runtimes on which those do not.
    not_on: Vec<&'a str>,
}

/// All servers.
pub(super) fn servers(catalog: &Catalog) -> Vec<ListedServer<'_>> {
    let workloads: Vec<&Workload> = catalog.workloads.values().collect();
    let gaps = not_offered(&workloads, &catalog.servers);
    let of_server = |server| listed(server, gaps.iter().find(|found| found.server == server));
    catalog.servers.values().map(of_server).collect()
}

fn listed<'a>(server: &'a Server, found: Option<&NotOffered<'a>>) -> ListedServer<'a> {
    let gaps = || found.into_iter().flat_map(|found| &found.by_offer);
    let adds = server.modes.iter().map(|(name, mode)| (name.as_str(), mode.adds.as_slice()));
    let lacks = server.runtimes.iter().map(|(name, runtime)| (name.as_str(), runtime.lacks.as_slice()));
    ListedServer {
        name: server.name.as_str(),
        title: &server.title,
        modes: server.modes.keys().map(ModeName::as_str).collect(),
        runtimes: server.runtimes.keys().map(RuntimeName::as_str).collect(),
        routes: &server.routes,
        adds: adds.filter(|(_, routes)| !routes.is_empty()).collect(),
        lacks: lacks.filter(|(_, routes)| !routes.is_empty()).collect(),
        not_offered: gaps().flat_map(|(offer, needed)| listed_gaps(server, offer, needed)).collect(),
        not_tested: gaps().map(|(offer, needed)| not_tested(offer, needed)).collect(),
    }
}

fn listed_gaps<'a>(server: &'a Server, offer: &Offer<'a>, needed: &Needed<'a>) -> Vec<ListedGap<'a>> {
    let (modes, not_on) = match offer {
        Offer::Nowhere => (Vec::new(), Vec::new()),
        Offer::Partly { only_in, not_on } => {
            let all = || server.modes.keys().collect();
            let modes = only_in.clone().unwrap_or_else(all);
            (modes.into_iter().map(ModeName::as_str).collect(), not_on.iter().map(|name| name.as_str()).collect())
        }
    };
    let gap = |(route, workloads): (&&'a str, &Vec<&'a Workload>)| ListedGap {
        route,
        workloads: workloads.iter().map(|workload| workload.name.as_str()).collect(),
        modes: modes.clone(),
        not_on: not_on.clone(),
    };
    needed.iter().map(gap).collect()
}

fn not_tested(offer: &Offer<'_>, needed: &Needed<'_>) -> String {
    let routes: Vec<&str> = needed.keys().copied().collect();
    let workloads: BTreeSet<&str> = needed.values().flatten().map(|workload| workload.name.as_str()).collect();
    let workloads: Vec<&str> = workloads.into_iter().collect();
    format!("offers {} {offer}; not tested without: {}", routes.join(", "), workloads.join(", "))
}

impl ListedServer<'_> {
    /// Its lines in a text.
    pub(super) fn in_words(&self) -> Vec<String> {
        let first = format!("  {:<24} {}", self.name, self.modes.join(", "));
        let further = self.not_tested.iter().map(|gap| format!("  {:<24} {gap}", ""));
        std::iter::once(first).chain(further).collect()
    }
}
