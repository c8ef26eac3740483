//! Whether requests leave when they are due: send lag and regularity at 10,000/s from a core of the generator's own.

use std::net::SocketAddr;
use std::time::Duration;

use load::arrival::{Arrival, Spacing};
use load::pacer::PacerKind;
use load::request::RequestSpec;
use load::run::{Ending, Opening, Outcome, RunSpec, Target, run};
use load::selfcheck::{STALLED_SHARE_MAX, stalled_share};
use load::stream::StreamSpec;
use load::verify::{BodyCheck, Expect};
use load::window::Phases;

use crate::manner::Manner;
use crate::options::Options;
use crate::place::Place;
use crate::running::Running;
use crate::server::BODY;
use crate::table::{Bound, Row, Table};

/// As in load.md.
const RATE_PER_S: f64 = 10_000.0;
/// More than are ever in flight, but for a stall of the host.
const CONNECTIONS: u32 = 64;
/// Greatest send lag outside of the host's stalls, in µs (load.md, *Targets*).
const LAG_US_P50_MAX: f64 = 2.0;
/// The same, 99th percentile.
const LAG_US_P99_MAX: f64 = 50.0;
/// Greatest variance to mean of requests in each 100 µs.
const FANO_MAX: f64 = 0.2;

/// Measures lag and regularity.
pub(crate) fn measure(options: &Options, place: &Place, table: &mut Table) -> anyhow::Result<()> {
    let server = Running::start(place, Manner::Plain)?;
    place.go_to_generator()?;
    let outcome = drive(server.address, RATE_PER_S, CONNECTIONS, options.measure())?;
    let stalled = stalled_share(&outcome);
    let stream = &outcome.streams[0];
    // A stall makes as large a share of the requests late as it is of the time: those are left out at the top.
    let lag_us = |quantile: f64| stream.send_lag.value_at_quantile(quantile * (1.0 - stalled)) as f64 / 1e3;
    // A host that takes much of the time says nothing of the generator.
    let judged = |value: f64, most: f64| match stalled {
        ..=STALLED_SHARE_MAX => Bound::AtMost { value, most },
        _ => Bound::None,
    };
    let with_stalls_us = |quantile: f64| stream.send_lag.value_at_quantile(quantile) as f64 / 1e3;
    for (name, quantile, most) in [("p50", 0.5, LAG_US_P50_MAX), ("p99", 0.99, LAG_US_P99_MAX)] {
        table.row(Row {
            what: format!("send lag {name} at 10,000/s, own core, outside of the host's stalls"),
            measured: format!("{:.2} µs ({:.2} µs with them)", lag_us(quantile), with_stalls_us(quantile)),
            bound: judged(lag_us(quantile), most),
        });
    }
    let fano_factor = stream.fano_factor.unwrap_or(f64::NAN);
    table.row(Row {
        what: "Fano factor per 100 µs, constant 10,000/s".to_owned(),
        measured: format!("{fano_factor:.3}"),
        bound: judged(fano_factor, FANO_MAX),
    });
    let judged = if stalled > STALLED_SHARE_MAX { "; too much for lag and regularity to be judged" } else { "" };
    table.note(&format!("The host stalled the pacing run for {:.2} % of its time{judged}.", stalled * 100.0));
    Ok(())
}

/// An open loop on the calling thread, spinning.
pub(crate) fn drive(
    address: SocketAddr,
    rate_per_s: f64,
    connections: u32,
    measure: Duration,
) -> anyhow::Result<Outcome> {
    let expect = Expect { body: BodyCheck::Exact(BODY.as_bytes().to_vec()), ..Expect::default() };
    let request = RequestSpec::get("/plain").expecting(expect);
    let arrival = Arrival::Open { rate_per_s, spacing: Spacing::Constant };
    let streams = [StreamSpec::new("main", connections, arrival, vec![request])];
    Ok(run(&RunSpec {
        target: Target { address },
        streams: &streams,
        phases: Phases { warm_up: measure / 5, measure, drain: Duration::from_secs(5) },
        opening: Opening::AllAtOnce,
        pacer: PacerKind::Spin,
        seed: 1,
        stop: &[],
        ending: Ending::Close,
    })?)
}
