//! The classical test of coordinated omission: a server that freezes for S every T, against the distribution that follows.
//!
//! A request that is due while the server is frozen waits for what is left of the freeze. With requests due evenly, the share that
//! takes longer than x is (S − x) / T for x below S, so the q-quantile is S − (1 − q) · T wherever that is above what an unfrozen server
//! takes.

use std::time::Duration;

use crate::manner::Manner;
use crate::options::{Effort, Options};
use crate::pacing::drive;
use crate::place::Place;
use crate::running::Running;
use crate::table::{Bound, Row, Table};

/// T, and S: more than half of T, so that the median is one of the frozen too.
const EVERY: Duration = Duration::from_millis(500);
const FREEZE: Duration = Duration::from_millis(400);
/// Requests that wait when a freeze ends are answered one after the other, which is no part of the distribution: a low rate keeps that
/// far below 2 %.
const RATE_PER_S: f64 = 500.0;
/// One for each request that can wait.
const CONNECTIONS: u32 = 512;
/// 10,000 requests, which a 99.9th percentile needs; a whole number of periods.
const PERIODS: u32 = 40;
/// Greatest deviation from the distribution (load.md, *Targets*).
const DEVIATION_MAX: f64 = 0.02;

/// Measures against a freezing server.
pub(crate) fn measure(options: &Options, place: &Place, table: &mut Table) -> anyhow::Result<()> {
    let server = Running::start(place, Manner::Freezing { every: EVERY, length: FREEZE })?;
    place.go_to_generator()?;
    let periods = if options.effort() == Effort::Full { PERIODS } else { 1 };
    let outcome = drive(server.address, RATE_PER_S, CONNECTIONS, EVERY * periods)?;
    let times = &outcome.streams[0].response_time;
    for (name, quantile) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)] {
        let expected_ms = (FREEZE.as_secs_f64() - (1.0 - quantile) * EVERY.as_secs_f64()) * 1e3;
        let measured_ms = times.value_at_quantile(quantile) as f64 / 1e6;
        let deviation = (measured_ms / expected_ms - 1.0).abs();
        table.row(Row {
            what: format!("server that freezes for 400 ms every 500 ms: {name} against {expected_ms:.1} ms"),
            measured: format!("{measured_ms:.1} ms, {:.2} % off", deviation * 100.0),
            bound: Bound::AtMost { value: deviation, most: DEVIATION_MAX },
        });
    }
    Ok(())
}
