//! The command line of claimbench: wiring only. It reads files, asks the lab to measure, hands records to the judge and the
//! reporter, and prints; it measures, judges and draws nothing itself.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

pub mod cli;
pub mod clock;
pub mod commands;
pub mod definitions;
pub mod effort;
pub mod expected;
pub mod failure;
pub mod interrupt;
pub mod print;
pub mod progress;
pub mod published;
pub mod registration;
pub mod repeats;
pub mod selection;
pub mod shares;
pub mod stored_run;
pub mod survey;

use cli::{Cli, Command, RunArgs};
use definitions::Root;
use failure::{Exit, Failure, Means};

/// Runs a command line and gives the process's exit code.
pub fn main_with(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => ended(dispatch(&cli)),
        Err(error) => usage(&error),
    }
}

/// Prints what clap has to say: help that was asked for, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    if !error.use_stderr() && printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(Exit::BadInput as u8) }
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
        Command::Proxies(args) => commands::proxies::proxies(args, &root()?),
        Command::Plan(args) => commands::plan::plan(args, &root()?),
        Command::Run(args) => commands::run::run(args, &root()?).map(|_| ()),
        Command::Judge(args) => commands::judge::judge(args, root().ok().as_ref()),
        Command::Compare(args) => commands::compare::compare(args),
        Command::Report(args) => commands::report::report(args, root().ok().as_ref()),
        Command::Pair(args) => commands::pair::pair(args, &root()?),
        Command::History(args) => commands::history::history(args),
        Command::Withdraw(args) => commands::withdraw::withdraw(args),
        Command::Serve(args) => commands::serve::serve(args, &root()?),
        Command::Drive(args) => commands::drive::drive(args),
        Command::Calibrate(args) => commands::calibrate::calibrate(args, &root()?),
        Command::Merge(args) => commands::merge::merge(args),
        Command::New(args) => commands::new::new(args, &root()?),
        Command::Schema(args) => commands::schema::schema(args, &root()?),
    }
}

/// Runs `claimbench run` with these arguments, draws the site and prints the table of verdicts: what `cargo bench` does.
pub fn suite_with(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(Cli { root, command: Command::Run(args) }) => ended(suite(root.as_deref(), &args)),
        Ok(_) => ended(Err(anyhow::anyhow!("the suite takes the arguments of `run` only")).means(Exit::BadInput)),
        Err(error) => usage(&error),
    }
}

fn suite(root: Option<&Path>, args: &RunArgs) -> Result<(), Failure> {
    let root = Root::find(root)?;
    let record = commands::run::run(args, &root)?;
    let index = commands::report::write_site(&cli::ReportArgs::of(record.clone()), Some(&root))?;
    let judge = cli::JudgeArgs { run: record, json: false, fail_on: Vec::new(), expect: None };
    commands::judge::judge(&judge, Some(&root))?;
    print::result(&format!("\nThe site: {}", index.display()))?;
    Ok(())
}
