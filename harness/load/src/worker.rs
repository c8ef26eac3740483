//! The worker: one thread that drives all streams over one poller, through warm-up, window and drain.
//!
//! The parts of its work are files of their own: `dispatch` (due to sent), `receive` (readable to answered),
//! `settle` (ended to recorded), `opening` (before the load), `lifecycle` (connections lost, timed out, opened again).

mod dispatch;
mod events;
mod fan_out;
mod http2;
mod lifecycle;
mod opening;
mod receive;
mod settle;
mod synthetic;
mod websocket;

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::{Clock, MonotonicClock};
use crate::error::RunError;
use crate::http1::connection::Connection;
use crate::http1::response::LastHead;
use crate::meter::Meter;
use crate::pacer::{Pacer, PacerKind, Wait};
use crate::poller::Poller;
use crate::run::Ending;
use crate::stream::Stream;
use crate::synthetic::Ends;
use crate::transport::Carrier;
use crate::window::Window;

/// Read at once from a socket: as much as most answers have, and a good part of what a socket holds.
const BUFFER_BYTES: usize = 64 * 1024;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Opening,
    WarmUp,
    Measure,
    Drain,
    Done,
}

/// One thread's load. The caller has pinned the thread.
pub(crate) struct Worker<'a> {
    pub(crate) streams: Vec<Stream>,
    pub(crate) meter: Meter,
    pub(crate) window: Window,
    clock: MonotonicClock,
    address: SocketAddr,
    connections: Vec<Connection>,
    /// When the exchanges end that go over no socket.
    synthetic: Ends,
    poller: Poller,
    pacer: Pacer,
    buffer: Box<[u8]>,
    last_head: LastHead,
    phase: Phase,
    drain_ns: u64,
    /// When some connection needs attention, at the earliest.
    next_chore_ns: u64,
    stop: &'a [&'a AtomicBool],
    ending: Ending,
}

impl<'a> Worker<'a> {
    /// A worker with no connection open; `connections` names the number for each stream.
    pub(crate) fn new(
        address: SocketAddr,
        mut streams: Vec<Stream>,
        connections: &[u32],
        pacer: PacerKind,
        stop: &'a [&'a AtomicBool],
    ) -> Result<Self, RunError> {
        let mut all = Vec::new();
        for (number, (stream, count)) in streams.iter_mut().zip(connections).enumerate() {
            if let Carrier::FanOut(rooms) = &mut stream.carrier {
                rooms.set_first_connection(all.len());
            }
            all.extend((0..*count).map(|_| Connection::new(number, stream.carrier.wire())));
        }
        Ok(Self {
            streams,
            meter: Meter::default(),
            window: Window { start_ns: 0, end_ns: 0 },
            clock: MonotonicClock,
            address,
            synthetic: Ends::default(),
            connections: all,
            poller: Poller::new()?,
            pacer: Pacer::new(pacer),
            buffer: vec![0; BUFFER_BYTES].into_boxed_slice(),
            last_head: LastHead::default(),
            phase: Phase::Opening,
            drain_ns: 0,
            next_chore_ns: 0,
            stop,
            ending: Ending::default(),
        })
    }

    /// The same worker, whose connections end otherwise.
    pub(crate) const fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Gives away what is to stay open; of connections that were to be closed, one whose server did not say goodbye is not.
    pub(crate) fn take_open(&mut self) -> Vec<OwnedFd> {
        match self.ending {
            Ending::Close => Vec::new(),
            Ending::LeaveOpen => {
                self.connections.iter_mut().filter_map(|connection| connection.socket.take()).collect()
            }
        }
    }

    /// Sets the window ahead; the streams' schedules and records are the caller's to set.
    pub(crate) fn start(&mut self, window: Window, drain_ns: u64) {
        self.window = window;
        self.drain_ns = drain_ns;
        self.phase = Phase::WarmUp;
    }

    /// Drives the load to its end.
    pub(crate) fn drive(&mut self) -> Result<(), RunError> {
        loop {
            let now_ns = self.clock.now_ns();
            self.meter.iterate(now_ns);
            self.advance_phase(now_ns);
            if self.phase == Phase::Done {
                return Ok(());
            }
            self.end_synthetic(now_ns);
            let sent = self.pump(now_ns);
            if now_ns >= self.next_chore_ns {
                self.do_chores(now_ns);
            }
            let now_ns = if sent { self.clock.now_ns() } else { now_ns };
            let wait = self.pacer.plan(now_ns, self.next_due_ns(), self.next_edge_ns().min(self.next_chore_ns));
            let ready = self.poller.wait(wait)?;
            if ready == 0 && !sent && wait == Wait::Poll {
                self.meter.found_nothing();
            }
            for index in 0..ready {
                let now_ns = self.handle(self.poller.ready(index));
                self.pump(now_ns);
            }
        }
    }

    /// When the next request is due that may be sent.
    fn next_due_ns(&self) -> u64 {
        let sends = matches!(self.phase, Phase::WarmUp | Phase::Measure);
        let dues = self.streams.iter().map(|stream| stream.source.peek_ns());
        let due_ns = dues.min().filter(|due_ns| sends && *due_ns < self.window.end_ns).unwrap_or(u64::MAX);
        due_ns.min(self.synthetic.next_ns())
    }

    /// When the phase ends.
    fn next_edge_ns(&self) -> u64 {
        match self.phase {
            Phase::Opening | Phase::Done => u64::MAX,
            Phase::WarmUp => self.window.start_ns,
            Phase::Measure => self.window.end_ns,
            Phase::Drain => self.window.end_ns.saturating_add(self.drain_ns),
        }
    }

    fn advance_phase(&mut self, now_ns: u64) {
        if self.phase == Phase::WarmUp && now_ns >= self.window.start_ns {
            self.phase = Phase::Measure;
            self.meter.start_window();
            self.streams_enter_window();
        }
        if self.is_stopped() && self.phase != Phase::Drain {
            self.window.end_ns = self.window.end_ns.min(now_ns);
            self.window.start_ns = self.window.start_ns.min(self.window.end_ns);
        }
        if matches!(self.phase, Phase::WarmUp | Phase::Measure) && now_ns >= self.window.end_ns {
            // What was due at the very end still leaves, if a connection is free.
            self.pump(now_ns);
            self.meter.end_window();
            self.streams_leave_window();
            self.stop_event_streams();
            self.phase = Phase::Drain;
        }
        if self.phase == Phase::Drain {
            let drained = self.streams.iter().all(|stream| stream.recorder.in_flight.count() == 0);
            if drained || now_ns >= self.next_edge_ns() {
                self.give_up_outstanding(now_ns);
                if self.ending == Ending::Close {
                    self.say_goodbye();
                }
                self.phase = Phase::Done;
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.iter().any(|stop| stop.load(Ordering::Relaxed))
    }
}
