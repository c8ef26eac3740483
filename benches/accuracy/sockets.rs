//! Memory of the generator for each of ten thousand WebSocket connections that are held and probed.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::manner::Manner;
use crate::memory::watch;
use crate::options::{Effort, Options};
use crate::place::Place;
use crate::role::Role;
use crate::running::Running;
use crate::table::{Bound, Row, Table};

/// As in load.md.
const CONNECTIONS: u32 = 10_000;
/// So few that what they take does not count.
const FEW: u32 = 10;
/// Connections opened a second.
const CONNECT_PER_S: u32 = 2_000;
/// Messages a second over all of them.
const RATE_PER_S: u32 = 2_000;
/// KiB that a connection may take (load.md, *Targets*).
const KIB_MAX: f64 = 16.0;

/// What a run showed.
struct Held {
    resident_kib: f64,
    alive: u64,
    lost: u64,
    answered: u64,
}

/// Holds many and few, and compares.
pub(crate) fn measure(options: &Options, place: &Place, table: &mut Table) -> anyhow::Result<()> {
    let many = if options.effort() == Effort::Full { CONNECTIONS } else { FEW * 2 };
    let (few, held) = (hold(options, place, FEW)?, hold(options, place, many)?);
    let each_kib = (held.resident_kib - few.resident_kib) / f64::from(many - FEW);
    table.row(Row {
        what: format!("{many} WebSocket connections, held and probed: KiB each in the generator"),
        measured: format!(
            "{each_kib:.1}; {} alive at the end, {} lost, {} messages came back",
            held.alive, held.lost, held.answered
        ),
        bound: Bound::AtMost { value: each_kib, most: KIB_MAX },
    });
    Ok(())
}

fn hold(options: &Options, place: &Place, connections: u32) -> anyhow::Result<Held> {
    let server = Running::start(place, Manner::Echo)?;
    place.go_to_generator()?;
    let opening = Duration::from_secs_f64(f64::from(connections) / f64::from(CONNECT_PER_S));
    let mut command = Role::Generator.command()?;
    command.args(["drive", &server.url.replacen("http://", "ws://", 1), "--quiet", "--json", "--warm-up", "0s"]);
    command.args(["--connections", &connections.to_string(), "--rate", &RATE_PER_S.to_string()]);
    command.args(["--connect-rate", &CONNECT_PER_S.to_string()]);
    command.args(["--duration", &format!("{}ms", options.measure().as_millis())]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let (looks, said) = watch(child, opening + options.measure())?;
    let summary: Value = serde_json::from_str(&said).with_context(|| said.clone())?;
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    Ok(Held {
        resident_kib: looks.iter().map(|(_, kib)| *kib).fold(0.0, f64::max),
        alive: count(&summary["connections"]["alive"]),
        lost: count(&summary["connections"]["lost"]),
        answered: count(&summary["completed"]),
    })
}
