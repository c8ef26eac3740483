//! Which runtime each server gets, of those on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use model::define::catalog::Catalog;
use model::define::server::{RuntimeKind, RuntimeRequirement, Server};
use model::machine::{RuntimeFacts, RuntimeFound, RuntimeMissing};
use model::names::RuntimeName;
use semver::{Version, VersionReq};

use super::cpython::{self, Fit, Interpreter};
use super::install::{node_in_cache, python_folders};
use super::node::{self, Node};
use super::search::first_on_path;
use super::settings::{NODE, PYTHON, PYTHON_FREE_THREADED, PYTHON_GIL};
use super::{Located, RuntimeError, RuntimesFound, Settings};
use crate::cache::Cache;
use crate::processes::run_tool;

/// How long the compiler may take to say its version; a toolchain manager may look around first.
const RUSTC_LIMIT: Duration = Duration::from_secs(20);

/// Everything that was found on the machine, before any server chooses.
struct Search<'a> {
    interpreters: Vec<Interpreter>,
    nodes: Vec<Result<Node, String>>,
    node_in_cache: Option<Node>,
    set: Set,
    uv: bool,
    cache: &'a Cache,
}

/// The runtimes that the user named, which work.
#[derive(Default)]
struct Set {
    node: Option<Node>,
    python: Option<Interpreter>,
    python_free_threaded: Option<Interpreter>,
    python_gil: Option<Interpreter>,
}

/// Looks for the runtimes of all servers. Installs nothing.
///
/// # Errors
/// When a runtime that a setting names does not work.
pub fn look(catalog: &Catalog, cache: &Cache, settings: &Settings) -> Result<RuntimesFound, RuntimeError> {
    let interpreters = cpython::find(python_folders(cache));
    let search = Search {
        set: set(settings, &interpreters)?,
        interpreters,
        nodes: node::find(),
        node_in_cache: node_in_cache(cache),
        uv: first_on_path("uv").is_some(),
        cache,
    };
    let mut found = RuntimesFound::default();
    for server in catalog.servers.values() {
        for (name, wanted) in &server.runtimes {
            let result = search.resolve(server, name, wanted);
            let result = result.and_then(|located| Ok((facts(&located).ok_or_else(|| no_package(wanted))?, located)));
            let entry = match result {
                Ok((facts, located)) => {
                    found.located.insert((server.name.clone(), name.clone()), located);
                    RuntimeFound::Present(facts)
                }
                Err(missing) => RuntimeFound::Missing(missing),
            };
            found.facts.entry(server.name.clone()).or_default().insert(name.clone(), entry);
        }
    }
    Ok(found)
}

fn set(settings: &Settings, others: &[Interpreter]) -> Result<Set, RuntimeError> {
    fn wrong(setting: &'static str, path: &Path) -> impl Fn(String) -> RuntimeError {
        move |reason| RuntimeError::Setting { setting, path: path.to_owned(), reason }
    }
    let python = |path: &Option<PathBuf>, setting: &'static str, free_threaded: bool| {
        let Some(path) = path else { return Ok(None) };
        let found = cpython::probe(path, setting.to_owned()).map_err(wrong(setting, path))?;
        match found.free_threaded == free_threaded {
            true => Ok(Some(found.installed_by(others))),
            false if free_threaded => Err(wrong(setting, path)("it has the GIL".to_owned())),
            false => Err(wrong(setting, path)("it is a free-threaded build".to_owned())),
        }
    };
    let node = |path: &PathBuf| node::probe(path, NODE.to_owned()).map_err(wrong(NODE, path));
    Ok(Set {
        node: settings.node.as_ref().map(node).transpose()?,
        python: python(&settings.python, PYTHON, false)?,
        python_free_threaded: python(&settings.python_free_threaded, PYTHON_FREE_THREADED, true)?,
        python_gil: python(&settings.python_gil, PYTHON_GIL, false)?,
    })
}

