//! The command line of claimbench: wiring only. It reads files, asks the lab to measure, hands records to the judge and the
//! reporter, and prints; it measures, judges and draws nothing itself.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub mod cli;
pub mod clock;
pub mod commands;
pub mod definitions;
pub mod failure;
pub mod print;
pub mod progress;
pub mod selection;
pub mod stored_run;
pub mod survey;

use cli::{Cli, Command};
use definitions::Root;
use failure::{Exit, Failure};

/// Runs a command line and gives the process's exit code.
pub fn main_with(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => ended(dispatch(&cli)),
        Err(error) => {
            let asked = !error.use_stderr();
            let printed = error.print();
            if asked && printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(Exit::BadInput as u8) }
        }
    }
}

/// Says a failure and gives the exit code.
pub fn ended(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print::failure(&failure.error);
            failure.code()
        }
    }
}

fn dispatch(cli: &Cli) -> Result<(), Failure> {
    let root = || Root::find(cli.root.as_deref());
    match &cli.command {
        Command::Doctor => commands::doctor::doctor(&root()?),
        Command::List(args) => commands::list::list(args, &root()?),
        Command::Check => commands::check::check(&root()?),
        Command::Plan(args) => commands::plan::plan(args, &root()?),
        Command::Run(args) => commands::run::run(args, &root()?).map(|_| ()),
        Command::Judge(args) => commands::judge::judge(args),
        Command::Report(args) => commands::report::report(args),
        Command::Serve(args) => commands::serve::serve(args, &root()?),
        Command::Drive(args) => commands::drive::drive(args),
        Command::New(args) => commands::new::new(args, &root()?),
        Command::Schema(args) => commands::schema::schema(args, &root()?),
    }
}
