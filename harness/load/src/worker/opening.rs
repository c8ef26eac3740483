//! Opens all connections before the load begins: all at once, or one by one with an answer over each.

use std::os::fd::OwnedFd;

use super::Worker;
use super::lifecycle::CONNECT_TIMEOUT_NS;
use crate::arrival::{Schedule, Spacing};
use crate::clock::Clock;
use crate::error::RunError;
use crate::http1::connection::{Attempt, Membership, Pending, State, Wire};
use crate::http1::response::{Fed, LastHead, ResponseParser, Sink};
use crate::http1::socket::{self, Received, Sent};
use crate::pacer::Wait;

/// Between two connections that are opened under load: long enough for an idle process to accept, also where it is waited for on a busy
/// core, and a fraction of a CPU-bound request.
const UNDER_LOAD_GAP_NS: u64 = 5_000_000;
/// Connections that are opened on a schedule go on once no more than this many still wait for the server, so that twice as many wait at most:
/// fewer than any listen queue holds, and not so many that a slow server answers the last of them too late.
const AT_ONCE: usize = 128;
/// Longest body of an answer to a probe; a health check is a few bytes.
const PROBE_BODY_BYTES_MAX: u64 = 1 << 20;

/// Does not look at the probe's answer: whether the server is right is checked elsewhere.
struct Ignored;

impl Sink for Ignored {
    fn head(&mut self, _: u16, _: Option<&[u8]>) {}
    fn body(&mut self, _: &[u8]) {}
}

