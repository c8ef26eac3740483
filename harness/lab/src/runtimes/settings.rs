//! Runtimes that the user names in the environment. What is named wins, and must work.

use std::path::PathBuf;

/// The program that `CLAIMBENCH_NODE` names: Node.js.
pub const NODE: &str = "CLAIMBENCH_NODE";
/// The interpreter that `CLAIMBENCH_PYTHON` names: CPython with the GIL, for every server that asks for no special one.
pub const PYTHON: &str = "CLAIMBENCH_PYTHON";
/// The interpreter that `CLAIMBENCH_PYTHON_FREE_THREADED` names: CPython's free-threaded build.
pub const PYTHON_FREE_THREADED: &str = "CLAIMBENCH_PYTHON_FREE_THREADED";
/// The interpreter that `CLAIMBENCH_PYTHON_GIL` names: CPython with the GIL and the same X.Y as the free-threaded one.
pub const PYTHON_GIL: &str = "CLAIMBENCH_PYTHON_GIL";

/// What the user named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `CLAIMBENCH_NODE`
    pub node: Option<PathBuf>,
    /// `CLAIMBENCH_PYTHON`
    pub python: Option<PathBuf>,
    /// `CLAIMBENCH_PYTHON_FREE_THREADED`
    pub python_free_threaded: Option<PathBuf>,
    /// `CLAIMBENCH_PYTHON_GIL`
    pub python_gil: Option<PathBuf>,
}

impl Settings {
    /// Reads the environment.
    #[must_use]
    pub fn from_environment() -> Self {
        let path = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            node: path(NODE),
            python: path(PYTHON),
            python_free_threaded: path(PYTHON_FREE_THREADED),
            python_gil: path(PYTHON_GIL),
        }
    }
}
