//! Proxies for the effort that a server took: what can be counted of its source, its dependencies and its installation.
//!
//! How fast people build something no run of finished servers shows. These numbers stand beside the statements about it, are called proxies
//! wherever they are shown, and no verdict comes from them.

use serde::{Deserialize, Serialize};

use crate::names::{RuntimeName, ServerName};

/// The proxies of one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerProxies {
    /// The server.
    pub server: ServerName,
    /// How many routes of the contract it offers, in all of its modes together.
    pub routes: u32,
    /// Its source.
    pub source: SourceSize,
    /// What its lock file names.
    pub dependencies: DependencyCount,
    /// Its installations, where they are known: one for each runtime that a run was prepared on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub installed: Vec<Installed>,
}

/// How much source there is: of the server itself, without tests and the settings of linters. Comments and texts that only document
/// (Python's docstrings) count for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSize {
    /// Files.
    pub files: u32,
    /// Lines with something of the program on them.
    pub lines: u64,
    /// Logical lines: statements and declarations, on however many lines they stand.
    pub logical_lines: u64,
    /// Tokens: names, numbers, operators, brackets; a text without anything to fill in is one.
    pub tokens: u64,
}

/// How many packages a server depends on, by its lock file; those for tests and linters left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependencyCount {
    /// Those it names itself.
    pub direct: u32,
    /// Those that come along with them.
    pub transitive: u32,
}

/// One installation from the lock file into an empty folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// The runtime that it was made for.
    pub runtime: RuntimeName,
    /// How long it took, downloads included, in ms. The installer's own cache of downloads may have been warm.
    pub took_ms: u64,
    /// The sizes of all its files, in bytes; the runtime itself left out.
    pub bytes: u64,
}

impl std::ops::AddAssign for SourceSize {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.lines += other.lines;
        self.logical_lines += other.logical_lines;
        self.tokens += other.tokens;
    }
}
