//! `cargo bench --bench accuracy`: measures what the load generator is held to, beside the other generators that are installed.
//!
//! Without `--bench` among its arguments (as under `cargo test`) it runs with tiny parameters and judges nothing: it only shows that it
//! runs. The same file is the server that is driven (`serve`) and the generator's own process (`drive`), so that the CPU time of a
//! generator is that of a process of its own, ours like any other.

mod child;
mod cost;
mod generators;
mod options;
mod place;
mod server;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use options::{Options, Part};
use place::Place;
use table::Table;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    match arguments.get(1).and_then(|role| role.to_str()) {
        Some("serve") => ended(server::serve(&arguments[2..])),
        Some("drive") => claimbench::main_with(arguments),
        _ => ended(Options::parse(arguments).and_then(|options| measure(&options))),
    }
}

fn measure(options: &Options) -> anyhow::Result<()> {
    let place = Place::find()?;
    let mut table = Table::new(&place, options);
    if options.measures(Part::Cost) {
        cost::measure(options, &place, &mut table)?;
    }
    table.show(options)
}

fn ended(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            claimbench::print::failure(&error);
            ExitCode::FAILURE
        }
    }
}
