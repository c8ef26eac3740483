//! `claimbench drive`: an ad-hoc load test of one URL, by the same generator that tests the claims.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, anyhow};
use load::arrival::{Arrival, Spacing};
use load::pacer::PacerKind;
use load::request::RequestSpec;
use load::run::{Opening, Outcome, RunSpec, Target, run};
use load::stream::StreamSpec;
use load::verify::{BodyCheck, Expect};
use load::window::Phases;
use model::machine::{Layout, lay_out};

use crate::cli::{ArrivalArg, DriveArgs};
use crate::commands::drive_summary::Summary;
use crate::failure::{Exit, Failure, Means};
use crate::print;

/// How long outstanding answers are waited for.
const DRAIN: Duration = Duration::from_secs(5);
/// Connections of a closed loop where none are named.
const CONNECTIONS: u32 = 8;
/// The most connections of an open loop; a slower server makes requests wait, and the wait counts.
const OPEN_CONNECTIONS: u32 = 256;

/// Loads the URL and prints what came of it.
///
/// # Errors
/// When the URL is none, is not on this machine, nobody listens there, or the run is not valid.
pub fn drive(args: &DriveArgs) -> Result<(), Failure> {
    let place = Place::parse(args).means(Exit::BadInput)?;
    let streams = [stream(args, &place)];
    let pacer = settle(&streams[0].arrival);
    let spec = RunSpec {
        target: Target { address: place.address },
        streams: &streams,
        phases: Phases { warm_up: args.warm_up.duration(), measure: args.duration.duration(), drain: DRAIN },
        opening: Opening::AllAtOnce,
        pacer,
        seed: args.seed,
        stop: None,
    };
    let outcome: Outcome = run(&spec).with_context(|| format!("cannot load {}", place.address)).means(Exit::Missing)?;
    let summary = Summary::of(&streams, &outcome)?;
    let text = if args.json {
        serde_json::to_string_pretty(&summary).context("a summary is not serialisable")?
    } else {
        summary.in_words()
    };
    print::result(&text)?;
    if summary.valid {
        return Ok(());
    }
    Err(anyhow!("the run is not valid: {}", summary.doubts.join("; "))).means(Exit::Condition)
}

/// Goes to the generator's core, and says how to wait there: spinning where there is a schedule to keep and the machine has another
/// core for the server.
fn settle(arrival: &Arrival) -> PacerKind {
    let machine = lab::machine::look();
    let layout: Option<Layout> = lay_out(&machine, 1);
    let pinned = layout.as_ref().is_some_and(|layout| lab::machine::pin_current_thread(&layout.generator).is_ok());
    match layout {
        Some(layout) if pinned && !layout.is_shared() && matches!(arrival, Arrival::Open { .. }) => PacerKind::Spin,
        _ => PacerKind::shared_core(),
    }
}

/// Where the requests go.
struct Place {
    address: SocketAddr,
    authority: String,
    path: String,
}

impl Place {
    fn parse(args: &DriveArgs) -> anyhow::Result<Self> {
        let url = &args.url;
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| anyhow!("`{url}` is no URL that can be driven; begin it with http://"))?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse::<u16>().with_context(|| format!("`{port}` is no port"))?)
            }
            _ => (authority, 80),
        };
        let host = host.trim_matches(['[', ']']);
        let mut addresses = (host, port).to_socket_addrs().with_context(|| format!("cannot find the host `{host}`"))?;
        let address = addresses.next().ok_or_else(|| anyhow!("the host `{host}` has no address"))?;
        if !address.ip().is_loopback() && args.allow_host.as_deref() != Some(host) {
            return Err(anyhow!(
                "{host} is not this machine; load goes elsewhere only with --allow-host {host}, and only to a host of your own"
            ));
        }
        Ok(Self { address, authority: authority.to_owned(), path: path.to_owned() })
    }
}

fn stream(args: &DriveArgs, place: &Place) -> StreamSpec {
    let spacing = match args.arrival {
        ArrivalArg::Constant => Spacing::Constant,
        ArrivalArg::Poisson => Spacing::Poisson,
    };
    let (arrival, connections) = match args.rate {
        Some(rate) => (Arrival::Open { rate_per_s: rate.get(), spacing }, OPEN_CONNECTIONS),
        None => (Arrival::Closed { think: Duration::ZERO }, args.connections.unwrap_or(CONNECTIONS)),
    };
    let body = args.expect_body.as_ref().map_or(BodyCheck::Any, |body| BodyCheck::Exact(body.clone().into_bytes()));
    let expect = Expect { status: args.expect_status, content_type: None, body };
    let mut request = RequestSpec::get(&place.path).expecting(expect);
    request.headers.push(("host".to_owned(), place.authority.clone()));
    StreamSpec::new("main", connections, arrival, vec![request])
}
