//! One run: streams against a target, through warm-up, window and drain, to what was measured.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::arrival::Share;
use crate::clock::{Clock, MonotonicClock};
use crate::courier::Courier;
use crate::error::RunError;
use crate::meter::GeneratorUse;
use crate::pacer::PacerKind;
use crate::recorder::StreamOutcome;
use crate::request::{PreparedRequest, RequestSpec};
use crate::stream::{CONNECTIONS_MAX, Seed, Stream, StreamSpec};
use crate::window::{Phases, Window};
use crate::worker::Worker;

/// Most streams of one run.
pub const STREAMS_MAX: usize = 64;
/// Between the last connection and the first due time, so that the records are set up and the loop is running when it comes.
const LEAD: Duration = Duration::from_millis(5);

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
    /// End the measuring window early once one of them is set; what was measured is kept.
    pub stop: &'a [&'a AtomicBool],
    /// What becomes of the connections once the load is over.
    pub ending: Ending,
}

/// How connections are opened before the load begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opening<'a> {
    /// All at once.
    AllAtOnce,
    /// One by one, each with an answer to this request before the next: processes that share a listening socket then
    /// take about as many each, where a burst mostly ends with one of them.
    OneByOne(&'a RequestSpec),
    /// At this many a second, or as fast as the server lets them in where that is slower, all before the first request is due: no burst
    /// that a listen queue would drop, and no load by those that are open already.
    AtRate {
        /// Connections a second; greater than zero and finite.
        per_s: f64,
    },
    /// One by one, each under its stream's load at once: a process that is busy leaves the next connection to one that is not, so
    /// that even processes that are not equally quick to accept share them.
    UnderLoad,
}

/// What becomes of a run's connections once its load is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// They are closed, as their protocol wants it.
    #[default]
    Close,
    /// They stay open as long as the outcome: a server that takes seconds to work off ten thousand goodbyes can be asked what it
    /// counted before they are said.
    LeaveOpen,
}

/// The connections that a run left open; they are closed once nobody keeps them.
#[derive(Clone, Debug, Default)]
pub struct LeftOpen(Arc<Vec<OwnedFd>>);

impl LeftOpen {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// What a run measured.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One for each stream, in their order.
    pub streams: Vec<StreamOutcome>,
    /// The measuring window as it was, on the monotonic clock.
    pub window: Window,
    /// What the generator used during the window; of several workers, all of them together.
    pub generator: GeneratorUse,
    /// The share of its time in which the busiest worker worked.
    pub busiest_share: f64,
    /// None where the run closed its connections.
    pub left_open: LeftOpen,
}

/// Makes one run on the calling thread, which the caller has pinned where it belongs.
///
/// # Errors
/// When a stream makes no sense, no connection can be opened, or the system refuses what has to work. What goes
/// wrong with single requests or connections is counted in the outcome instead.
pub fn run(spec: &RunSpec<'_>) -> Result<Outcome, RunError> {
    check(spec)?;
    let whole = |(stream, of): (usize, &StreamSpec)| StreamShare {
        stream,
        connections: of.connections,
        share: Share::WHOLE,
        courier: None,
    };
    let mut driver = Driver::new(spec, spec.streams.iter().enumerate().map(whole).collect())?;
    driver.open()?;
    let Part { streams, window, generator, left_open } = driver.drive(first_due_ns())?;
    let streams = streams.into_iter().map(|(_, outcome)| outcome).collect();
    Ok(Outcome {
        streams,
        window,
        generator,
        busiest_share: generator.busy_share(),
        left_open: LeftOpen(Arc::new(left_open)),
    })
}

/// One worker's share of a stream.
pub(crate) struct StreamShare {
    /// The stream's place among the run's.
    pub(crate) stream: usize,
    /// How many of its connections.
    pub(crate) connections: u32,
    /// Which of its requests.
    pub(crate) share: Share,
    /// Takes each second, where somebody looks on.
    pub(crate) courier: Option<Courier>,
}

/// What one worker measured.
pub(crate) struct Part {
    streams: Vec<(usize, StreamOutcome)>,
    window: Window,
    generator: GeneratorUse,
    left_open: Vec<OwnedFd>,
}

/// One worker's way through a run: make, open, drive.
pub(crate) struct Driver<'a> {
    spec: &'a RunSpec<'a>,
    shares: Vec<StreamShare>,
    worker: Worker<'a>,
}

impl<'a> Driver<'a> {
    pub(crate) fn new(spec: &'a RunSpec<'a>, shares: Vec<StreamShare>) -> Result<Self, RunError> {
        let host = spec.target.address.to_string();
        let total = spec.streams.iter().map(|stream| stream.connections).sum();
        let stream = |share: &StreamShare| {
            let of = &spec.streams[share.stream];
            // All workers' connections share the ports of an address.
            let sources = of.sources.settle(spec.target.address, total);
            Stream::new(&StreamSpec { connections: share.connections, sources, ..of.clone() }, &host)
        };
        let streams = shares.iter().map(stream).collect::<Result<Vec<_>, _>>()?;
        let connections: Vec<u32> = shares.iter().map(|share| share.connections).collect();
        let worker =
            Worker::new(spec.target.address, streams, &connections, spec.pacer, spec.stop)?.ending(spec.ending);
        Ok(Self { spec, shares, worker })
    }

