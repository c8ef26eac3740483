//! A stream: requests of one kind with one way to arrive, over connections of its own.

use std::collections::VecDeque;
use std::hint::black_box;
use std::time::Duration;

use crate::arrival::{Arrival, Share, Source};
use crate::connections::Count;
use crate::error::RunError;
use crate::http1::connection::{Attempt, Membership, Pending};
use crate::recorder::{Recorder, StreamOutcome};
use crate::request::{PreparedRequest, RequestSpec};
use crate::sources::Sources;
use crate::transfer::Transfer;
use crate::transport::{Carrier, Transport};
use crate::window::Window;

/// Most requests that may be due and wait for a connection: 8 s at 128,000/s. A request beyond it counts as unsent.
pub const QUEUE_MAX: usize = 1 << 20;
/// A backlog this long of an even rate is set aside at the start: few stalls of a host are longer, and what waits through one is then
/// queued without asking the system for memory.
const BACKLOG: Duration = Duration::from_secs(1);
/// Most connections of a stream.
pub const CONNECTIONS_MAX: u32 = 1 << 16;
/// Longest body of an answer where a stream names no bound.
pub const BODY_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Longest JSON body that is kept to be verified.
const KEPT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What one stream sends and how.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamSpec {
    /// The name that its outcome bears.
    pub name: String,
    /// Connections; each carries one request at a time.
    pub connections: u32,
    /// When requests are due.
    pub arrival: Arrival,
    /// What carries the requests.
    pub transport: Transport,
    /// The requests, sent in rotation, where the transport does not say itself what is sent.
    pub steps: Vec<RequestSpec>,
    /// After how long without a whole answer a request has failed, counted from when it was sent.
    pub timeout: Duration,
    /// The longest body that an answer may have.
    pub body_bytes_max: u64,
    /// Where its connections come from.
    pub sources: Sources,
}

impl StreamSpec {
    /// A stream over HTTP/1.1 with the usual bounds: 10 s for an answer, [`BODY_BYTES_MAX`] for its body.
    #[must_use]
    pub fn new(name: &str, connections: u32, arrival: Arrival, steps: Vec<RequestSpec>) -> Self {
        let timeout = Duration::from_secs(10);
        Self {
            name: name.to_owned(),
            connections,
            arrival,
            transport: Transport::Http1,
            steps,
            timeout,
            body_bytes_max: BODY_BYTES_MAX,
            sources: Sources::Automatic,
        }
    }

    /// The same stream over another transport.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Those who send: in a closed loop, each one request at a time.
    #[must_use]
    pub const fn users(&self) -> u32 {
        match &self.transport {
            Transport::Http2(http2) => self.connections.saturating_mul(http2.streams_per_connection),
            Transport::WebSocketFanOut(rooms) => rooms.senders(),
            _ => self.connections,
        }
    }

    fn check(&self) -> Result<(), String> {
        if !(1..=CONNECTIONS_MAX).contains(&self.connections) {
            return Err(format!("give it 1 to {CONNECTIONS_MAX} connections, not {}", self.connections));
        }
        match (self.transport.sends_steps(), self.steps.is_empty()) {
            (true, true) => return Err("it sends nothing; give it at least one request".to_owned()),
            (false, false) => return Err("its transport says what is sent; leave its steps out".to_owned()),
            _ => {}
        }
        if self.timeout.is_zero() {
            return Err("its timeout is zero; give requests some time".to_owned());
        }
        self.sources.check()?;
        self.transport.check(self.connections)?;
        match self.arrival {
            Arrival::Open { rate_per_s, .. } if !(rate_per_s.is_finite() && rate_per_s > 0.0) => {
                Err(format!("its rate must be greater than 0 requests/s, not {rate_per_s}"))
            }
            _ => Ok(()),
        }
    }
}

/// What chooses the randomness of a stream's arrivals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed {
    /// The run's seed.
    pub(crate) seed: u64,
    /// The stream's place among the run's, so that streams of one seed differ.
    pub(crate) stream: u64,
}

/// A stream at work.
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) membership: MembershipRule,
    pub(crate) carrier: Carrier,
    pub(crate) requests: Vec<PreparedRequest>,
    pub(crate) next_step: usize,
    pub(crate) timeout_ns: u64,
    pub(crate) source: Source,
    /// Requests that are due and wait for a connection.
    pub(crate) queue: VecDeque<Pending>,
    /// Connections that wait for a request; the one that has waited longest is next, so that all are used alike.
    pub(crate) idle: VecDeque<usize>,
    pub(crate) recorder: Recorder,
    pub(crate) connections: Count,
    pub(crate) sources: Sources,
    pub(crate) transfer: Transfer,
    body_bytes_max: u64,
}

