//! Connections: opened, lost, timed out, opened again.

use super::dispatch::token_number;
use super::{Phase, Worker};
use crate::error::ErrorClass;
use crate::http1::connection::{Attempt, Exchange, Pending, State, Wire};
use crate::http1::socket::{self, Connect};
use crate::poller::{Interest, Token};
use crate::stream::Stream;
use crate::transport::Carrier;

/// Longest time a connect may take: several of the kernel's retransmissions of the first packet.
pub(super) const CONNECT_TIMEOUT_NS: u64 = 5_000_000_000;
/// Pause before a connection is tried again that failed before it served anything, so that a server that refuses
/// or hangs up is not hammered.
const RETRY_NS: u64 = 20_000_000;
/// Longest time between two looks at all connections.
const CHORE_INTERVAL_NS: u64 = 1_000_000_000;

impl Worker<'_> {
    /// Opens a connection that has no socket.
    pub(super) fn open(&mut self, index: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        connection.generation = connection.generation.wrapping_add(1);
        connection.served = 0;
        if matches!(connection.wire, Wire::Synthetic) {
            return self.become_idle(index, now_ns);
        }
        let token = Token { connection: token_number(index), generation: connection.generation };
        let source = self.streams[connection.stream].sources.of(token.connection);
        let opened = socket::connect(self.address, source).and_then(|(socket, connect)| {
            let interest = if connect == Connect::Done { connection.interest() } else { Interest::Both };
            self.poller.add(&socket, token, interest)?;
            Ok((socket, connect))
        });
        match opened {
            Ok((socket, connect)) => {
                connection.socket = Some(socket);
                match connect {
                    Connect::Done => self.connected(index, now_ns),
                    Connect::InProgress => {
                        connection.state = State::Connecting { deadline_ns: now_ns.saturating_add(CONNECT_TIMEOUT_NS) };
                    }
                }
            }
            Err(_) => {
                self.failed_to_open(index, ErrorClass::ConnectFailed, now_ns);
                self.close(index, now_ns.saturating_add(RETRY_NS));
            }
        }
    }

    /// A connect that was in progress has come to its end.
    pub(super) fn finish_connecting(&mut self, index: usize, now_ns: u64) {
        let connection = &self.connections[index];
        let token = Token { connection: token_number(index), generation: connection.generation };
        let connected = connection.socket.as_ref().is_some_and(|socket| {
            socket::is_connected(socket) && self.poller.modify(socket, token, connection.interest()).is_ok()
        });
        if connected {
            self.connected(index, now_ns);
        } else {
            self.lose(index, ErrorClass::ConnectFailed, now_ns);
        }
    }

    /// The socket is connected.
    fn connected(&mut self, index: usize, now_ns: u64) {
        match self.connections[index].wire {
            Wire::Http1 | Wire::Events(_) | Wire::Synthetic => self.become_idle(index, now_ns),
            Wire::Http2(_) => self.begin_http2(index, now_ns),
            Wire::WebSocket(_) => self.begin_websocket(index, now_ns),
        }
    }

    /// The connection is established, and its protocol agreed on.
    pub(super) fn become_idle(&mut self, index: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        connection.state = State::Idle;
        let stream = &mut self.streams[connection.stream];
        stream.connections.established(now_ns);
        if let Carrier::FanOut(rooms) = &mut stream.carrier {
            rooms.joined(index);
        }
        match connection.retry.take() {
            Some(pending) => self.send(index, pending),
            None if stream.carrier.may_send(index) => stream.idle.push_back(index),
            None => {}
        }
    }

    /// A connection is of no more use; what it carried fails, or is sent once more over its next socket.
    pub(super) fn lose(&mut self, index: usize, class: ErrorClass, now_ns: u64) {
        let connection = &self.connections[index];
        let (number, state, served) = (connection.stream, connection.state, connection.served);
        if matches!(state, State::Idle | State::Busy(_) | State::Streaming { .. }) {
            self.left(index, class, now_ns);
        }
        match state {
            State::Closed { .. } => return,
            State::Connecting { .. } => self.failed_to_open(index, ErrorClass::ConnectFailed, now_ns),
            State::Opening { .. } => self.failed_to_open(index, ErrorClass::BadHandshake, now_ns),
            State::Idle => {
                self.streams[number].idle.retain(|idle| *idle != index);
                self.lose_http2(index, class, now_ns);
                if class == ErrorClass::Unsolicited {
                    self.count(index, class, now_ns);
                }
            }
            State::Streaming { .. } => self.stream_broke(index, class, now_ns),
            State::Busy(exchange) if self.may_retry(index, &exchange, class) => {
                self.count(index, ErrorClass::IdleReset, now_ns);
                let attempt = Attempt::Retry { first_sent_ns: exchange.sent_ns };
                self.streams[number].recorder.in_flight.leave(now_ns);
                self.connections[index].retry = Some(Pending { attempt, ..exchange.request });
            }
            State::Busy(exchange) => self.settle(number, exchange, Err(class), now_ns),
        }
        if self.phase == Phase::Drain {
            self.close(index, u64::MAX);
        } else if served > 0 || class.is_timeout() {
            self.close(index, now_ns);
            self.open(index, now_ns);
        } else {
            self.close(index, now_ns.saturating_add(RETRY_NS));
        }
    }

    /// An established connection is of no more use.
    fn left(&mut self, index: usize, class: ErrorClass, now_ns: u64) {
        let stream = &mut self.streams[self.connections[index].stream];
        stream.connections.lost(class, now_ns);
        if let Carrier::FanOut(rooms) = &mut stream.carrier {
            rooms.left(index);
        }
    }

    /// An attempt at opening a connection came to nothing.
    fn failed_to_open(&mut self, index: usize, class: ErrorClass, now_ns: u64) {
        self.streams[self.connections[index].stream].connections.failed(class);
        self.count(index, class, now_ns);
    }

    /// Whether a request met a kept-alive connection that the server had closed already (RFC 9112, section 9.3.1).
    fn may_retry(&self, index: usize, exchange: &Exchange, class: ErrorClass) -> bool {
        let served = self.connections[index].served;
        // A message may have been acted on; only HTTP says that a request may be sent again.
        matches!(self.connections[index].wire, Wire::Http1)
            && served > 0
            && exchange.first_byte_ns.is_none()
            && exchange.request.attempt == Attempt::First
            && matches!(class, ErrorClass::Reset | ErrorClass::Closed)
            && matches!(self.phase, Phase::WarmUp | Phase::Measure)
    }

    /// Closes a connection's socket, which also ends the poller's watch on it.
    pub(super) fn close(&mut self, index: usize, retry_ns: u64) {
        let connection = &mut self.connections[index];
        connection.socket = None;
        if let Wire::Http2(session) = &mut connection.wire {
            session.end();
        }
        connection.state = State::Closed { retry_ns };
        self.next_chore_ns = self.next_chore_ns.min(retry_ns);
    }

    /// Counts what befell a connection in the window.
    fn count(&mut self, index: usize, class: ErrorClass, now_ns: u64) {
        if self.window.contains(now_ns) {
            self.streams[self.connections[index].stream].recorder.counts.errors.add(class);
        }
    }

    /// Closes the seconds that are over, also where nothing happens that would: whoever looks on wants to see that.
    fn close_seconds(&mut self, now_ns: u64) {
        if self.phase == Phase::Measure {
            let now_ns = now_ns.min(self.window.end_ns.saturating_sub(1));
            let busy_ns = self.meter.busy_so_far_ns();
            for Stream { recorder, .. } in &mut self.streams {
                recorder.series.busy(busy_ns);
                recorder.series.go_on(now_ns);
            }
        }
    }

    /// Looks after connections whose time has come. Whatever starts later ends later than the next look, since each
    /// stream's timeout is constant.
    pub(super) fn do_chores(&mut self, now_ns: u64) {
        self.close_seconds(now_ns);
        let shortest_ns = self.streams.iter().map(|stream| stream.timeout_ns).min().unwrap_or(u64::MAX);
        self.next_chore_ns = now_ns.saturating_add(shortest_ns.min(CONNECT_TIMEOUT_NS).min(CHORE_INTERVAL_NS));
        self.expire_messages(now_ns);
        for index in 0..self.connections.len() {
            if let Wire::Http2(_) = self.connections[index].wire {
                self.expire_http2(index, now_ns);
            }
            let moment_ns = match self.connections[index].state {
                State::Idle => continue,
                State::Closed { retry_ns } => retry_ns,
                State::Connecting { deadline_ns }
                | State::Opening { deadline_ns }
                | State::Streaming { deadline_ns } => deadline_ns,
                State::Busy(exchange) => exchange.deadline_ns,
            };
            if moment_ns > now_ns {
                self.next_chore_ns = self.next_chore_ns.min(moment_ns);
                continue;
            }
            match self.connections[index].state {
                State::Closed { .. } if self.phase == Phase::Drain => {}
                State::Closed { .. } => self.open(index, now_ns),
                State::Busy(Exchange { first_byte_ns: Some(_), .. }) | State::Streaming { .. } => {
                    self.lose(index, ErrorClass::TooSlow, now_ns);
                }
                _ => self.lose(index, ErrorClass::Timeout, now_ns),
            }
        }
    }
}
