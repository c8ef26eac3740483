//! `claimbench serve`: one server with what it needs, in the foreground, until interrupted.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use lab::contract::Contract;
use lab::server::Port;
use lab::session::{ServeError, Serving, Session, SessionSpec};
use model::define::catalog::Catalog;
use model::define::mistake::suggestion;
use model::names::{ModeName, ParameterName, RuntimeName, ServerName};

use crate::cli::ServeArgs;
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::interrupt;
use crate::print;
use crate::survey::Survey;

/// Starts the server, says where it listens, and waits.
///
/// # Errors
/// When there is no such server, it cannot be started, or it or a service that it needs ends by itself.
pub fn serve(args: &ServeArgs, root: &Root) -> Result<(), Failure> {
    let interrupted = interrupt::flag()?;
    let catalog = root.catalog()?;
    let serving = serving(args, &catalog).means(Exit::BadInput)?;
    let survey = Survey::look(&catalog)?;
    let contract = Contract::read(&root.path().join("reference-servers/CONTRACT.md")).means(Exit::BadInput)?;
    let session = Session::begin(SessionSpec {
        project: root.path(),
        cache: &survey.cache,
        runtimes: &survey.found,
        servers: &catalog.servers,
        contract: &contract,
        interrupted: &interrupted,
    });
    print::note("setting up; Ctrl-C ends the server");
    let ready = |port: u16| {
        // Whoever reads this line may have gone; the server goes on.
        let _ = print::result(&format!("http://127.0.0.1:{port}"));
    };
    let served = session.serve(&serving, |server, missing| {
        for missing in missing {
            print::note(&format!("without the routes that need it: {missing}"));
        }
        ready(server.port());
    });
    served.map_err(|error| match error {
        ServeError::NotStarted(_) => Failure { exit: Exit::Missing, error: error.into() },
        ServeError::Ended { .. } | ServeError::ServiceEnded(_) => Failure { exit: Exit::Missing, error: error.into() },
    })
}

fn serving(args: &ServeArgs, catalog: &Catalog) -> anyhow::Result<Serving> {
    let (server, mode) =
        args.server.split_once(':').map_or((args.server.as_str(), None), |(server, mode)| (server, Some(mode)));
    let known = catalog.servers.get(server);
    let known = known.ok_or_else(|| {
        anyhow!("unknown server `{server}`; {}", suggestion(server, catalog.servers.keys().map(ServerName::as_str)))
    })?;
    let mode_name = mode.unwrap_or_else(|| known.default_mode.as_str());
    let mode_known = known.modes.get(mode_name);
    let mode_known = mode_known.ok_or_else(|| {
        anyhow!(
            "unknown mode `{mode_name}` of `{server}`; {}",
            suggestion(mode_name, known.modes.keys().map(ModeName::as_str))
        )
    })?;
    let mut parameters = BTreeMap::new();
    for text in &args.parameters {
        let (name, value) =
            text.split_once('=').ok_or_else(|| anyhow!("`{text}` sets nothing; write for example --set threads=4"))?;
        let bounds = mode_known.parameters.get(name).ok_or_else(|| {
            anyhow!(
                "unknown parameter `{name}`; {}",
                suggestion(name, mode_known.parameters.keys().map(ParameterName::as_str))
            )
        })?;
        let value: u32 = value.parse().with_context(|| format!("`{value}` is no whole number"))?;
        if !(bounds.min..=bounds.max).contains(&value) {
            return Err(anyhow!("`{name}={value}` is out of bounds; take {} to {}", bounds.min, bounds.max));
        }
        parameters.insert(ParameterName::new(name)?, value);
    }
    if let Some(runtime) = &args.runtime
        && !known.runtimes.contains_key(runtime.as_str())
    {
        return Err(anyhow!(
            "unknown runtime `{runtime}`; {}",
            suggestion(runtime, known.runtimes.keys().map(RuntimeName::as_str))
        ));
    }
    Ok(Serving {
        server: known.name.clone(),
        mode: Some(ModeName::new(mode_name)?),
        runtime: args.runtime.as_deref().map(RuntimeName::new).transpose()?,
        parameters,
        port: args.port.map_or(Port::Free, Port::Fixed),
    })
}