impl Search<'_> {
    fn resolve(
        &self,
        server: &Server,
        name: &RuntimeName,
        wanted: &RuntimeRequirement,
    ) -> Result<Located, RuntimeMissing> {
        match wanted.kind {
            RuntimeKind::Cpython => self.cpython(server, name, wanted).map(Located::Cpython),
            RuntimeKind::Node => self.node(wanted),
            RuntimeKind::Cargo => cargo(wanted),
        }
    }

    fn cpython(
        &self,
        server: &Server,
        name: &RuntimeName,
        wanted: &RuntimeRequirement,
    ) -> Result<Interpreter, RuntimeMissing> {
        let matched = match &wanted.matches {
            Some(other) => Some(self.matched(server, other)?),
            None => None,
        };
        let chosen = match (wanted.free_threaded, &matched) {
            (true, _) => &self.set.python_free_threaded,
            (false, Some(_)) => &self.set.python_gil,
            (false, None) => &self.set.python,
        };
        let fit = |found: &Interpreter| match &matched {
            Some(partner) => Fit::of(&found.version, &partner.version),
            None => self.partners(server, name, found),
        };
        if let Some(chosen) = chosen {
            let reason = match cpython::meets(chosen, wanted) {
                Ok(()) if matched.is_none() || fit(chosen) > Fit::None => return Ok(chosen.clone()),
                Ok(()) => format!("{} ({}) has another X.Y than its counterpart", chosen.source, chosen.version),
                Err(reason) => reason,
            };
            return Err(RuntimeMissing { reason, remedy: format!("set {} to one that does", chosen.source) });
        }
        let missing = |against: Vec<String>| self.missing_cpython(wanted, matched.as_ref(), &against);
        let best = cpython::choose(&self.interpreters, wanted, fit).map_err(missing)?;
        if matched.is_some() && fit(best) == Fit::None {
            return Err(missing(vec![format!("{} is {}", best.source, best.version)]));
        }
        Ok(best.clone())
    }

    fn matched(&self, server: &Server, other: &RuntimeName) -> Result<Interpreter, RuntimeMissing> {
        let found = server.runtimes.get(other).filter(|wanted| wanted.matches.is_none());
        let found = found.ok_or_else(|| RuntimeMissing {
            reason: format!("it is to match `{other}`, which is not defined or matches another itself"),
            remedy: "run `claimbench check`".to_owned(),
        })?;
        self.cpython(server, other, found).map_err(|missing| RuntimeMissing {
            reason: format!("its counterpart `{other}` is missing: {}", missing.reason),
            remedy: missing.remedy,
        })
    }

    /// How well the worst of the runtimes that must match this one could be served if it were chosen.
    fn partners(&self, server: &Server, name: &RuntimeName, found: &Interpreter) -> Fit {
        let followers = server.runtimes.values().filter(|wanted| wanted.matches.as_ref() == Some(name));
        let fits = followers.map(|wanted| {
            let able = self.interpreters.iter().chain(&self.set.python_gil);
            let able = able.filter(|other| cpython::meets(other, wanted).is_ok());
            able.map(|other| Fit::of(&other.version, &found.version)).max().unwrap_or(Fit::None)
        });
        fits.min().unwrap_or(Fit::None)
    }

    fn missing_cpython(
        &self,
        wanted: &RuntimeRequirement,
        matched: Option<&Interpreter>,
        against: &[String],
    ) -> RuntimeMissing {
        let build = if wanted.free_threaded { "free-threaded CPython" } else { "CPython with the GIL" };
        let version = match matched {
            Some(partner) => format!("{}.{}", partner.version.major, partner.version.minor),
            None => wanted.version.clone(),
        };
        let tried = if against.is_empty() { "none is on PATH".to_owned() } else { against.join("; ") };
        let setting = match (wanted.free_threaded, matched) {
            (true, _) => PYTHON_FREE_THREADED,
            (false, Some(_)) => PYTHON_GIL,
            (false, None) => PYTHON,
        };
        let example = if wanted.free_threaded { "3.14t" } else { "3.14" };
        let example = matched.map_or(example.to_owned(), |_| version.clone());
        let remedy = if self.uv {
            format!("`claimbench run` tries `uv python install {example}`; or set {setting}")
        } else {
            format!(
                "install uv and run `uv python install {example}`, put such an interpreter on PATH, or set {setting}"
            )
        };
        RuntimeMissing { reason: format!("no {build} {version} that can make virtual environments ({tried})"), remedy }
    }

    fn node(&self, wanted: &RuntimeRequirement) -> Result<Located, RuntimeMissing> {
        if let Some(set) = &self.set.node {
            let reason = match node::meets(&set.version, wanted) {
                Ok(()) => return Ok(Located::Node(set.clone())),
                Err(reason) => format!("{NODE}: {reason}"),
            };
            return Err(RuntimeMissing { reason, remedy: format!("set {NODE} to one that is") });
        }
        let working = self.nodes.iter().flatten().chain(&self.node_in_cache);
        let fitting = working.filter(|node| node::meets(&node.version, wanted).is_ok());
        // The first of the newest: `max_by` would give the last.
        let best = fitting.reduce(|best, other| if other.version > best.version { other } else { best });
        if let Some(best) = best {
            return Ok(Located::Node(best.clone()));
        }
        let installer = self.interpreters.iter().find(|found| found.pip.is_some());
        let in_range = node::package_version().is_some_and(|version| node::meets(&version, wanted).is_ok());
        match installer {
            Some(installer) if in_range => Ok(Located::NodePackage { installer: installer.clone() }),
            _ => Err(self.missing_node(wanted)),
        }
    }

    fn missing_node(&self, wanted: &RuntimeRequirement) -> RuntimeMissing {
        let against: Vec<String> = self
            .nodes
            .iter()
            .map(|found| match found {
                Ok(node) => format!("{} is {}", node.source, node.version),
                Err(reason) => reason.clone(),
            })
            .collect();
        let tried = if against.is_empty() { "none is on PATH".to_owned() } else { against.join("; ") };
        RuntimeMissing {
            reason: format!("no Node.js {} of a long-term-support release with npm ({tried})", wanted.version),
            remedy: format!(
                "put one on PATH, set {NODE}, or put a Python with pip on PATH, from which it is fetched into {}",
                self.cache.root().display()
            ),
        }
    }
}

