//! What the lab finds on this machine before anything is planned.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use lab::cache::Cache;
use lab::runtimes::{RuntimesFound, Settings, look};
use model::define::catalog::Catalog;
use model::define::workload::Service;
use model::machine::{Machine, MissingServices, Runtimes};

use crate::failure::{Exit, Failure, Means};

/// The machine, its runtimes and the cache folder.
#[derive(Debug)]
pub struct Survey {
    /// The machine.
    pub machine: Machine,
    /// The runtimes, and where they are.
    pub found: RuntimesFound,
    /// The services that cannot be had.
    pub missing_services: MissingServices,
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
        let missing_services = lab::services::missing(&cache);
        Ok(Self { machine: lab::machine::look(), found, missing_services, cache })
    }

    /// Installs the services that are wanted, where the machine has none; what cannot be had is known to be missing from then on.
    ///
    /// # Errors
    /// When the run is interrupted.
    pub fn install_services(&mut self, wanted: &BTreeSet<Service>, interrupted: &AtomicBool) -> Result<(), Failure> {
        for service in wanted {
            let missing = lab::services::install(*service, &self.cache, interrupted).means(Exit::Interrupted)?;
            self.missing_services.extend(missing.map(|missing| (*service, missing)));
        }
        Ok(())
    }

    /// What is known of each runtime.
    #[must_use]
    pub const fn runtimes(&self) -> &Runtimes {
        &self.found.facts
    }
}
