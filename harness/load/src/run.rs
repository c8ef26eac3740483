//! One run: streams against a target, through warm-up, window and drain, to what was measured.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::clock::{Clock, MonotonicClock};
use crate::error::RunError;
use crate::meter::GeneratorUse;
use crate::pacer::PacerKind;
use crate::recorder::StreamOutcome;
use crate::request::{PreparedRequest, RequestSpec};
use crate::stream::{CONNECTIONS_MAX, Stream, StreamSpec};
use crate::window::{Phases, Window};
use crate::worker::Worker;

/// Most streams of one run.
pub const STREAMS_MAX: usize = 64;
/// Between the last connection and the first due time, so that the loop is running when it comes.
const LEAD: Duration = Duration::from_millis(1);

/// Where the requests go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The server's address; also the `host` of requests that name none.
    pub address: SocketAddr,
}

/// All that a run needs to know.
#[derive(Clone, Copy, Debug)]
pub struct RunSpec<'a> {
    /// Where the requests go.
    pub target: Target,
    /// What is sent; all at the same time.
    pub streams: &'a [StreamSpec],
    /// How long.
    pub phases: Phases,
    /// How connections are opened before the load.
    pub opening: Opening<'a>,
    /// How to wait for due times.
    pub pacer: PacerKind,
    /// Chooses the randomness of Poisson arrivals.
    pub seed: u64,
    /// Ends the measuring window early once it is set; what was measured is kept.
    pub stop: Option<&'a AtomicBool>,
}

/// How connections are opened before the load begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opening<'a> {
    /// All at once.
    AllAtOnce,
    /// One by one, each with an answer to this request before the next: processes that share a listening socket then
    /// take about as many each, where a burst mostly ends with one of them.
    OneByOne(&'a RequestSpec),
    /// One by one, each under its stream's load at once: a process that is busy leaves the next connection to one that is not, so
    /// that even processes that are not equally quick to accept share them.
    UnderLoad,
}

/// What a run measured.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One for each stream, in their order.
    pub streams: Vec<StreamOutcome>,
    /// The measuring window as it was, on the monotonic clock.
    pub window: Window,
    /// What the generator used during the window.
    pub generator: GeneratorUse,
}

/// Makes one run on the calling thread, which the caller has pinned where it belongs.
///
/// # Errors
/// When a stream makes no sense, no connection can be opened, or the system refuses what has to work. What goes
/// wrong with single requests or connections is counted in the outcome instead.
pub fn run(spec: &RunSpec<'_>) -> Result<Outcome, RunError> {
    let streams = prepare(spec)?;
    let connections: Vec<u32> = spec.streams.iter().map(|stream| stream.connections).collect();
    let mut worker = Worker::new(spec.target.address, streams, &connections, spec.pacer, spec.stop)?;
    match spec.opening {
        Opening::UnderLoad => worker.open_under_load()?,
        Opening::AllAtOnce | Opening::OneByOne(_) => {
            worker.open_all(probe(spec)?.as_ref().map(|probe| &*probe.bytes))?
        }
    }
    start(&mut worker, spec);
    let slack = sharpen_timers();
    let driven = worker.drive();
    restore_timers(slack);
    driven?;
    let (window, generator) = (worker.window, worker.meter.window());
    let finish = |stream: Stream| stream.recorder.finish(stream.name, window);
    let streams = worker.streams.into_iter().map(finish).collect();
    Ok(Outcome { streams, window, generator })
}

fn prepare(spec: &RunSpec<'_>) -> Result<Vec<Stream>, RunError> {
    let bad = |stream: &str, detail: String| RunError::BadStream { stream: stream.to_owned(), detail };
    if spec.streams.is_empty() || spec.streams.len() > STREAMS_MAX {
        return Err(bad("", format!("give 1 to {STREAMS_MAX} streams, not {}", spec.streams.len())));
    }
    let connections: u64 = spec.streams.iter().map(|stream| u64::from(stream.connections)).sum();
    if connections > u64::from(CONNECTIONS_MAX) {
        return Err(bad("", format!("all streams together may have {CONNECTIONS_MAX} connections, not {connections}")));
    }
    let host = spec.target.address.to_string();
    spec.streams.iter().map(|stream| Stream::new(stream, &host)).collect()
}

fn probe(spec: &RunSpec<'_>) -> Result<Option<PreparedRequest>, RunError> {
    let Opening::OneByOne(request) = spec.opening else { return Ok(None) };
    let bad = |detail| RunError::BadStream { stream: "the opening probe".to_owned(), detail };
    PreparedRequest::new(request, &spec.target.address.to_string()).map(Some).map_err(bad)
}

fn start(worker: &mut Worker<'_>, spec: &RunSpec<'_>) {
    let Phases { warm_up, measure, drain } = spec.phases;
    let start_ns = MonotonicClock.now_ns().saturating_add(nanoseconds(LEAD));
    let window_start_ns = start_ns.saturating_add(nanoseconds(warm_up));
    let window = Window { start_ns: window_start_ns, end_ns: window_start_ns.saturating_add(nanoseconds(measure)) };
    for (number, (stream, of)) in worker.streams.iter_mut().zip(spec.streams).enumerate() {
        stream.start(of, start_ns, window, spec.seed, number as u64);
    }
    worker.start(window, nanoseconds(drain));
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Lets the thread's sleeps end on time rather than up to 50 µs later; the slack it had.
fn sharpen_timers() -> Option<NonZeroU64> {
    let slack = rustix::thread::current_timer_slack().ok().and_then(NonZeroU64::new);
    // Where the system refuses, sleeps end later, and the send lag shows it.
    let _ = rustix::thread::set_current_timer_slack(Some(NonZeroU64::MIN));
    slack
}

fn restore_timers(slack: Option<NonZeroU64>) {
    let _ = rustix::thread::set_current_timer_slack(slack);
}
