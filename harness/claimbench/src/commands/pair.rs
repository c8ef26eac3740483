//! `claimbench pair`: lays out a folder of definitions in which the servers of a base and of a change stand side by side, with a claim
//! for each of their arms that the change is not slower. A run of it compares both block by block on one machine, and is judged as any
//! other. Only servers whose files differ are paired.

mod layout;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::Context;
use model::define::catalog::Catalog;
use model::define::claim::{ArmChoice, Claim, ClaimRole, Decision, Factor, Metric, Region};
use model::define::server::{Colour, RuntimeKind, Server};
use model::names::{ClaimId, FamilyName, ServerName};

use crate::cli::PairArgs;
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::print;

/// The smallest loss that matters, as a share.
const MARGIN: f64 = 0.1;
const WHY_MARGIN: &str = "Less than a tenth lies within what one machine shows from hour to hour.";

/// Lays the pairs out and prints how many claims there are, as a line for `$GITHUB_OUTPUT`.
///
/// # Errors
/// When the definitions of either have mistakes, or something cannot be written.
pub fn pair(args: &PairArgs, head: &Root) -> Result<(), Failure> {
    let base = Root::find(Some(&args.base))?;
    let (of_head, of_base) = (head.catalog()?, base.catalog()?);
    let differing = layout::differing(head.path(), base.path(), &common(&of_head, &of_base)).means(Exit::BadInput)?;
    let claims = claims(&of_head, &of_base, &differing).means(Exit::BadInput)?;
    layout::lay_out(head.path(), &args.out).means(Exit::BadInput)?;
    for name in &differing {
        if let Some(server) = of_base.servers.get(name) {
            layout::add_server(base.path(), &args.out, name, &as_base(server)?).means(Exit::BadInput)?;
        }
    }
    layout::write_claims(&args.out, &claims).means(Exit::BadInput)?;
    let names: Vec<&str> = differing.iter().map(ServerName::as_str).collect();
    print::note(&match names.as_slice() {
        [] => "no server differs, so there is nothing to compare".to_owned(),
        names => format!("paired: {}; run it with --root {}", names.join(", "), args.out.display()),
    });
    print::result(&format!("pairs={}", claims.len()))?;
    Ok(())
}

/// The servers that both have and that are no part of the harness.
fn common(head: &Catalog, base: &Catalog) -> Vec<ServerName> {
    let ours = |server: &Server| server.runtimes.values().any(|runtime| runtime.kind == RuntimeKind::Cargo);
    let both = head.servers.iter().filter(|(name, server)| base.servers.contains_key(*name) && !ours(server));
    both.map(|(name, _)| name.clone()).collect()
}

/// The base's server under a name of its own, and in black.
fn as_base(server: &Server) -> Result<Server, Failure> {
    let (name, title) = (base_name(&server.name).means(Exit::BadInput)?, format!("{} before", server.title));
    Ok(Server { name, title, colour: Colour::Black, ..server.clone() })
}

fn base_name(name: &ServerName) -> anyhow::Result<ServerName> {
    ServerName::new(format!("base-{name}")).with_context(|| format!("the name {name} is too long to be paired"))
}

/// A claim for each arm of each differing server on each workload and metric, each once.
fn claims(head: &Catalog, base: &Catalog, differing: &[ServerName]) -> anyhow::Result<Vec<Claim>> {
    let mut found: BTreeMap<String, Claim> = BTreeMap::new();
    for registered in head.claims.values() {
        for arm in [&registered.claim.baseline, &registered.claim.treatment] {
            let there = |server: &Server| arm.mode.as_ref().is_none_or(|mode| server.modes.contains_key(mode));
            if !differing.contains(&arm.server) || !base.servers.get(&arm.server).is_some_and(there) {
                continue;
            }
            let key = format!("{arm:?} {} {:?}", registered.claim.workload, registered.claim.metric);
            let number = found.len() + 1;
            if let Entry::Vacant(place) = found.entry(key) {
                place.insert(claim(number, &registered.claim, arm)?);
            }
        }
    }
    let mut claims: Vec<Claim> = found.into_values().collect();
    claims.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(claims)
}

fn claim(number: usize, like: &Claim, arm: &ArmChoice) -> anyhow::Result<Claim> {
    let id = format!("pair-{number:02}-{}", arm.server);
    let (region, statement) = rule(&like.metric);
    let mode = arm.mode.as_ref().map_or_else(String::new, |mode| format!(", {mode}"));
    Ok(Claim {
        id: ClaimId::new(id.clone()).context("a pair's name")?,
        family: FamilyName::new(id).context("a pair's name")?,
        role: ClaimRole::Claim,
        statement: format!("{}{mode}, on {}: the change {statement}.", arm.server, like.workload),
        article: "(the change is no slower than its base)".to_owned(),
        section: "Change against base".to_owned(),
        reading: format!("The arm of {}, as the base and as the change have it.", like.id),
        baseline: ArmChoice { server: base_name(&arm.server)?, ..arm.clone() },
        treatment: arm.clone(),
        levels: None,
        factors: vec![Factor::Server],
        decision: Decision { region, margin: MARGIN, reason: WHY_MARGIN.to_owned() },
        controls: Vec::new(),
        ..like.clone()
    })
}

/// Where the ratio must lie, and that in words.
const fn rule(metric: &Metric) -> (Region, &'static str) {
    match metric {
        Metric::Throughput(_) => (Region::NonInferior, "answers no fewer requests a second"),
        Metric::Capacity(_) => (Region::NonInferior, "sustains no smaller rate"),
        Metric::ResponseTime(_) => (Region::AtMost, "answers no later"),
        Metric::CpuPerRequest(_) => (Region::AtMost, "needs no more CPU for a request"),
        Metric::DeliveryTime(_) => (Region::AtMost, "delivers no later"),
        Metric::AcknowledgementTime(_) => (Region::AtMost, "acknowledges no later"),
        Metric::Reach(_) => (Region::NonInferior, "reaches no fewer"),
        Metric::EventGap(_) => (Region::AtMost, "leaves no longer gaps"),
        Metric::BytesPerCpuSecond(_) => (Region::NonInferior, "moves no fewer bytes for a CPU second"),
        Metric::Fairness(_) => (Region::NonInferior, "treats its readers no less alike"),
        Metric::MemoryPerConnection(_) => (Region::AtMost, "needs no more memory for a connection"),
        Metric::StartUp(_) => (Region::AtMost, "starts no slower"),
        Metric::TimeToSteadyRate(_) => (Region::AtMost, "comes to its steady rate no later"),
        Metric::TimeToAddedProcess(_) => (Region::AtMost, "adds a process no slower"),
        Metric::Memory(_) => (Region::AtMost, "needs no more memory"),
        Metric::AttacksStopped(_) => (Region::NonInferior, "stops no fewer attacks"),
    }
}
