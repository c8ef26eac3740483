//! Calibrates the generator in a core layout, against the calibration server's null route.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use load::calibrate::{CalibrationSpec, calibrate_with};
use load::run::{RunSpec, Target};
use model::machine::Layout;
use model::record::{Calibration, Stage, TrialFailure};

use super::fault::{At, Fault};
use super::trial::on_cores;
use super::workers::on_each;
use super::{Session, pacer};

/// How much a calibration does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalibrationEffort {
    /// Where numbers are to be believed: at most twice, 7 s each. The host's stalls only ever add to a floor, so the lower of two is nearer to
    /// the generator's own.
    Believed,
    /// Where they decide nothing, as in a smoke run: once, in windows of 600 ms.
    Brief,
}

impl CalibrationEffort {
    const fn attempts_max(self) -> usize {
        match self {
            Self::Believed => 2,
            Self::Brief => 1,
        }
    }
}

/// The window of each run of a brief calibration: six requests beyond the 99th percentile at the floor's rate.
const BRIEF_MEASURE: Duration = Duration::from_millis(600);
/// A floor (99th percentile, in µs) that shows no stall of the host; with it no further attempt is made.
const QUIET_FLOOR_US: f64 = 500.0;
/// The route that does nothing.
const NULL_ROUTE: &str = "/null";

impl Session<'_> {
    /// Calibrates the layout of this many server cores, again where the host stalls and the numbers are to be believed; nothing where the run was
    /// interrupted meanwhile.
    ///
    /// # Errors
    /// When the calibration server cannot be had, or the generator cannot run.
    pub fn calibrate(
        &self,
        server_cores: u16,
        layout: &Layout,
        effort: CalibrationEffort,
    ) -> Result<Option<Calibration>, TrialFailure> {
        match self.calibration(server_cores, layout, effort) {
            Ok(calibration) => Ok(Some(calibration)),
            Err(Fault::Interrupted) => Ok(None),
            Err(Fault::Failed(failure)) => Err(failure),
        }
    }

    fn calibration(&self, server_cores: u16, layout: &Layout, effort: CalibrationEffort) -> Result<Calibration, Fault> {
        let server = self.calibration_server(&self.calibration_arm()?, &layout.server, NULL_ROUTE)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
        let mut spec =
            CalibrationSpec::new(Target { address }, NULL_ROUTE, pacer(layout, false, crate::machine::is_virtual()));
        if effort == CalibrationEffort::Brief {
            spec.measure = BRIEF_MEASURE;
        }
        let mut best: Option<Calibration> = None;
        for _ in 0..effort.attempts_max() {
            let cores = &layout.generator;
            let run = |spec: &RunSpec<'_>| on_each(cores, spec);
            let measured = on_cores(cores, spec.pacer, || calibrate_with(&spec, &run).at(Stage::Drive))?;
            if self.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(Fault::Interrupted);
            }
            let new = load::observe::calibration(&measured, server_cores);
            let lower = best.as_ref().is_none_or(|best| new.floor_us_p99 < best.floor_us_p99);
            best = if lower { Some(new) } else { best };
            if best.as_ref().is_some_and(|best| best.floor_us_p99 <= QUIET_FLOOR_US) {
                break;
            }
        }
        best.ok_or_else(|| "no calibration was made".to_owned()).at(Stage::Drive)
    }
}
