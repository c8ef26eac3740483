//! One server from spawning to its end: spawned, then ready, then verified. Only a verified one can be driven, and
//! dropping it in any state stops all its processes.

mod announced;
mod port;
mod readiness;
mod start;
mod state;
#[cfg(test)]
mod tests;

pub use crate::processes::Stopped;
pub(crate) use announced::requests as requests_answered;
pub use port::Port;
pub use readiness::{ReadyServer, VerifiedServer};
pub use start::{ServerPlace, StartedServer, start};
#[cfg(test)]
pub(crate) use state::sweep;
pub(crate) use state::{Room, state_folder};

use std::time::Duration;

/// How long a server may take from spawning to its first right answer, all its processes included. Django with several
/// workers takes about 2 s on two busy cores.
pub const START_UP_LIMIT: Duration = Duration::from_secs(30);

/// Why there is no verified server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It could not be started at all.
    #[error("`{program}` cannot be started: {detail}")]
    Start {
        /// The program.
        program: String,
        /// What happened.
        detail: String,
    },
    /// Its port is in use.
    #[error("port {port} is in use; stop what listens there, or name another")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// It ended before it was ready.
    #[error("the server ended ({status}) before it answered /health")]
    Ended {
        /// How it ended.
        status: String,
        /// The last lines of its log.
        log_tail: String,
    },
    /// It did not become ready.
    #[error("the server was not ready after {waited_s:.1} s: {last}")]
    NeverReady {
        /// How long was waited.
        waited_s: f64,
        /// What it last answered.
        last: String,
        /// The last lines of its log.
        log_tail: String,
    },
    /// It says of itself that it is something else than was asked for.
    #[error("the server is not what the plan asks for: {}", mismatches.join("; "))]
    Differs {
        /// Each difference, in words.
        mismatches: Vec<String>,
        /// The last lines of its log.
        log_tail: String,
    },
    /// It breaks the contract.
    #[error("the server breaks the contract ({} of {cases} cases): {}", failures.len(), first_of(failures))]
    BreaksContract {
        /// Each failure, in words.
        failures: Vec<String>,
        /// How many cases ran.
        cases: usize,
        /// The last lines of its log.
        log_tail: String,
    },
    /// The run was interrupted meanwhile.
    #[error("interrupted")]
    Interrupted,
}

/// The first few failures; one mistake in a server often shows in many cases.
fn first_of(failures: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = failures[..failures.len().min(SHOWN)].join("; ");
    match failures.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}

impl ServerError {
    /// The last lines of the server's log, where it had one.
    #[must_use]
    pub fn log_tail(&self) -> &str {
        match self {
            Self::Ended { log_tail, .. }
            | Self::NeverReady { log_tail, .. }
            | Self::Differs { log_tail, .. }
            | Self::BreaksContract { log_tail, .. } => log_tail,
            Self::Start { .. } | Self::PortInUse { .. } | Self::Interrupted => "",
        }
    }
}
