//! Event streams: from readable to counted, and how they end.

use super::{Phase, Worker};
use crate::clock::Clock;
use crate::error::ErrorClass;
use crate::events::subscription::{Subscribing, Subscription};
use crate::http1::connection::{State, Wire};
use crate::http1::response::Fed;
use crate::http1::socket::{self, Received};
use crate::poller::Ready;
use crate::transport::Carrier;

impl Worker<'_> {
    /// The socket is ready.
    pub(super) fn handle_events(&mut self, index: usize, ready: Ready) -> u64 {
        if ready.writable && matches!(self.connections[index].state, State::Busy(_)) {
            let now_ns = self.clock.now_ns();
            self.write_rest(index, now_ns);
        }
        if ready.readable { self.receive_events(index) } else { self.clock.now_ns() }
    }

    fn receive_events(&mut self, index: usize) -> u64 {
        let connection = &mut self.connections[index];
        let Some(socket) = &connection.socket else { return self.clock.now_ns() };
        let received = socket::receive(socket, &mut self.buffer);
        let now_ns = self.clock.now_ns();
        if let Received::Bytes(count) = received {
            connection.received_bytes += count as u64;
        }
        match (&mut connection.state, received) {
            (_, Received::Nothing) => {}
            (State::Busy(exchange), Received::Bytes(count)) => {
                exchange.first_byte_ns.get_or_insert(now_ns);
                self.parse_events(index, count, now_ns);
            }
            (State::Streaming { .. }, Received::Bytes(count)) => self.parse_events(index, count, now_ns),
            (State::Busy(_) | State::Streaming { .. }, Received::End) => match connection.parser.end() {
                Ok(()) => self.end_stream(index, now_ns),
                Err(_) => self.lose(index, self.class_of_end(index), now_ns),
            },
            (_, Received::Broken) => self.lose(index, ErrorClass::Reset, now_ns),
            (_, Received::Bytes(_)) => self.lose(index, ErrorClass::Unsolicited, now_ns),
            (_, Received::End) => self.lose(index, ErrorClass::Closed, now_ns),
        }
        now_ns
    }

    /// The subscription has left: a stream of its own begins.
    pub(super) fn begin_subscription(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        if let (Wire::Events(subscription), Carrier::Events(carrier)) =
            (&mut connection.wire, &self.streams[connection.stream].carrier)
        {
            **subscription = Subscription::new(carrier.spec.event_bytes_max);
        }
    }

    fn parse_events(&mut self, index: usize, count: usize, now_ns: u64) {
        let window = self.window;
        let connection = &mut self.connections[index];
        let stream = &mut self.streams[connection.stream];
        let (Wire::Events(subscription), Carrier::Events(carrier)) = (&mut connection.wire, &mut stream.carrier) else {
            return;
        };
        let verifier = &mut stream.requests[connection.step].verifier;
        let before_ns = subscription.last_ns;
        let (seen, events) = (&mut connection.seen, &mut carrier.events);
        let mut sink = Subscribing { verifier, seen, subscription, events, window, now_ns, error: None };
        let fed = connection.parser.feed(&self.buffer[..count], &mut self.last_head, &mut sink);
        if let Some(error) = sink.error {
            return self.lose(index, error.into(), now_ns);
        }
        if subscription.last_ns != before_ns {
            let deadline_ns = now_ns.saturating_add(stream.timeout_ns);
            let state = std::mem::replace(&mut connection.state, State::Streaming { deadline_ns });
            if let State::Busy(exchange) = state {
                stream.recorder.totals.responses += 1;
                connection.served += 1;
                self.settle(self.connections[index].stream, exchange, Ok(()), now_ns);
            }
        }
        match fed {
            Ok(Fed::More) => {}
            Ok(Fed::Whole { consumed }) if consumed == count => self.end_stream(index, now_ns),
            Ok(Fed::Whole { .. }) => self.lose(index, ErrorClass::Surplus, now_ns),
            Err(error) => self.lose(index, error.into(), now_ns),
        }
    }

    /// The server has ended the stream, or the answer that should have been one.
    fn end_stream(&mut self, index: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        let stream = &mut self.streams[connection.stream];
        if let State::Busy(_) = connection.state {
            let verdict = stream.requests[connection.step].verifier.verdict(&mut connection.seen);
            // A right head and not one event is no right answer either.
            return self.lose(index, verdict.err().unwrap_or(ErrorClass::WrongBody), now_ns);
        }
        stream.source.ended(now_ns);
        if let Carrier::Events(carrier) = &mut stream.carrier
            && self.window.contains(now_ns)
        {
            carrier.events.ended += 1;
        }
        self.free_or_reopen(index, now_ns);
    }

    /// The connection has carried an answer to its end in good order.
    fn free_or_reopen(&mut self, index: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        let stream = &mut self.streams[connection.stream];
        if connection.parser.keeps_alive() {
            connection.state = State::Idle;
            stream.idle.push_back(index);
            return;
        }
        stream.connections.ended(now_ns);
        if self.phase == Phase::Drain {
            self.close(index, u64::MAX);
        } else {
            self.close(index, now_ns);
            self.open(index, now_ns);
        }
    }

    /// A stream broke after its first event.
    pub(super) fn stream_broke(&mut self, index: usize, class: ErrorClass, now_ns: u64) {
        let connection = &self.connections[index];
        let stream = &mut self.streams[connection.stream];
        stream.source.ended(now_ns);
        if let (Carrier::Events(carrier), Wire::Events(subscription)) = (&mut stream.carrier, &connection.wire)
            && self.window.contains(now_ns)
        {
            carrier.events.broken.add(class);
            if let Some(last_ns) = subscription.last_ns
                && class.is_timeout()
            {
                carrier.events.gaps.saturating_record(now_ns.saturating_sub(last_ns));
            }
        }
    }

    /// The window has ended: streams that go on are stopped.
    pub(super) fn stop_event_streams(&mut self) {
        for index in 0..self.connections.len() {
            if let State::Streaming { .. } = self.connections[index].state {
                let stream = &mut self.streams[self.connections[index].stream];
                if let Carrier::Events(carrier) = &mut stream.carrier {
                    carrier.events.stopped += 1;
                }
                self.close(index, u64::MAX);
            }
        }
    }
}
