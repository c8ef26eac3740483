//! The calibration server: a null route, a known delay, stall and body, and the upstream of I/O workloads.
//!
//! One process, one thread. Nothing here is fast by being incomplete: it answers HTTP/1.1 and HTTP/2 through hyper, speaks
//! WebSocket, and states what it is on `/stats` like every other reference server.

mod events;
mod freeze;
mod pattern;
mod problem;
mod routes;
mod serve;
mod stats;
mod timer;
mod upload;
mod websocket;

use clap::Parser;

/// The calibration server. Listens on 127.0.0.1 until it gets SIGTERM or SIGINT.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// TCP port to listen on.
    #[arg(long)]
    port: u16,
    #[command(flatten)]
    freeze: freeze::FreezeArguments,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let freeze = arguments.freeze.schedule()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, serve::serve(arguments.port, freeze))
}
