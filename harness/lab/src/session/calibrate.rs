//! Calibrates the generator in a core layout, against the calibration server's null route.

use std::net::{Ipv4Addr, SocketAddr};

use load::calibrate::{CalibrationSpec, calibrate};
use load::run::Target;
use model::machine::Layout;
use model::record::{Calibration, Stage, TrialFailure};

use super::fault::{At, Fault};
use super::trial::on_cores;
use super::{Session, pacer};
use crate::server::Port;

/// The route that does nothing.
const NULL_ROUTE: &str = "/null";

impl Session<'_> {
    /// Calibrates the layout of this many server cores; nothing where the run was interrupted meanwhile.
    ///
    /// # Errors
    /// When the calibration server cannot be had, or the generator cannot run.
    pub fn calibrate(&self, server_cores: u16, layout: &Layout) -> Result<Option<Calibration>, TrialFailure> {
        match self.calibration(server_cores, layout) {
            Ok(calibration) => Ok(Some(calibration)),
            Err(Fault::Interrupted) => Ok(None),
            Err(Fault::Failed(failure)) => Err(failure),
        }
    }

    fn calibration(&self, server_cores: u16, layout: &Layout) -> Result<Calibration, Fault> {
        let server = self.provision(&self.calibration_arm()?, &layout.server, Port::Free, None)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
        let spec = CalibrationSpec::new(Target { address }, NULL_ROUTE, pacer(layout, false));
        let measured = on_cores(&layout.generator, || calibrate(&spec).at(Stage::Drive))?;
        if self.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Fault::Interrupted);
        }
        Ok(load::observe::calibration(&measured, server_cores))
    }
}
