//! From due to sent.

use super::{Phase, Worker};
use crate::clock::Clock;
use crate::error::ErrorClass;
use crate::http1::connection::{Attempt, Exchange, Membership, Pending, State, Wire};
use crate::http1::socket::{self, Sent};
use crate::poller::{Interest, Token};
use crate::stream::QUEUE_MAX;
use crate::transport::Carrier;

impl Worker<'_> {
    /// Takes in what is due and sends what can be sent; whether anything was.
    pub(super) fn pump(&mut self, now_ns: u64) -> bool {
        if !matches!(self.phase, Phase::WarmUp | Phase::Measure) {
            return false;
        }
        let mut sent = false;
        for number in 0..self.streams.len() {
            self.admit(number, now_ns);
            while let Some((pending, connection)) = self.next_pair(number) {
                self.send(connection, pending);
                sent = true;
            }
        }
        sent
    }

    /// Queues the stream's requests that are due.
    #[inline]
    fn admit(&mut self, number: usize, now_ns: u64) {
        let window = self.window;
        let stream = &mut self.streams[number];
        loop {
            let due_ns = stream.source.peek_ns();
            if due_ns > now_ns || due_ns >= window.end_ns {
                return;
            }
            stream.source.advance();
            let membership = if due_ns >= window.start_ns { Membership::Window } else { Membership::WarmUp };
            let step = stream.take_step();
            if membership == Membership::Window {
                stream.recorder.counts.due += 1;
            }
            if stream.queue.len() < QUEUE_MAX {
                stream.queue.push_back(Pending { due_ns, step, membership, attempt: Attempt::First });
            } else if membership == Membership::Window {
                stream.recorder.unsent(due_ns, window.end_ns);
            }
        }
    }

    /// A request that waits and a connection that is free, if there are both.
    #[inline]
    fn next_pair(&mut self, number: usize) -> Option<(Pending, usize)> {
        let stream = &mut self.streams[number];
        if stream.queue.is_empty() {
            return None;
        }
        let connection = stream.idle.pop_front()?;
        stream.queue.pop_front().map(|pending| (pending, connection))
    }

    /// Sends a request over a connection that is free.
    pub(super) fn send(&mut self, index: usize, request: Pending) {
        let now_ns = self.clock.now_ns();
        let connection = &mut self.connections[index];
        let stream = &mut self.streams[connection.stream];
        match stream.carrier {
            Carrier::FanOut(_) => return self.send_to_room(index, request, now_ns),
            Carrier::Http2(_) => return self.send_http2(index, request, now_ns),
            _ => {}
        }
        connection.parser.reset(stream.body_bytes_max(request.step));
        stream.recorder.in_flight.enter(now_ns);
        let sent_ns = match request.attempt {
            Attempt::First => {
                stream.recorder.totals.requests_sent += 1;
                if request.membership == Membership::Window {
                    stream.recorder.sent(request.due_ns, now_ns);
                }
                now_ns
            }
            Attempt::Retry { first_sent_ns } => {
                stream.recorder.totals.retries += 1;
                first_sent_ns
            }
        };
        let deadline_ns = now_ns.saturating_add(stream.timeout_ns);
        connection.state = State::Busy(Exchange { request, sent_ns, first_byte_ns: None, deadline_ns, written: 0 });
        match connection.wire {
            Wire::Http1 => self.write(index, now_ns),
            Wire::Events(_) => {
                connection.step = request.step;
                self.begin_subscription(index);
                self.write(index, now_ns);
            }
            Wire::WebSocket(_) => self.write_websocket(index, now_ns),
            // Sent above.
            Wire::Http2(_) => {}
            Wire::Synthetic => self.begin_synthetic(index, now_ns),
        }
    }

    /// Writes what remains of a connection's request.
    pub(super) fn write(&mut self, index: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        let (State::Busy(exchange), Some(socket)) = (&mut connection.state, &connection.socket) else {
            return;
        };
        let bytes = &self.streams[connection.stream].requests[exchange.request.step].bytes;
        let began = exchange.written > 0;
        let Sent::Bytes(count) = socket::send(socket, &bytes[exchange.written..]) else {
            return self.lose(index, ErrorClass::Reset, now_ns);
        };
        exchange.written += count;
        connection.sent_bytes += count as u64;
        let whole = exchange.written == bytes.len();
        // In the usual case all is written at once, and the poller need not be told anything.
        if whole != began {
            return;
        }
        let token = Token { connection: token_number(index), generation: connection.generation };
        let interest = if whole { connection.interest() } else { Interest::Both };
        if self.poller.modify(socket, token, interest).is_err() {
            self.lose(index, ErrorClass::Reset, now_ns);
        }
    }
}

/// A connection's number as the poller's tokens hold it.
pub(super) fn token_number(index: usize) -> u32 {
    u32::try_from(index).expect("fewer connections than streams times CONNECTIONS_MAX, bounded at the start")
}
