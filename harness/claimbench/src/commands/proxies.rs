//! `claimbench proxies`: what can be counted of the effort that each server took. Proxies, of which no verdict comes.

use anyhow::Context;
use lab::proxies::of_server;
use model::define::catalog::Catalog;
use model::proxies::ServerProxies;
use serde::Serialize;

use crate::cli::ProxiesArgs;
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::print;

/// What `proxies --json` prints: version 1 of a documented interface. Members are only ever added.
#[derive(Debug, Serialize)]
struct Listing {
    version: u32,
    proxies: Vec<ServerProxies>,
}

/// Prints the proxies of all servers.
///
/// # Errors
/// When the definitions have mistakes, or a server's files are not what they should be.
pub fn proxies(args: &ProxiesArgs, root: &Root) -> Result<(), Failure> {
    let listing = Listing { version: 1, proxies: of_all(&root.catalog()?, root)? };
    let text = if args.json {
        serde_json::to_string_pretty(&listing).context("proxies are not serialisable")?
    } else {
        in_words(&listing.proxies)
    };
    print::result(&text)?;
    Ok(())
}

/// The proxies of all servers, without what installing them took.
///
/// # Errors
/// When a server's files are not what they should be.
pub fn of_all(catalog: &Catalog, root: &Root) -> Result<Vec<ServerProxies>, Failure> {
    let folder = |name: &str| root.path().join("reference-servers").join(name);
    let each = catalog.servers.values().map(|server| of_server(&folder(server.name.as_str()), server).transpose());
    each.flatten().collect::<Result<_, _>>().means(Exit::BadInput)
}

fn in_words(all: &[ServerProxies]) -> String {
    let heads = ["server", "routes", "logical lines", "lines", "tokens", "direct", "transitive"];
    let mut lines = vec![
        "Proxies for the effort that a server took; no verdict comes from them. Dependencies by the lock file."
            .to_owned(),
        format!(
            "{:<12}{:>8}{:>15}{:>8}{:>8}{:>8}{:>12}",
            heads[0], heads[1], heads[2], heads[3], heads[4], heads[5], heads[6]
        ),
    ];
    lines.extend(all.iter().map(|found| {
        let (size, packages) = (found.source, found.dependencies);
        format!(
            "{:<12}{:>8}{:>15}{:>8}{:>8}{:>8}{:>12}",
            found.server.as_str(),
            found.routes,
            size.logical_lines,
            size.lines,
            size.tokens,
            packages.direct,
            packages.transitive
        )
    }));
    lines.join("\n")
}
