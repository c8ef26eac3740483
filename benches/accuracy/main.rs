//! `cargo bench --bench accuracy`: measures what the load generator is held to, beside the other generators that are installed.
//!
//! Without `--bench` among its arguments (as under `cargo test`) it runs with tiny parameters and judges nothing: it only shows that it
//! runs. The same file is the server that is driven and the generator's own process, so that the CPU time of a
//! generator is that of a process of its own, ours like any other.

mod arrivals;
mod child;
mod cost;
mod echo;
mod freeze;
mod generators;
mod manner;
mod memory;
mod options;
mod pacing;
mod place;
mod role;
mod running;
mod server;
mod sockets;
mod table;

use std::ffi::OsString;
use std::process::ExitCode;

use options::{Options, Part};
use place::Place;
use role::Role;
use table::Table;

/// Measures one part into the table.
type Measure = fn(&Options, &Place, &mut Table) -> anyhow::Result<()>;

/// The parts, in the order of load.md.
const PARTS: &[(Part, Measure)] = &[
    (Part::Cost, cost::measure),
    (Part::Pacing, pacing::measure),
    (Part::Arrivals, arrivals::measure),
    (Part::Freeze, freeze::measure),
    (Part::Memory, memory::measure),
    (Part::Sockets, sockets::measure),
];

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    match Role::of_this_process() {
        Role::Server => ended(server::serve(&arguments[1..])),
        Role::Generator => claimbench::main_with(arguments),
        Role::Bench => ended(Options::parse(arguments).and_then(|options| measure(&options))),
    }
}

fn measure(options: &Options) -> anyhow::Result<()> {
    let place = Place::find()?;
    let mut table = Table::new(&place, options);
    for (part, measure) in PARTS {
        if options.measures(*part) {
            measure(options, &place, &mut table)?;
        }
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
