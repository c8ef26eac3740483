//! The runtimes that servers need: looked for, and only then installed.
//!
//! Looking never installs anything. A setting (`CLAIMBENCH_NODE`, `CLAIMBENCH_PYTHON`, …) wins, and one that does not
//! work is an error; else every entry of PATH is tried and run. Node.js that is not there comes from its registry package
//! when a server needs it; CPython that is not there comes from `uv`, where [`install_missing`] finds that on PATH.

mod cpython;
mod install;
mod node;
mod resolve;
mod search;
pub mod settings;

use std::collections::BTreeMap;
use std::path::PathBuf;

use model::machine::Runtimes;
use model::names::{RuntimeName, ServerName};

pub(crate) use cpython::Interpreter;
pub use install::install_missing;
pub(crate) use install::node_from_package;
pub(crate) use node::Node;
pub use resolve::look;
pub(crate) use search::path_folders;
pub use settings::Settings;

/// What was found for every runtime of every server.
#[derive(Clone, Debug, Default)]
pub struct RuntimesFound {
    /// As the plan and the record see it.
    pub facts: Runtimes,
    located: BTreeMap<(ServerName, RuntimeName), Located>,
}

/// Where a runtime is.
#[derive(Clone, Debug)]
pub(crate) enum Located {
    /// An interpreter.
    Cpython(Interpreter),
    /// A Node.js.
    Node(Node),
    /// Node.js in its registry package, which this interpreter's pip can fetch.
    NodePackage {
        /// The interpreter.
        installer: Interpreter,
    },
    /// Cargo.
    Cargo {
        /// Its program.
        cargo: PathBuf,
    },
}

/// Why runtimes cannot be looked for.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The user named a runtime that does not work.
    #[error("{setting}={path}: {reason}; name a working one, or unset it to have PATH searched", path = path.display())]
    Setting {
        /// The variable.
        setting: &'static str,
        /// Its value.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Every working interpreter of the machine and of the cache.
pub(crate) fn find_interpreters(cache: &crate::cache::Cache) -> Vec<Interpreter> {
    cpython::find(install::python_folders(cache))
}

impl RuntimesFound {
    pub(crate) fn located(&self, server: &ServerName, runtime: &RuntimeName) -> Option<&Located> {
        self.located.get(&(server.clone(), runtime.clone()))
    }
}
