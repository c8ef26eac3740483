//! Which routes of some workloads a server does not offer, in which modes and on which runtimes: what is shown as *not tested*.
//!
//! Derived from definitions alone, so that it can be told of a catalog and of a record in the same way. Whether what a server offers was
//! measured is another question.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::define::server::Server;
use crate::define::workload::{Stream, Workload, is_on, path_only};
use crate::names::{ModeName, RuntimeName, ServerName};

/// What a server does not offer of the routes that some workloads need, and so is not tested with.
#[derive(Clone, Debug, PartialEq)]
pub struct NotOffered<'d> {
    /// The server.
    pub server: &'d Server,
    /// The routes that it does not offer everywhere, by where it does; never empty.
    pub by_offer: BTreeMap<Offer<'d>, Needed<'d>>,
}

/// Routes, each with the workloads that need it, in their order.
pub type Needed<'d> = BTreeMap<&'d str, Vec<&'d Workload>>;

/// Where a server offers a route that it does not offer everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offer<'d> {
    /// In none of its modes.
    Nowhere,
    /// In some of its modes, or on some of its runtimes.
    Partly {
        /// The modes in which it does; nothing where it does in all.
        only_in: Option<BTreeSet<&'d ModeName>>,
        /// The runtimes on which it does not, whatever the mode.
        not_on: BTreeSet<&'d RuntimeName>,
    },
}

/// What each server does not offer of the routes that the workloads need; nothing of a server that offers all of them everywhere, nor of an
/// instrument.
///
/// A route is named as servers list it: as the longest one of any server that the workload's path is on, or as the path itself where no
/// server has it.
#[must_use]
pub fn not_offered<'d>(workloads: &[&'d Workload], servers: &'d BTreeMap<ServerName, Server>) -> Vec<NotOffered<'d>> {
    let needs: Vec<_> = workloads.iter().map(|workload| (*workload, needs(workload, servers))).collect();
    let of_server = |server: &'d Server| {
        let ways = ways(server);
        let mut by_offer: BTreeMap<Offer<'d>, Needed<'d>> = BTreeMap::new();
        for (workload, needs) in &needs {
            for route in needs {
                if let Some(offer) = offer(&ways, route) {
                    by_offer.entry(offer).or_default().entry(route).or_default().push(*workload);
                }
            }
        }
        NotOffered { server, by_offer }
    };
    servers
        .values()
        .filter(|server| !server.is_instrument())
        .map(of_server)
        .filter(|found| !found.by_offer.is_empty())
        .collect()
}

/// One way of running a server, with the routes that it then offers.
struct Way<'d> {
    mode: &'d ModeName,
    runtime: &'d RuntimeName,
    routes: Vec<String>,
}

fn ways(server: &Server) -> Vec<Way<'_>> {
    let pairs = server.modes.iter().flat_map(|mode| server.runtimes.keys().map(move |runtime| (mode, runtime)));
    let possible = pairs.filter(|((_, mode), runtime)| mode.runs_on(runtime));
    possible.map(|((mode, _), runtime)| Way { mode, runtime, routes: server.routes_on(mode, runtime) }).collect()
}

/// The routes that a workload needs.
fn needs<'d>(workload: &'d Workload, servers: &'d BTreeMap<ServerName, Server>) -> BTreeSet<&'d str> {
    workload.streams.iter().flat_map(Stream::paths).map(|path| route_of(path, servers)).collect()
}

fn route_of<'d>(path: &'d str, servers: &'d BTreeMap<ServerName, Server>) -> &'d str {
    let listed = |server: &'d Server| server.routes.iter().chain(server.modes.values().flat_map(|mode| &mode.adds));
    let routes = servers.values().flat_map(listed).filter(|route| is_on(path, route));
    routes.max_by_key(|route| route.len()).map_or_else(|| path_only(path), String::as_str)
}

/// In which ways a server offers a route; nothing where it does so in every way.
///
/// A mode adds routes whatever the runtime, and a runtime lacks routes whatever the mode: so modes and runtimes, each for itself, say it all,
/// where no route of a server lies below another one of it.
fn offer<'d>(ways: &[Way<'d>], route: &str) -> Option<Offer<'d>> {
    let offers = |way: &&Way<'_>| way.routes.iter().any(|offered| is_on(route, offered));
    let (with, without): (Vec<&Way<'d>>, Vec<&Way<'d>>) = ways.iter().partition(offers);
    if without.is_empty() {
        return None;
    }
    let modes: BTreeSet<&ModeName> = with.iter().map(|way| way.mode).collect();
    if modes.is_empty() {
        return Some(Offer::Nowhere);
    }
    let (of_modes, others): (Vec<&Way<'d>>, Vec<&Way<'d>>) =
        without.into_iter().partition(|way| modes.contains(way.mode));
    let not_on = of_modes.iter().map(|way| way.runtime).collect();
    Some(Offer::Partly { only_in: (!others.is_empty()).then_some(modes), not_on })
}

impl fmt::Display for Offer<'_> {
    /// As it goes on after "offers it": "only in the mode `asgi`".
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => out.write_str("nowhere"),
            Self::Partly { only_in: None, not_on } => write!(out, "everywhere but on {}", named("runtime", not_on)),
            Self::Partly { only_in: Some(modes), not_on } => {
                write!(out, "only in {}", named("mode", modes))?;
                if !not_on.is_empty() {
                    write!(out, ", and there not on {}", named("runtime", not_on))?;
                }
                Ok(())
            }
        }
    }
}

/// "the modes `asgi`, `gthread`".
fn named(kind: &str, names: &BTreeSet<impl fmt::Display>) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("the {kind}{plural} {}", listed.join(", "))
}
