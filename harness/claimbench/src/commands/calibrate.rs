//! `claimbench calibrate`: what the generator can show on this machine, in each core layout that it allows.

use anyhow::{Context, anyhow};
use lab::contract::Contract;
use lab::session::{CalibrationEffort, Session, SessionSpec};
use model::machine::{Machine, lay_out};
use model::record::Calibration;
use serde::Serialize;

use crate::cli::CalibrateArgs;
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::survey::Survey;
use crate::{interrupt, print};

/// What `calibrate --json` prints: version 1 of a documented interface. Members are only ever added.
#[derive(Debug, Serialize)]
struct Calibrated {
    machine: Machine,
    layouts: Vec<Layout>,
}

/// One core layout.
#[derive(Debug, Serialize)]
struct Layout {
    server_cores: u16,
    /// Whether the generator shares a core with the server there.
    shares_core: bool,
    floor_us_p50: f64,
    floor_us_p99: f64,
    send_lag_us_p50: f64,
    send_lag_us_p99: f64,
    fano_factor: Option<f64>,
    ceiling_per_s: f64,
    generator_cpu_us_per_request: f64,
}

/// Calibrates every layout and prints it.
///
/// # Errors
/// When the calibration server cannot be had, or the command is interrupted.
pub fn calibrate(args: &CalibrateArgs, root: &Root) -> Result<(), Failure> {
    let interrupted = interrupt::flag()?;
    let catalog = root.catalog()?;
    let survey = Survey::look(&catalog)?;
    let contract = Contract::read(&root.path().join("reference-servers/CONTRACT.md")).means(Exit::BadInput)?;
    let session = Session::begin(SessionSpec {
        project: root.path(),
        cache: &survey.cache,
        runtimes: &survey.found,
        servers: &catalog.servers,
        contract: &contract,
        interrupted: &interrupted,
    });
    let mut layouts = Vec::new();
    for server_cores in 1.. {
        let Some(layout) = lay_out(&survey.machine, server_cores) else { break };
        print::note(&format!("calibrating beside {server_cores} server core(s)"));
        let calibrated = session
            .calibrate(server_cores, &layout, CalibrationEffort::Believed)
            .map_err(|failure| anyhow!("cannot calibrate the generator: {}\n{}", failure.reason, failure.log_tail));
        match calibrated.means(Exit::Missing)? {
            Some(calibration) => layouts.push(Layout::of(&calibration, layout.is_shared())),
            None => return Err(Failure { exit: Exit::Interrupted, error: anyhow!("interrupted") }),
        }
    }
    let calibrated = Calibrated { machine: survey.machine, layouts };
    let text = if args.json {
        serde_json::to_string_pretty(&calibrated).context("a calibration is not serialisable")?
    } else {
        calibrated.in_words()
    };
    Ok(print::result(&text)?)
}

impl Layout {
    fn of(calibration: &Calibration, shares_core: bool) -> Self {
        Self {
            server_cores: calibration.server_cores,
            shares_core,
            floor_us_p50: calibration.floor_us_p50,
            floor_us_p99: calibration.floor_us_p99,
            send_lag_us_p50: calibration.send_lag_us_p50,
            send_lag_us_p99: calibration.send_lag_us_p99,
            fano_factor: calibration.fano_factor,
            ceiling_per_s: calibration.ceiling_per_s,
            generator_cpu_us_per_request: calibration.generator_cpu_us_per_request,
        }
    }

    fn in_words(&self) -> String {
        let place = if self.shares_core { "generator on one of them" } else { "generator on a core of its own" };
        let fano = self.fano_factor.map_or_else(|| "–".to_owned(), |fano| format!("{fano:.2}"));
        format!(
            "{} server core(s), {place}\n  floor     p50 {:.0} µs  p99 {:.0} µs: no latency below it is believed\n  \
             ceiling   {:.0}/s: no rate above it is\n  send lag  p50 {:.1} µs  p99 {:.1} µs\n  \
             Fano      {fano} per 100 µs at an even 10,000/s (0 is perfectly regular, 1 is Poisson)\n  \
             CPU       {:.1} µs a request in a closed loop",
            self.server_cores,
            self.floor_us_p50,
            self.floor_us_p99,
            self.ceiling_per_s,
            self.send_lag_us_p50,
            self.send_lag_us_p99,
            self.generator_cpu_us_per_request
        )
    }
}

impl Calibrated {
    fn in_words(&self) -> String {
        let layouts = self.layouts.iter().map(Layout::in_words);
        std::iter::once(self.machine.in_words()).chain(layouts).collect::<Vec<_>>().join("\n")
    }
}
