//! `claimbench list`: workloads, servers and claims, which routes servers do not offer, and which claims this machine can test.

use std::collections::BTreeMap;

use anyhow::Context;
use model::define::catalog::Catalog;
use model::plan::{Design, NotTestable, Plan, PlanRequest, Profile, ProfileName, plan};
use serde::Serialize;

use self::servers::{ListedServer, servers};
use crate::cli::ListArgs;
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::selection::Selection;
use crate::survey::Survey;

mod servers;

/// What `list --json` prints: version 1 of a documented interface. Members are only ever added.
#[derive(Debug, Serialize)]
struct Listing<'a> {
    version: u32,
    workloads: Vec<ListedWorkload<'a>>,
    servers: Vec<ListedServer<'a>>,
    claims: Vec<ListedClaim<'a>>,
}

#[derive(Debug, Serialize)]
struct ListedWorkload<'a> {
    name: &'a str,
    title: &'a str,
    routes: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct ListedClaim<'a> {
    id: &'a str,
    family: &'a str,
    statement: &'a str,
    workload: &'a str,
    testable_here: bool,
    why_not: Option<String>,
    remedy: Option<String>,
}

/// Lists what there is.
///
/// # Errors
/// When the definitions have mistakes.
pub fn list(args: &ListArgs, root: &Root) -> Result<(), Failure> {
    let catalog = root.catalog()?;
    if args.matrix {
        return matrix(&catalog);
    }
    let survey = Survey::look(&catalog)?;
    let everything = everything(&catalog, &survey)?;
    let listing = listing(&catalog, &everything.not_testable);
    let text = if args.json {
        serde_json::to_string_pretty(&listing).context("a listing is not serialisable")?
    } else {
        in_words(&listing)
    };
    print::result(&text)?;
    Ok(())
}

/// A family of claims, as a job of a matrix.
#[derive(Debug, Serialize)]
struct MatrixEntry<'a> {
    family: &'a str,
    /// A glob that matches the claims of the family and no others.
    claims: String,
}

/// Prints the families as `families=[…]`; controls of other families come along when a run is planned.
fn matrix(catalog: &Catalog) -> Result<(), Failure> {
    let mut families: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for found in catalog.claims.values() {
        families.entry(found.claim.family.as_str()).or_default().push(found.claim.id.as_str());
    }
    let entry = |(family, claims): (_, Vec<&str>)| MatrixEntry { family, claims: format!("{{{}}}", claims.join(",")) };
    let entries: Vec<MatrixEntry<'_>> = families.into_iter().map(entry).collect();
    let json = serde_json::to_string(&entries).context("a matrix is not serialisable")?;
    print::result(&format!("families={json}"))?;
    Ok(())
}

/// The plan of all claims, which tells the testable ones from the others.
///
/// # Errors
/// When there is no claim at all.
pub fn everything(catalog: &Catalog, survey: &Survey) -> Result<Plan, Failure> {
    let all = Selection::new(&[], &[])?;
    let request = PlanRequest {
        catalog,
        machine: &survey.machine,
        runtimes: survey.runtimes(),
        missing_services: &survey.missing_services,
        wanted: &all,
        profile: Profile::of(ProfileName::Quick),
        seed: 0,
        design: Design::PLAIN,
    };
    plan(&request).means(Exit::BadInput)
}

fn listing<'a>(catalog: &'a Catalog, not_testable: &[NotTestable]) -> Listing<'a> {
    Listing {
        version: 1,
        workloads: catalog
            .workloads
            .values()
            .map(|workload| ListedWorkload {
                name: workload.name.as_str(),
                title: &workload.title,
                routes: workload
                    .streams
                    .iter()
                    .flat_map(model::define::workload::Stream::paths)
                    .map(model::define::workload::path_only)
                    .collect(),
            })
            .collect(),
        servers: servers(catalog),
        claims: catalog.claims.values().map(|found| listed_claim(&found.claim, not_testable)).collect(),
    }
}

fn listed_claim<'a>(claim: &'a model::define::claim::Claim, not_testable: &[NotTestable]) -> ListedClaim<'a> {
    let why = not_testable.iter().find(|why| why.claim == claim.id);
    ListedClaim {
        id: claim.id.as_str(),
        family: claim.family.as_str(),
        statement: &claim.statement,
        workload: claim.workload.as_str(),
        testable_here: why.is_none(),
        why_not: why.map(|why| why.reason.clone()),
        remedy: why.map(|why| why.remedy.clone()),
    }
}

fn in_words(listing: &Listing<'_>) -> String {
    let mut lines = vec!["Workloads".to_owned()];
    lines.extend(listing.workloads.iter().map(|workload| format!("  {:<24} {}", workload.name, workload.title)));
    lines.push("\nServers and modes".to_owned());
    lines.extend(listing.servers.iter().flat_map(ListedServer::in_words));
    lines.push("\nClaims".to_owned());
    for claim in &listing.claims {
        lines.push(format!("  {:<24} {}", claim.id, claim.statement));
        if let Some(why) = &claim.why_not {
            lines.push(format!("  {:<24} not testable here: {why}", ""));
        }
    }
    lines.join("\n")
}