impl Worker<'_> {
    /// Opens all connections and waits until each is open or has failed; with a probe, one by one, each with an answer
    /// to it before the next is opened. None open is an error.
    pub(crate) fn open_all(&mut self, probe: Option<&[u8]>) -> Result<(), RunError> {
        let start_ns = self.clock.now_ns();
        self.begin_opening(start_ns);
        for index in 0..self.connections.len() {
            self.open(index, self.clock.now_ns());
            if let Some(probe) = probe {
                self.settle_connecting(start_ns)?;
                self.probe(index, probe)?;
            }
        }
        self.settle_connecting(start_ns)?;
        self.some_are_open()
    }

    /// Opens all connections one by one, and sends each stream's first request over each at once. Returns when all are answered.
    pub(crate) fn open_under_load(&mut self) -> Result<(), RunError> {
        self.begin_opening(self.clock.now_ns());
        for index in 0..self.connections.len() {
            let opened_ns = self.clock.now_ns();
            self.open(index, opened_ns);
            self.settle_connecting(opened_ns)?;
            let stream = &mut self.streams[self.connections[index].stream];
            if stream.idle.back() == Some(&index) {
                stream.idle.pop_back();
                let due_ns = self.clock.now_ns();
                let step = 0;
                self.send(index, Pending { due_ns, step, membership: Membership::WarmUp, attempt: Attempt::First });
            }
            self.handle_for(UNDER_LOAD_GAP_NS)?;
        }
        let deadline_ns = self.clock.now_ns().saturating_add(CONNECT_TIMEOUT_NS);
        while self.in_flight() > 0 && self.clock.now_ns() < deadline_ns {
            self.handle_for(UNDER_LOAD_GAP_NS)?;
        }
        self.some_are_open()
    }

    /// Opens all connections on a schedule, or as fast as the server lets them in where that is slower, and waits until each is open or has failed.
    pub(crate) fn open_at_rate(&mut self, per_s: f64) -> Result<(), RunError> {
        let start_ns = self.clock.now_ns();
        self.begin_opening(start_ns);
        let mut schedule = Schedule::new(per_s, Spacing::Constant, 0, 0);
        for index in 0..self.connections.len() {
            let due_ns = start_ns.saturating_add(schedule.next_due_ns());
            self.handle_for(due_ns.saturating_sub(self.clock.now_ns()))?;
            if index % AT_ONCE == 0 {
                self.settle_down_to(AT_ONCE, self.clock.now_ns())?;
            }
            self.open(index, self.clock.now_ns());
        }
        self.settle_connecting(self.clock.now_ns())?;
        self.some_are_open()
    }

    fn begin_opening(&mut self, now_ns: u64) {
        self.streams.iter_mut().for_each(|stream| stream.connections.begin(now_ns));
    }

    fn some_are_open(&self) -> Result<(), RunError> {
        let asked = self.connections.len();
        let open = self.connections.iter().any(|connection| matches!(connection.state, State::Idle | State::Busy(_)));
        if open { Ok(()) } else { Err(RunError::NoConnection { address: self.address, asked, failed: asked }) }
    }

    /// Takes what comes for some time.
    fn handle_for(&mut self, time_ns: u64) -> Result<(), RunError> {
        let end_ns = self.clock.now_ns().saturating_add(time_ns);
        loop {
            let now_ns = self.clock.now_ns();
            self.end_synthetic(now_ns);
            let left_ns = end_ns.saturating_sub(now_ns);
            if left_ns == 0 {
                return Ok(());
            }
            for index in 0..self.poller.wait(Wait::Sleep { at_most_ns: left_ns })? {
                self.handle(self.poller.ready(index));
            }
        }
    }

    fn in_flight(&self) -> u64 {
        self.streams.iter().map(|stream| stream.recorder.in_flight.count()).sum()
    }

    /// Waits until no connection is connecting.
    fn settle_connecting(&mut self, start_ns: u64) -> Result<(), RunError> {
        self.settle_down_to(0, start_ns)
    }

    /// Waits until at most so many connections are connecting.
    fn settle_down_to(&mut self, at_most: usize, start_ns: u64) -> Result<(), RunError> {
        let deadline_ns = start_ns.saturating_add(CONNECT_TIMEOUT_NS);
        while self.connecting() > at_most && self.clock.now_ns() < deadline_ns {
            let at_most_ns = deadline_ns.saturating_sub(self.clock.now_ns()).max(1);
            for index in 0..self.poller.wait(Wait::Sleep { at_most_ns })? {
                self.handle(self.poller.ready(index));
            }
        }
        Ok(())
    }

    fn connecting(&self) -> usize {
        self.connections.iter().filter(|connection| is_opening(connection.state)).count()
    }

    /// Sends the probe over an idle connection and reads its answer. A connection that does not answer is left as it
    /// is; the load will find out.
    fn probe(&mut self, index: usize, probe: &[u8]) -> Result<(), RunError> {
        let deadline_ns = self.clock.now_ns().saturating_add(CONNECT_TIMEOUT_NS);
        let mut parser = ResponseParser::new();
        parser.reset(PROBE_BODY_BYTES_MAX);
        if !matches!(self.connections[index].wire, Wire::Http1) {
            // Its handshake has been answered, and that is all a probe is there for.
            return Ok(());
        }
        let sent = self.connections[index].socket.as_ref().map(|socket| socket::send(socket, probe));
        if sent != Some(Sent::Bytes(probe.len())) {
            return Ok(());
        }
        while self.clock.now_ns() < deadline_ns {
            let Some(socket) = &self.connections[index].socket else { return Ok(()) };
            if read_some(socket, &mut self.buffer, &mut parser) {
                return Ok(());
            }
            // What is ready is this connection, since the others are idle; its events are looked at above.
            self.poller.wait(Wait::Sleep { at_most_ns: deadline_ns.saturating_sub(self.clock.now_ns()).max(1) })?;
        }
        Ok(())
    }
}

const fn is_opening(state: State) -> bool {
    matches!(state, State::Connecting { .. } | State::Opening { .. })
}

/// Reads what has come of an answer; whether that was all there will be.
fn read_some(socket: &OwnedFd, buffer: &mut [u8], parser: &mut ResponseParser) -> bool {
    match socket::receive(socket, buffer) {
        Received::Bytes(count) => {
            !matches!(parser.feed(&buffer[..count], &mut LastHead::default(), &mut Ignored), Ok(Fed::More))
        }
        Received::Nothing => false,
        Received::End | Received::Broken => true,
    }
}