fn facts(located: &Located) -> Option<RuntimeFacts> {
    let facts = |kind, version: String, free_threaded, source: &str| RuntimeFacts {
        kind,
        version,
        free_threaded,
        source: source.to_owned(),
    };
    match located {
        Located::Cpython(found) => {
            let doubt = if found.optimized { "" } else { ", built without `--enable-optimizations`" };
            let source = format!("{}{doubt}", found.source);
            Some(facts(RuntimeKind::Cpython, found.version.to_string(), found.free_threaded, &source))
        }
        Located::Node(found) => Some(facts(RuntimeKind::Node, found.version.to_string(), false, &found.source)),
        Located::NodePackage { .. } => {
            let source = format!("registry package {}, installed when a server needs it", node::PACKAGE);
            Some(facts(RuntimeKind::Node, node::package_version()?.to_string(), false, &source))
        }
        Located::Cargo { .. } => {
            Some(facts(RuntimeKind::Cargo, rustc_version()?.to_string(), false, "the Rust toolchain"))
        }
    }
}

fn no_package(wanted: &RuntimeRequirement) -> RuntimeMissing {
    RuntimeMissing { reason: format!("no {:?} {}", wanted.kind, wanted.version), remedy: "report this".to_owned() }
}

fn cargo(wanted: &RuntimeRequirement) -> Result<Located, RuntimeMissing> {
    let missing = |reason: String| RuntimeMissing { reason, remedy: "install Rust with rustup".to_owned() };
    let version = rustc_version().ok_or_else(|| missing("there is no working `rustc`".to_owned()))?;
    let range = VersionReq::parse(&wanted.version).map_err(|error| missing(error.to_string()))?;
    if !range.matches(&version) {
        return Err(missing(format!("rustc is {version}, not {}", wanted.version)));
    }
    let named = std::env::var_os("CARGO").map(PathBuf::from);
    let cargo = named.or_else(|| first_on_path("cargo")).ok_or_else(|| missing("there is no `cargo`".to_owned()))?;
    Ok(Located::Cargo { cargo })
}

fn rustc_version() -> Option<Version> {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.arg("--version");
    let output = run_tool(command, RUSTC_LIMIT, &AtomicBool::new(false)).ok()?;
    let mut version = Version::parse(output.split(' ').nth(1)?).ok()?;
    // A nightly compiler is as good as the release it leads to.
    version.pre = semver::Prerelease::EMPTY;
    Some(version)
}
