//! Resolves the arms that a claim names: every default filled in, the runtime's version known.

use std::collections::BTreeMap;

use crate::define::claim::{ArmChoice, CONNECTIONS};
use crate::define::server::Server;
use crate::machine::{RuntimeFacts, RuntimeFound, RuntimeMissing, Runtimes};
use crate::names::{ParameterName, RuntimeName};
use crate::plan::{Arm, ArmId};

/// Resolves an arm, or says which runtime is missing.
///
/// # Errors
/// When the runtime it needs is missing, or the choice names what is not defined.
pub fn resolve(choice: &ArmChoice, server: &Server, runtimes: &Runtimes) -> Result<Arm, RuntimeMissing> {
    let mode_name = choice.mode.clone().unwrap_or_else(|| server.default_mode.clone());
    let mode = server.modes.get(&mode_name).ok_or_else(|| undefined("mode", mode_name.as_str()))?;
    let runtime = choice.runtime.clone().or_else(|| default_runtime(server)).ok_or_else(|| undefined("runtime", ""))?;
    let facts = facts(server, &runtime, runtimes)?;
    let of_mode = mode
        .parameters
        .iter()
        .map(|(name, bounds)| (name.clone(), choice.parameters.get(name).copied().unwrap_or(bounds.default)));
    let of_load = choice.parameters.iter().filter(|(name, _)| name.as_str() == CONNECTIONS);
    let parameters: BTreeMap<ParameterName, u32> =
        of_mode.chain(of_load.map(|(name, value)| (name.clone(), *value))).collect();
    let filled = |text: &String| fill(text, &parameters);
    let id = format!("{}:{mode_name}{}@{runtime}/{}-cores", server.name, in_brackets(&parameters), choice.cores);
    let suffix = if facts.free_threaded { "t" } else { "" };
    Ok(Arm {
        id: ArmId(id),
        label: label(server, &mode_name, &parameters, facts, choice.cores),
        server: server.name.clone(),
        runtime_version: format!("{}{suffix}", facts.version),
        processes: mode.processes_with(&parameters).unwrap_or(1),
        command: mode.command.iter().map(filled).collect(),
        env: mode.env.iter().map(|(name, text)| (name.clone(), filled(text))).collect(),
        cores: choice.cores,
        limit: choice.limit,
        mode: mode_name,
        runtime,
        parameters,
    })
}

/// The runtime that a server takes where none is named.
pub(crate) fn default_runtime(server: &Server) -> Option<RuntimeName> {
    server.default_runtime.clone().or_else(|| server.runtimes.keys().next().cloned())
}

fn undefined(kind: &str, name: &str) -> RuntimeMissing {
    RuntimeMissing { reason: format!("{kind} `{name}` is not defined"), remedy: "run `claimbench check`".to_owned() }
}

fn facts<'r>(
    server: &Server,
    runtime: &RuntimeName,
    runtimes: &'r Runtimes,
) -> Result<&'r RuntimeFacts, RuntimeMissing> {
    match runtimes.get(&server.name).and_then(|of_server| of_server.get(runtime)) {
        Some(RuntimeFound::Present(facts)) => Ok(facts),
        Some(RuntimeFound::Missing(missing)) => Err(missing.clone()),
        None => Err(undefined("runtime", runtime.as_str())),
    }
}

fn fill(text: &str, parameters: &BTreeMap<ParameterName, u32>) -> String {
    parameters
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

fn in_brackets(parameters: &BTreeMap<ParameterName, u32>) -> String {
    let inner: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if inner.is_empty() { String::new() } else { format!("({})", inner.join(",")) }
}

fn label(
    server: &Server,
    mode: &crate::names::ModeName,
    parameters: &BTreeMap<ParameterName, u32>,
    facts: &RuntimeFacts,
    cores: u16,
) -> String {
    let mut parts = vec![server.title.clone()];
    if parameters.keys().all(|name| name.as_str() == CONNECTIONS) {
        parts.push(mode.as_str().replace('-', " "));
    }
    for (name, value) in parameters {
        let name = name.as_str().replace(['-', '_'], " ");
        let noun = if *value == 1 { name.strip_suffix('s').unwrap_or(&name).to_owned() } else { name };
        parts.push(format!("{value} {noun}"));
    }
    if facts.free_threaded {
        parts.push("free-threaded".to_owned());
    }
    let cores = if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
    parts.push(cores);
    parts.join(", ")
}
