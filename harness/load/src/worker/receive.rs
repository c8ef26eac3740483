//! From readable to answered.

use super::{Phase, Worker};
use crate::clock::Clock;
use crate::error::ErrorClass;
use crate::http1::connection::{State, Verifying, Wire};
use crate::http1::response::Fed;
use crate::http1::socket::{self, Received};
use crate::poller::Ready;

impl Worker<'_> {
    /// Handles one socket that is ready; the time when that was done.
    pub(super) fn handle(&mut self, ready: Ready) -> u64 {
        let index = ready.token.connection as usize;
        if self.connections[index].generation != ready.token.generation {
            return self.clock.now_ns();
        }
        let connection = &self.connections[index];
        match (&connection.wire, connection.state) {
            (_, State::Closed { .. }) => self.clock.now_ns(),
            (_, State::Connecting { .. }) => {
                let now_ns = self.clock.now_ns();
                self.finish_connecting(index, now_ns);
                now_ns
            }
            (Wire::Http1, State::Busy(_)) => {
                if ready.writable {
                    let now_ns = self.clock.now_ns();
                    self.write_rest(index, now_ns);
                }
                if ready.readable { self.receive_all(index, ready) } else { self.clock.now_ns() }
            }
            (Wire::Http1, _) => self.receive_all(index, ready),
            (Wire::WebSocket(_), _) => self.handle_websocket(index, ready),
            (Wire::Http2(_), _) => self.turn_http2(index),
            (Wire::Events(_), _) => self.handle_events(index, ready),
            // It has no socket that could be ready.
            (Wire::Synthetic, _) => self.clock.now_ns(),
        }
    }

    pub(super) fn write_rest(&mut self, index: usize, now_ns: u64) {
        let connection = &self.connections[index];
        if let State::Busy(exchange) = connection.state {
            let request = &self.streams[connection.stream].requests[exchange.request.step];
            if exchange.written < request.bytes.len() {
                self.write(index, now_ns);
            }
        }
    }

    /// Reads until a read was short: no more has come then, or the poller will tell. After the other side's end that would not be seen,
    /// so it is read up to that.
    fn receive_all(&mut self, index: usize, ready: Ready) -> u64 {
        loop {
            let (received, now_ns) = self.receive(index);
            let more = match received {
                Received::Bytes(count) => count == self.buffer.len() || ready.ended,
                Received::Nothing | Received::End | Received::Broken => false,
            };
            if !more || self.connections[index].generation != ready.token.generation {
                return now_ns;
            }
        }
    }

    fn receive(&mut self, index: usize) -> (Received, u64) {
        let connection = &mut self.connections[index];
        let Some(socket) = &connection.socket else {
            return (Received::Nothing, self.clock.now_ns());
        };
        let received = socket::receive(socket, &mut self.buffer);
        let now_ns = self.clock.now_ns();
        match (&mut connection.state, received) {
            (_, Received::Nothing) => {}
            (State::Busy(exchange), Received::Bytes(count)) => {
                exchange.first_byte_ns.get_or_insert(now_ns);
                connection.received_bytes += count as u64;
                self.parse(index, count, now_ns);
            }
            (State::Busy(exchange), Received::End) => match (connection.parser.end(), exchange.first_byte_ns) {
                (Ok(()), _) => self.answered(index, true, now_ns),
                (Err(_), None) => self.lose(index, ErrorClass::Closed, now_ns),
                (Err(_), Some(_)) => self.lose(index, ErrorClass::Truncated, now_ns),
            },
            (State::Busy(_), Received::Broken) => self.lose(index, ErrorClass::Reset, now_ns),
            (_, Received::Bytes(_)) => self.lose(index, ErrorClass::Unsolicited, now_ns),
            (_, Received::End | Received::Broken) => self.lose(index, ErrorClass::Closed, now_ns),
        }
        (received, now_ns)
    }

    /// Parses the first bytes of the buffer as the next part of the connection's answer.
    fn parse(&mut self, index: usize, count: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        let State::Busy(exchange) = connection.state else { return };
        let verifier = &self.streams[connection.stream].requests[exchange.request.step].verifier;
        let mut sink = Verifying { verifier, seen: &mut connection.seen };
        match connection.parser.feed(&self.buffer[..count], &mut self.last_head, &mut sink) {
            Ok(Fed::More) => {}
            Ok(Fed::Whole { consumed }) => self.answered(index, consumed == count, now_ns),
            Err(error) => self.lose(index, error.into(), now_ns),
        }
    }

    /// The answer is whole; `exact` where nothing came after it.
    fn answered(&mut self, index: usize, exact: bool, now_ns: u64) {
        let connection = &mut self.connections[index];
        let State::Busy(exchange) = connection.state else { return };
        let number = connection.stream;
        let stream = &mut self.streams[number];
        let request = &mut stream.requests[exchange.request.step];
        let verdict = request.verifier.verdict(&mut connection.seen);
        let verdict = if exact { verdict } else { Err(ErrorClass::Surplus) };
        let reusable = exact && connection.parser.keeps_alive() && exchange.written == request.bytes.len();
        stream.recorder.totals.responses += 1;
        connection.served += 1;
        self.settle(number, exchange, verdict, now_ns);
        if reusable {
            self.connections[index].state = State::Idle;
            self.streams[number].idle.push_back(index);
            return;
        }
        self.streams[number].connections.ended(now_ns);
        if self.phase == Phase::Drain {
            self.close(index, u64::MAX);
        } else {
            self.close(index, now_ns);
            self.open(index, now_ns);
        }
    }
}
