//! Installs runtimes that are missing: Node.js from its registry package, CPython by `uv`. Both into the cache only.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use model::define::catalog::Catalog;
use model::define::server::RuntimeKind;
use model::machine::RuntimeFound;
use semver::{Version, VersionReq};

use super::node::{self, Node};
use super::search::first_on_path;
use super::{Interpreter, RuntimeError, RuntimesFound, Settings, look};
use crate::cache::{Cache, CacheError, Key};
use crate::processes::{ToolError, run_tool};

/// How long fetching Node.js (60 MB) may take.
const NODE_LIMIT: Duration = Duration::from_secs(600);
/// How long `uv` may take for one interpreter (30 MB).
const UV_LIMIT: Duration = Duration::from_secs(180);
/// The newest and the oldest minor version of CPython that `uv` is asked for.
const MINORS: std::ops::RangeInclusive<u64> = 11..=14;
/// The kind of cache entry that holds Node.js.
const NODE_ENTRY: &str = "node";

/// Why Node.js could not be installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    #[error(transparent)]
    Cache(#[from] CacheError),
    #[error("{0}")]
    Tool(#[from] ToolError),
    #[error("the installed Node.js does not work: {0}")]
    Broken(String),
}

fn node_key() -> Key {
    Key::of("node package 1").and(node::PACKAGE_LOCK)
}

/// Node.js from its package, if it was installed before.
pub(crate) fn node_in_cache(cache: &Cache) -> Option<Node> {
    let folder = cache.existing(NODE_ENTRY, node_key())?;
    node::probe(&node::program_in_package(&folder), source()).ok()
}

fn source() -> String {
    format!("registry package {}", node::PACKAGE)
}

/// Installs Node.js from its registry package, with the pip of an interpreter and the machine's own pip settings.
pub(crate) fn node_from_package(
    cache: &Cache,
    installer: &Interpreter,
    interrupted: &AtomicBool,
) -> Result<Node, InstallError> {
    let folder = cache.entry(NODE_ENTRY, node_key(), interrupted, |folder| {
        let lock = folder.join("node.lock");
        std::fs::write(&lock, node::PACKAGE_LOCK).map_err(|error| InstallError::Broken(error.to_string()))?;
        let mut command = Command::new(&installer.executable);
        command.args(["-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:"]);
        command.args(["--no-input", "--no-compile", "--target"]).arg(folder).arg("-r").arg(&lock);
        run_tool(command, NODE_LIMIT, interrupted)?;
        Ok::<(), InstallError>(())
    })?;
    node::probe(&node::program_in_package(&folder), source()).map_err(InstallError::Broken)
}

/// Folders in the cache in which `uv` has put interpreters.
pub(crate) fn python_folders(cache: &Cache) -> Vec<PathBuf> {
    let Ok(entries) = pythons(cache).read_dir() else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders
}

fn pythons(cache: &Cache) -> PathBuf {
    cache.root().join("pythons")
}

/// Tries to install the interpreters that are missing, where `uv` is on PATH, and looks again. What cannot be installed
/// stays missing.
///
/// # Errors
/// When a runtime that a setting names does not work.
pub fn install_missing(
    catalog: &Catalog,
    cache: &Cache,
    settings: &Settings,
    found: RuntimesFound,
    interrupted: &AtomicBool,
) -> Result<RuntimesFound, RuntimeError> {
    let wanted = uv_requests(catalog, &found);
    let Some(uv) = first_on_path("uv").filter(|_| !wanted.is_empty()) else { return Ok(found) };
    for request in wanted {
        // A failure leaves the runtime missing; `look` says so again.
        let _ = run_tool(uv_install(&uv, &request, cache), UV_LIMIT, interrupted);
    }
    look(catalog, cache, settings)
}

fn uv_install(uv: &Path, request: &str, cache: &Cache) -> Command {
    let mut command = Command::new(uv);
    command.args(["python", "install", request]);
    command.env("UV_PYTHON_INSTALL_DIR", pythons(cache)).env("UV_PYTHON_BIN_DIR", pythons(cache).join(".links"));
    command
}

/// What `uv` is to be asked for: the newest version in range of each missing interpreter, as `3.14` or `3.14t`.
fn uv_requests(catalog: &Catalog, found: &RuntimesFound) -> Vec<String> {
    let mut requests = Vec::new();
    for server in catalog.servers.values() {
        for (name, wanted) in server.runtimes.iter().filter(|(_, wanted)| wanted.kind == RuntimeKind::Cpython) {
            let found = found.facts.get(&server.name).and_then(|of_server| of_server.get(name));
            let Ok(range) = VersionReq::parse(&wanted.version) else { continue };
            let newest = MINORS.rev().find(|&minor| range.matches(&Version::new(3, minor, 99)));
            if let (Some(RuntimeFound::Missing(_)), Some(minor)) = (found, newest) {
                requests.push(format!("3.{minor}{}", if wanted.free_threaded { "t" } else { "" }));
            }
        }
    }
    requests.sort();
    requests.dedup();
    requests
}