    /// Opens the connections.
    pub(crate) fn open(&mut self) -> Result<(), RunError> {
        match self.spec.opening {
            Opening::UnderLoad => self.worker.open_under_load(),
            Opening::AtRate { per_s } => self.worker.open_at_rate(per_s),
            Opening::AllAtOnce | Opening::OneByOne(_) => {
                self.worker.open_all(probe(self.spec)?.as_ref().map(|probe| &*probe.bytes))
            }
        }
    }

    /// Drives the load, whose first request is due at this moment.
    pub(crate) fn drive(mut self, start_ns: u64) -> Result<Part, RunError> {
        self.start(start_ns);
        let slack = sharpen_timers();
        let driven = self.worker.drive();
        restore_timers(slack);
        driven?;
        let (window, generator) = (self.worker.window, self.worker.meter.window());
        let left_open = self.worker.take_open();
        let numbers = self.shares.iter().map(|share| share.stream);
        let ended_ns = MonotonicClock.now_ns();
        let outcomes = self.worker.streams.into_iter().map(|stream| stream.finish(window, ended_ns));
        Ok(Part { streams: numbers.zip(outcomes).collect(), window, generator, left_open })
    }

    fn start(&mut self, start_ns: u64) {
        let Phases { warm_up, measure, drain } = self.spec.phases;
        let window_start_ns = start_ns.saturating_add(nanoseconds(warm_up));
        let window = Window { start_ns: window_start_ns, end_ns: window_start_ns.saturating_add(nanoseconds(measure)) };
        for (stream, mine) in self.worker.streams.iter_mut().zip(&mut self.shares) {
            let of = &self.spec.streams[mine.stream];
            stream.start(
                &StreamSpec { connections: mine.connections, ..of.clone() },
                mine.share,
                start_ns,
                window,
                Seed { seed: self.spec.seed, stream: mine.stream as u64 },
            );
            if let Some(courier) = mine.courier.take() {
                stream.recorder.series.hand_over(courier);
            }
        }
        self.worker.start(window, nanoseconds(drain));
    }
}

/// When the first request of a run is due whose connections are open: soon, but not before its workers are ready.
pub(crate) fn first_due_ns() -> u64 {
    MonotonicClock.now_ns().saturating_add(nanoseconds(LEAD))
}

/// Adds up what the workers measured of this many streams; nothing where no worker measured anything.
pub(crate) fn add_up(streams: usize, parts: impl Iterator<Item = Part>) -> Option<Outcome> {
    let mut sums: Vec<Option<StreamOutcome>> = (0..streams).map(|_| None).collect();
    let mut window: Option<Window> = None;
    let mut generator = GeneratorUse::default();
    let mut busiest_share: f64 = 0.0;
    let mut left_open = Vec::new();
    for part in parts {
        // A window that was cut short ends for each worker as it notices; the longest holds what all measured.
        window = Some(
            window.map_or(part.window, |window| Window { end_ns: window.end_ns.max(part.window.end_ns), ..window }),
        );
        generator.add(&part.generator);
        left_open.extend(part.left_open);
        busiest_share = busiest_share.max(part.generator.busy_share());
        for (stream, outcome) in part.streams {
            match &mut sums[stream] {
                Some(sum) => sum.add(&outcome),
                none => *none = Some(outcome),
            }
        }
    }
    let window = window?;
    let mut streams: Vec<StreamOutcome> = sums.into_iter().flatten().collect();
    for stream in &mut streams {
        stream.fano_factor = stream.regularity.fano_factor(window);
    }
    Some(Outcome { streams, window, generator, busiest_share, left_open: LeftOpen(Arc::new(left_open)) })
}

/// Whether the streams of a run can be driven at all.
pub(crate) fn check(spec: &RunSpec<'_>) -> Result<(), RunError> {
    let bad = |detail: String| RunError::BadStream { stream: String::new(), detail };
    if spec.streams.is_empty() || spec.streams.len() > STREAMS_MAX {
        return Err(bad(format!("give 1 to {STREAMS_MAX} streams, not {}", spec.streams.len())));
    }
    let connections: u64 = spec.streams.iter().map(|stream| u64::from(stream.connections)).sum();
    if connections > u64::from(CONNECTIONS_MAX) {
        return Err(bad(format!("all streams together may have {CONNECTIONS_MAX} connections, not {connections}")));
    }
    if let Opening::AtRate { per_s } = spec.opening
        && !(per_s.is_finite() && per_s > 0.0)
    {
        return Err(bad(format!("connections must be opened at more than 0 a second, not {per_s}")));
    }
    Ok(())
}

fn probe(spec: &RunSpec<'_>) -> Result<Option<PreparedRequest>, RunError> {
    let Opening::OneByOne(request) = spec.opening else { return Ok(None) };
    let bad = |detail| RunError::BadStream { stream: "the opening probe".to_owned(), detail };
    PreparedRequest::new(request, &spec.target.address.to_string()).map(Some).map_err(bad)
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
