//! Serves one reference server in the foreground, with what it needs, until the run is interrupted.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use model::names::{ModeName, ParameterName, RuntimeName, ServerName};
use model::record::Stage;

use super::{Beside, Fault, LOOK_EVERY, Session};
use crate::platform;
use crate::server::{Port, VerifiedServer};

/// What shall be served.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The server.
    pub server: ServerName,
    /// The mode; the default where none is named.
    pub mode: Option<ModeName>,
    /// The runtime; the default where none is named.
    pub runtime: Option<RuntimeName>,
    /// Parameters of the mode; the defaults where none are named.
    pub parameters: BTreeMap<ParameterName, u32>,
    /// The port.
    pub port: Port,
}

/// Why serving came to an end that nobody asked for.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It could not be started.
    #[error("{0}")]
    NotStarted(String),
    /// It ended.
    #[error("the server ended ({status}); its last lines:\n{log_tail}")]
    Ended {
        /// How.
        status: String,
        /// The last lines of its log.
        log_tail: String,
    },
    /// A service that it needs ended.
    #[error("{0}")]
    ServiceEnded(String),
}

impl Session<'_> {
    /// Starts a server, tells `ready` of it and of the services that its routes would need and that cannot be had, and waits until
    /// the run is interrupted.
    ///
    /// # Errors
    /// When it cannot be started, or ends by itself, or a service that it needs does.
    pub fn serve(&self, serving: &Serving, ready: impl FnOnce(&VerifiedServer, &[String])) -> Result<(), ServeError> {
        let (mut beside, mut server, missing) = match self.start_to_serve(serving) {
            Ok(all) => all,
            Err(Fault::Interrupted) => return Ok(()),
            Err(fault) => return Err(ServeError::NotStarted(fault.in_words())),
        };
        ready(&server, &missing);
        while !self.interrupted.load(Ordering::Relaxed) {
            // Asked first: a service may have taken the server along.
            beside.still_run(Stage::Drive).map_err(|fault| ServeError::ServiceEnded(fault.in_words()))?;
            if let Some(status) = server.ended() {
                return Err(ServeError::Ended { status, log_tail: server.log_tail() });
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// The services come first, so that they are stopped last.
    fn start_to_serve(&self, serving: &Serving) -> Result<(Beside, VerifiedServer, Vec<String>), Fault> {
        let cpus: Vec<u16> = platform::cpus().iter().map(|cpu| cpu.id).collect();
        let (mode, runtime) = (serving.mode.clone(), serving.runtime.clone());
        let arm = self.arm(&serving.server, mode, runtime, serving.parameters.clone())?;
        let routes = self.server(&serving.server)?.routes_on(&arm.mode, &arm.runtime);
        let (mut beside, missing) = self.services_there(&self.contract.services_for(&routes), &cpus)?;
        let server = self.provision(&arm, &cpus, serving.port, beside.addresses(), &routes);
        let server = server.map_err(|fault| beside.blamed(fault))?;
        Ok((beside, server, missing))
    }
}
