//! What is sent, and when: the stream that the options ask for.

use std::time::Duration;

use anyhow::Context;
use load::arrival::{Arrival, Spacing, Stage, Stages};
use load::request::RequestSpec;
use load::stream::StreamSpec;
use load::verify::{BodyCheck, Expect};

use super::place::Place;
use super::protocol;
use crate::cli::{ArrivalArg, DriveArgs};

/// Connections of a closed loop where none are named.
const CONNECTIONS: u32 = 8;
/// The most connections of an open loop; a slower server makes requests wait, and the wait counts.
const OPEN_CONNECTIONS: u32 = 256;

/// The stream; of a search or a sweep, at a rate that is replaced.
pub(super) fn stream(args: &DriveArgs, place: &Place) -> anyhow::Result<StreamSpec> {
    let (arrival, connections) = arrival(args)?;
    let transport = protocol::transport(&args.protocol, place)?;
    let steps = if transport.sends_steps() { vec![request(args, place)] } else { Vec::new() };
    Ok(StreamSpec::new("main", connections, arrival, steps).over(transport))
}

fn request(args: &DriveArgs, place: &Place) -> RequestSpec {
    let body = args.expect_body.as_ref().map_or(BodyCheck::Any, |body| BodyCheck::Exact(body.clone().into_bytes()));
    let content_type = args.protocol.events.then(|| "text/event-stream".to_owned());
    let expect = Expect { status: args.expect_status, content_type, body };
    let mut request = RequestSpec::get(&place.path).expecting(expect);
    request.headers.push(("host".to_owned(), place.authority.clone()));
    request
}

/// How long is measured.
pub(super) fn length(args: &DriveArgs) -> Duration {
    match args.stages.as_slice() {
        [] => args.duration.duration(),
        stages => stages.iter().map(|stage| stage.length).sum(),
    }
}

fn arrival(args: &DriveArgs) -> anyhow::Result<(Arrival, u32)> {
    let spacing = match args.arrival {
        ArrivalArg::Constant => Spacing::Constant,
        ArrivalArg::Poisson => Spacing::Poisson,
    };
    if !args.stages.is_empty() {
        let stages = staged(args).context("--stage")?;
        return Ok((Arrival::Staged { stages, spacing }, args.connections.unwrap_or(OPEN_CONNECTIONS)));
    }
    let searched = (args.search.is_some() || args.sweep.is_some()).then_some(1.0);
    Ok(match args.rate.map(|rate| rate.get()).or(searched) {
        Some(rate_per_s) => (Arrival::Open { rate_per_s, spacing }, args.connections.unwrap_or(OPEN_CONNECTIONS)),
        None => (Arrival::Closed { think: Duration::ZERO }, args.connections.unwrap_or(CONNECTIONS)),
    })
}

/// The stages, behind a warm-up at the rate with which they begin.
fn staged(args: &DriveArgs) -> anyhow::Result<Stages> {
    let first_per_s = args.stages.first().map_or(0.0, |stage| stage.from_per_s);
    let warm_up = Some(args.warm_up.duration()).filter(|length| !length.is_zero());
    let warm_up = warm_up.map(|length| Stage::steady(length, first_per_s));
    let stages: Vec<Stage> = warm_up.into_iter().chain(args.stages.iter().copied()).collect();
    Ok(Stages::new(&stages)?)
}
