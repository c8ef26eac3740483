//! What the lab finds on this machine before anything is planned.

use lab::cache::Cache;
use lab::runtimes::{RuntimesFound, Settings, look};
use model::define::catalog::Catalog;
use model::machine::{Machine, Runtimes};

use crate::failure::{Exit, Failure, Means};

/// The machine, its runtimes and the cache folder.
#[derive(Debug)]
pub struct Survey {
    /// The machine.
    pub machine: Machine,
    /// The runtimes, and where they are.
    pub found: RuntimesFound,
    /// The cache folder.
    pub cache: Cache,
}

impl Survey {
    /// Looks around; installs nothing.
    ///
    /// # Errors
    /// When no cache folder is known, or a runtime that a setting names does not work.
    pub fn look(catalog: &Catalog) -> Result<Self, Failure> {
        let cache = Cache::from_environment().means(Exit::Missing)?;
        let found = look(catalog, &cache, &Settings::from_environment()).means(Exit::BadInput)?;
        Ok(Self { machine: lab::machine::look(), found, cache })
    }

    /// What is known of each runtime.
    #[must_use]
    pub const fn runtimes(&self) -> &Runtimes {
        &self.found.facts
    }
}
