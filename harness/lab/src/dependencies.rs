//! What a server needs to be started: its runtime's program with the dependencies of its lock file.

mod app_files;
mod cargo;
mod node;
mod python;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use model::define::server::{Language, Server};
use model::names::{ModeName, RuntimeName};

use crate::cache::{Cache, CacheError, Making};
use crate::processes::ToolError;
use crate::runtimes::{Located, RuntimesFound, node_from_package};

/// How long installing one server's dependencies, or building one in release mode, may take.
const INSTALL_LIMIT: Duration = Duration::from_secs(900);

/// A server's runtime with its dependencies, ready to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The app's language.
    pub language: Language,
    /// What `{python}`, `{node}` or `{binary}` stands for.
    pub program: PathBuf,
    /// The folder in which the server starts.
    pub folder: PathBuf,
    /// Whether it is a free-threaded build of CPython.
    pub free_threaded: bool,
    /// What installing its dependencies took, where that is known.
    pub installed: Option<Making>,
}

/// Where things are: the project, the cache, the runtimes.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The project's folder, which holds `reference-servers/`.
    pub project: &'a Path,
    /// The cache.
    pub cache: &'a Cache,
    /// The runtimes.
    pub runtimes: &'a RuntimesFound,
}

impl Sources<'_> {
    fn server_folder(&self, server: &Server) -> PathBuf {
        self.project.join("reference-servers").join(server.name.as_str())
    }
}

/// Why a server's dependencies are not there.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The runtime is missing.
    #[error("`{server}` has no runtime `{runtime}` here; run `claimbench doctor` to see what would mend it")]
    NoRuntime {
        /// The server.
        server: String,
        /// The runtime.
        runtime: String,
    },
    /// A tool did not do its work.
    #[error("{step} of `{server}`: {error}\n{}", remedy(error))]
    Tool {
        /// The server.
        server: String,
        /// What was being done.
        step: &'static str,
        /// What happened.
        error: ToolError,
    },
    /// The lock file, or another file of the server, cannot be read or copied.
    #[error("{file}: {error}; restore it from version control")]
    File {
        /// The file.
        file: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// Node.js could not be had from its package.
    #[error("Node.js from its registry package: {0}")]
    Node(String),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// cargo built no such program.
    #[error("cargo built no program `{0}`")]
    NoBinary(String),
}

/// What a failure of pip, npm or cargo asks for.
fn remedy(error: &ToolError) -> &'static str {
    /// What the tools say, and what to do about it. The first that is found counts.
    const REMEDIES: [(&str, &str); 9] = [
        (
            "DO NOT MATCH THE HASHES",
            "The registry's file is not the one that was locked: find out why before you lock it again.",
        ),
        ("EINTEGRITY", "The registry's file is not the one that was locked: find out why before you lock it again."),
        ("Hashes are required", "The lock file has a line without a hash: lock it again with hashes."),
        ("lock file needs to be updated", "Run `cargo build` once and commit Cargo.lock."),
        ("package.json and package-lock.json", "They do not fit together: run `npm install --package-lock-only`."),
        ("No matching distribution", "The registry has no such file for this runtime and platform, or is not reached."),
        ("ENOTFOUND", "The registry is not reached: check the network and npm's settings."),
        ("name resolution", "The registry is not reached: check the network and pip's settings."),
        ("No space left", "The disk is full: free some space, or name another cache folder with CLAIMBENCH_CACHE."),
    ];
    let output = error.output();
    let known = REMEDIES.iter().find(|(said, _)| output.contains(said)).map(|(_, remedy)| *remedy);
    known.unwrap_or("Check the network and the tool's settings, then run the same command again.")
}

/// What dependencies are installed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To serve: nothing that serving does not need.
    Serving,
    /// To run the server's own tests and linters.
    Testing,
}

/// Makes a server ready to start in a mode on a runtime: from the cache, or by installing what the mode's lock file says.
///
/// # Errors
/// When the runtime is missing, or an installation fails.
pub fn prepare(
    server: &Server,
    mode: &ModeName,
    runtime: &RuntimeName,
    sources: &Sources<'_>,
    interrupted: &AtomicBool,
) -> Result<Prepared, PrepareError> {
    let located = sources
        .runtimes
        .located(&server.name, runtime)
        .ok_or_else(|| PrepareError::NoRuntime { server: server.name.to_string(), runtime: runtime.to_string() })?;
    let step = Step { server, lock: server.lock_on(mode, runtime), purpose: Purpose::Serving, sources, interrupted };
    step.prepare(located)
}

/// Makes a server's own tests ready to run on one of its runtimes; nothing where it has none.
///
/// # Errors
/// When the runtime is missing, or an installation fails.
pub fn prepare_tests(
    server: &Server,
    runtime: &RuntimeName,
    sources: &Sources<'_>,
    interrupted: &AtomicBool,
) -> Result<Option<Prepared>, PrepareError> {
    let Some(tests) = &server.tests else { return Ok(None) };
    let located = sources
        .runtimes
        .located(&server.name, runtime)
        .ok_or_else(|| PrepareError::NoRuntime { server: server.name.to_string(), runtime: runtime.to_string() })?;
    let step = Step { server, lock: &tests.lock, purpose: Purpose::Testing, sources, interrupted };
    step.prepare(located).map(Some)
}

/// What the preparation of each language works with.
struct Step<'a> {
    server: &'a Server,
    /// The lock file, relative to the server's folder.
    lock: &'a str,
    purpose: Purpose,
    sources: &'a Sources<'a>,
    interrupted: &'a AtomicBool,
}

impl Step<'_> {
    fn prepare(&self, located: &Located) -> Result<Prepared, PrepareError> {
        match located {
            Located::Cpython(interpreter) => python::prepare(self, interpreter),
            Located::Node(node) => node::prepare(self, node),
            Located::NodePackage { installer } => {
                let node = node_from_package(self.sources.cache, installer, self.interrupted);
                node::prepare(self, &node.map_err(|error| PrepareError::Node(error.to_string()))?)
            }
            Located::Cargo { cargo } => cargo::prepare(self, cargo),
        }
    }

    fn folder(&self) -> PathBuf {
        self.sources.server_folder(self.server)
    }

    fn lock(&self) -> Result<Vec<u8>, PrepareError> {
        read(&self.folder().join(self.lock))
    }

    fn run(&self, step: &'static str, command: std::process::Command) -> Result<String, PrepareError> {
        crate::processes::run_tool(command, INSTALL_LIMIT, self.interrupted).map_err(|error| PrepareError::Tool {
            server: self.server.name.to_string(),
            step,
            error,
        })
    }
}

fn read(file: &Path) -> Result<Vec<u8>, PrepareError> {
    std::fs::read(file).map_err(|error| PrepareError::File { file: file.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_for_what_the_tool_said() {
        let said = |output: &str| {
            let (tool, status, output) = ("pip".to_owned(), "1".to_owned(), output.to_owned());
            remedy(&ToolError::Failed { tool, status, output })
        };
        assert!(said("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM").contains("locked"));
        assert!(said("npm error code ENOTFOUND").contains("network"));
        assert!(said("something else").contains("again"));
    }
}