/// Which requests belong to the measuring window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MembershipRule {
    /// Those that are due in it.
    Due,
    /// Those that are under way in it, so that a closed loop's rate has no gap at the window's start.
    UnderWay,
}

/// How many requests may wait before their queue has to grow.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number within a bound")]
fn backlog(spec: &StreamSpec) -> usize {
    let least = spec.connections as usize;
    match spec.arrival {
        Arrival::Open { rate_per_s, .. } => {
            least.max((rate_per_s * BACKLOG.as_secs_f64()).min(f64::from(CONNECTIONS_MAX)) as usize)
        }
        Arrival::Staged { .. } | Arrival::Closed { .. } => least,
    }
}

/// An empty queue with room for the backlog, all of which is the process's own from the start: memory that the first stall is the first to touch
/// would be asked of the system on the hot path.
fn queue(spec: &StreamSpec) -> VecDeque<Pending> {
    let room = backlog(spec);
    let nothing =
        Pending { due_ns: u64::MAX, step: usize::MAX, membership: Membership::WarmUp, attempt: Attempt::First };
    let mut queue = VecDeque::with_capacity(room);
    queue.resize(room, nothing);
    // Seen from outside, or the compiler leaves out what is written for nothing.
    black_box(&mut queue).clear();
    queue
}

impl Stream {
    pub(crate) fn new(spec: &StreamSpec, host: &str) -> Result<Self, RunError> {
        let bad = |detail| RunError::BadStream { stream: spec.name.clone(), detail };
        spec.check().map_err(bad)?;
        let nowhere = Window { start_ns: 0, end_ns: 0 };
        Ok(Self {
            name: spec.name.clone(),
            membership: match spec.arrival {
                Arrival::Open { .. } | Arrival::Staged { .. } => MembershipRule::Due,
                Arrival::Closed { .. } => MembershipRule::UnderWay,
            },
            carrier: Carrier::new(spec, host).map_err(bad)?,
            requests: spec.transport.prepare(spec, host).map_err(bad)?,
            next_step: 0,
            timeout_ns: u64::try_from(spec.timeout.as_nanos()).unwrap_or(u64::MAX),
            source: Source::new(&spec.arrival, Share::WHOLE, 0, u64::MAX, 0, 0),
            queue: queue(spec),
            idle: VecDeque::with_capacity(spec.connections as usize),
            recorder: Recorder::new(nowhere),
            connections: Count::new(spec.connections),
            sources: spec.sources,
            transfer: Transfer::default(),
            body_bytes_max: spec.body_bytes_max,
        })
    }

    /// Sets the schedule and the record to a start, once the connections are open.
    pub(crate) fn start(&mut self, spec: &StreamSpec, share: Share, start_ns: u64, window: Window, seed: Seed) {
        self.source = Source::new(&spec.arrival, share, spec.users(), start_ns, seed.seed, seed.stream);
        // Where several workers have a share, their first requests are those of the rotation's beginning.
        self.next_step = share.number as usize % self.requests.len().max(1);
        self.carrier.start(seed, share, window);
        self.recorder.begin(window);
    }

    /// The longest body that an answer to one of its requests may have.
    pub(crate) fn body_bytes_max(&self, step: usize) -> u64 {
        if matches!(self.carrier, Carrier::Events(_)) {
            // A stream of events may go on for ever: nothing of it is kept, and each event has its bound.
            return u64::MAX;
        }
        if self.requests.get(step).is_some_and(|request| request.verifier.keeps_body()) {
            self.body_bytes_max.min(KEPT_BYTES_MAX)
        } else {
            self.body_bytes_max
        }
    }

    /// What it measured.
    pub(crate) fn finish(self, window: Window, now_ns: u64) -> StreamOutcome {
        let connections = self.connections.finish(now_ns);
        let (deliveries, events) = match self.carrier {
            Carrier::FanOut(rooms) => (Some(rooms.deliveries), None),
            Carrier::Events(carrier) => (None, Some(carrier.events)),
            _ => (None, None),
        };
        let transfer = self.transfer;
        StreamOutcome { connections, transfer, deliveries, events, ..self.recorder.finish(self.name, window) }
    }

    /// Takes the number of the next request in the rotation.
    #[inline]
    pub(crate) fn take_step(&mut self) -> usize {
        let step = self.next_step;
        self.next_step = if step + 1 >= self.requests.len() { 0 } else { step + 1 };
        step
    }
}
