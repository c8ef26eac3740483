//! What a server needs to be started: its runtime's program with the dependencies of its lock file.

use std::path::PathBuf;

use model::define::server::Language;

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
}
