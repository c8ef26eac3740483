//! The services that run beside a server under test: PostgreSQL with a seeded database, and Redis. Real ones, from the machine
//! or from a registry's wheel; each fresh for its trial, and never run by root.
//!
//! Started and stopped like servers: in a group of their own, which does not outlive the harness however that ends. The
//! upstream is a service too, but a reference server at the same time: the session starts it.

mod account;
mod found;
mod nginx;
mod package;
mod postgres;
mod redis;
mod remnant;
mod running;
mod template;
#[cfg(test)]
mod tests;

pub use found::{ProgramsFound, install, look, missing};
pub(crate) use nginx::program as nginx;
pub(crate) use remnant::{Remnant, remove_remnant};
pub use running::{Addresses, RunningService};

use std::path::Path;
use std::sync::atomic::AtomicBool;

use model::define::workload::Service;

use crate::cache::{Cache, CacheError};
use crate::processes::ToolError;

/// The file that seeds the database, beside CONTRACT.md.
const SEED: &str = "reference-servers/seed.sql";

/// Why a service does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Its programs are not there, or do not work.
    #[error("{service} is missing: {reason}; {remedy}")]
    Missing {
        /// The service.
        service: &'static str,
        /// What was found instead.
        reason: String,
        /// What would mend it.
        remedy: String,
    },
    /// Root would have to run it, since there is no other account.
    #[error(
        "services are never run by root, and there is neither an account `postgres` nor `nobody`; add one, or run the \
         harness as an ordinary user"
    )]
    NoAccount,
    /// A file of it cannot be made or read.
    #[error("{what}: {error}")]
    File {
        /// What was being done.
        what: String,
        /// What happened.
        error: std::io::Error,
    },
    /// A tool of it failed.
    #[error("{step}: {error}")]
    Tool {
        /// What was being done.
        step: &'static str,
        /// What happened.
        error: ToolError,
    },
    /// It ended, or did not answer in time.
    #[error("{service} {what}")]
    NotReady {
        /// The service.
        service: &'static str,
        /// What became of it.
        what: String,
        /// The last lines of its log.
        log_tail: String,
    },
    /// There is no free port.
    #[error("{0}")]
    Port(#[from] crate::server::ServerError),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The run was interrupted meanwhile.
    #[error("interrupted")]
    Interrupted,
}

impl ServiceError {
    /// The last lines of the service's log, where it had one.
    #[must_use]
    pub fn log_tail(&self) -> &str {
        match self {
            Self::NotReady { log_tail, .. } => log_tail,
            _ => "",
        }
    }

    fn file(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |error| Self::File { what, error }
    }

    fn tool(step: &'static str) -> impl FnOnce(ToolError) -> Self {
        move |error| match error {
            ToolError::Interrupted => Self::Interrupted,
            error => Self::Tool { step, error },
        }
    }
}

/// What starting a service takes.
#[derive(Clone, Copy, Debug)]
pub struct ServicePlace<'a> {
    /// The project's folder, which holds the seed.
    pub project: &'a Path,
    /// The cache.
    pub cache: &'a Cache,
    /// The processors it may use.
    pub cpus: &'a [u16],
    /// Set from outside to end what is going on.
    pub interrupted: &'a AtomicBool,
}

/// Starts one service and waits until it answers; nothing for what the session or a server starts itself.
///
/// # Errors
/// When its programs are missing, or it does not become ready.
pub fn start(service: Service, place: &ServicePlace<'_>) -> Result<Option<RunningService>, ServiceError> {
    match service {
        // One is a reference server, and the other is started by the server that it stands before.
        Service::Upstream | Service::Nginx => Ok(None),
        Service::Postgres => postgres::start(place).map(Some),
        Service::Redis => redis::start(place).map(Some),
    }
}
