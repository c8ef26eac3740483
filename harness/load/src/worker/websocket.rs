//! WebSocket connections: the handshake, an echo's messages, pings, and the close.

use super::Worker;
use super::dispatch::token_number;
use super::lifecycle::CONNECT_TIMEOUT_NS;
use crate::clock::Clock;
use crate::error::ErrorClass;
use crate::http1::connection::{State, Wire};
use crate::http1::socket::{self, Received, Sent};
use crate::pacer::Wait;
use crate::poller::{Interest, Ready, Token};
use crate::transport::Carrier;
use crate::websocket::Kind;
use crate::websocket::connection::Stage;
use crate::websocket::frames::{FrameError, Item};

/// Longest wait for the servers' answers to our closes once the load is over; all that has been measured is there by then.
const GOODBYE_NS: u64 = 500_000_000;

impl Worker<'_> {
    /// The socket is connected: the handshake begins.
    pub(super) fn begin_websocket(&mut self, index: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        let stream = &self.streams[connection.stream];
        let handshake = match &stream.carrier {
            Carrier::Echo(echo) => &echo.handshake,
            Carrier::FanOut(rooms) => rooms.handshake(index),
            _ => return,
        };
        if let Wire::WebSocket(websocket) = &mut connection.wire {
            websocket.begin(handshake, stream.body_bytes_max(0));
        }
        connection.state = State::Opening { deadline_ns: now_ns.saturating_add(CONNECT_TIMEOUT_NS) };
        self.write_websocket(index, now_ns);
    }

    /// The socket is ready.
    pub(super) fn handle_websocket(&mut self, index: usize, ready: Ready) -> u64 {
        if ready.writable {
            let now_ns = self.clock.now_ns();
            self.write_websocket(index, now_ns);
        }
        if ready.readable { self.receive_websocket(index) } else { self.clock.now_ns() }
    }

    /// Writes what waits to be written: first the rest of a message that has begun, since frames may not be torn apart.
    pub(super) fn write_websocket(&mut self, index: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        let (Wire::WebSocket(websocket), Some(socket)) = (&mut connection.wire, &connection.socket) else { return };
        let mut message: &[u8] = &[];
        let mut written = None;
        if let State::Busy(exchange) = &mut connection.state
            && let Some(request) = self.streams[connection.stream].requests.get(exchange.request.step)
        {
            message = &request.bytes;
            written = Some(&mut exchange.written);
        }
        let begun = written.as_ref().is_some_and(|written| (1..message.len()).contains(&**written));
        let mut broken = false;
        let mut send = |bytes: &[u8]| match socket::send(socket, bytes) {
            Sent::Bytes(count) => {
                connection.sent_bytes += count as u64;
                count
            }
            Sent::Broken => {
                broken = true;
                0
            }
        };
        let mut unwritten = 0;
        if !websocket.unwritten().is_empty() && !begun {
            let count = send(websocket.unwritten());
            websocket.wrote(count);
        }
        if let Some(written) = written {
            if (begun || websocket.unwritten().is_empty()) && *written < message.len() {
                *written += send(&message[*written..]);
            }
            unwritten += message.len() - *written;
            if begun && unwritten == 0 && !websocket.unwritten().is_empty() {
                let count = send(websocket.unwritten());
                websocket.wrote(count);
            }
        }
        unwritten += websocket.unwritten().len();
        if broken {
            return self.lose(index, ErrorClass::Reset, now_ns);
        }
        let interest = if unwritten == 0 { Interest::Readable } else { Interest::Both };
        if interest != websocket.interest {
            websocket.interest = interest;
            let token = Token { connection: token_number(index), generation: connection.generation };
            if self.poller.modify(socket, token, interest).is_err() {
                return self.lose(index, ErrorClass::Reset, now_ns);
            }
        }
        if interest == Interest::Readable {
            self.wrote_all(index);
        }
    }

    fn receive_websocket(&mut self, index: usize) -> u64 {
        let Some(socket) = &self.connections[index].socket else { return self.clock.now_ns() };
        let received = socket::receive(socket, &mut self.buffer);
        let now_ns = self.clock.now_ns();
        match received {
            Received::Nothing => {}
            Received::Bytes(count) => self.take_websocket(index, count, now_ns),
            Received::End => self.lose(index, self.class_of_end(index), now_ns),
            Received::Broken => self.lose(index, ErrorClass::Reset, now_ns),
        }
        now_ns
    }

    /// What the end of a connection is for the request that it carries.
    pub(super) fn class_of_end(&self, index: usize) -> ErrorClass {
        match self.connections[index].state {
            State::Busy(exchange) if exchange.first_byte_ns.is_some() => ErrorClass::Truncated,
            State::Streaming { .. } => ErrorClass::Truncated,
            _ => ErrorClass::Closed,
        }
    }

    /// Takes the first bytes of the buffer as the next of the connection.
    fn take_websocket(&mut self, index: usize, count: usize, now_ns: u64) {
        let mut at = 0;
        let connection = &mut self.connections[index];
        connection.received_bytes += count as u64;
        let generation = connection.generation;
        let Wire::WebSocket(websocket) = &mut connection.wire else { return };
        if websocket.stage == Stage::Handshake {
            let handshake = match &self.streams[connection.stream].carrier {
                Carrier::Echo(echo) => &echo.handshake,
                Carrier::FanOut(rooms) => rooms.handshake(index),
                _ => return,
            };
            match websocket.take_head(handshake, &self.buffer[..count]) {
                Ok(None) => return,
                Ok(Some(consumed)) => at = consumed,
                Err(class) => return self.lose(index, class, now_ns),
            }
            self.become_idle(index, now_ns);
        }
        loop {
            let connection = &mut self.connections[index];
            if connection.generation != generation || connection.socket.is_none() {
                return;
            }
            let Wire::WebSocket(websocket) = &mut connection.wire else { return };
            match websocket.frames.next(&self.buffer[..count], &mut at) {
                Ok(None) => return,
                Ok(Some(item)) => self.take_item(index, item, now_ns),
                Err(error) => return self.fail_websocket(index, error, now_ns),
            }
        }
    }

    /// The server breaks the protocol: it is told so, as far as that can be done without waiting, and the connection is given up.
    fn fail_websocket(&mut self, index: usize, error: FrameError, now_ns: u64) {
        let connection = &mut self.connections[index];
        // A frame of ours that has begun may not be torn apart.
        let begun = matches!(connection.state, State::Busy(exchange)
            if self.streams[connection.stream].requests.get(exchange.request.step)
                .is_some_and(|request| (1..request.bytes.len()).contains(&exchange.written)));
        if let (false, Wire::WebSocket(websocket), Some(socket)) = (begun, &mut connection.wire, &connection.socket) {
            websocket.queue_failure(error);
            let _ = socket::send(socket, websocket.unwritten());
        }
        self.lose(index, error.into(), now_ns);
    }

    fn take_item(&mut self, index: usize, item: Item, now_ns: u64) {
        let connection = &mut self.connections[index];
        let Wire::WebSocket(websocket) = &mut connection.wire else { return };
        match item {
            Item::Pong => {}
            Item::Ping => {
                websocket.queue_pong();
                self.write_websocket(index, now_ns);
            }
            Item::Close => {
                websocket.queue_close_reply();
                if let Some(socket) = &connection.socket {
                    // If it does not fit, the server has not read what it was sent, and will not read this either.
                    let _ = socket::send(socket, websocket.unwritten());
                }
                let class = self.class_of_end(index);
                self.lose(index, class, now_ns);
            }
            Item::Begin(_) | Item::Part { .. } | Item::End => match self.streams[connection.stream].carrier {
                Carrier::FanOut(_) => self.take_from_room(index, item, now_ns),
                _ => self.take_echo(index, item, now_ns),
            },
        }
    }

    /// A part of a message of an echo.
    fn take_echo(&mut self, index: usize, item: Item, now_ns: u64) {
        let connection = &mut self.connections[index];
        let State::Busy(exchange) = &mut connection.state else {
            return self.lose(index, ErrorClass::Unsolicited, now_ns);
        };
        let step = exchange.request.step;
        let stream = &mut self.streams[connection.stream];
        let request = &mut stream.requests[step];
        match item {
            Item::Begin(kind) => {
                exchange.first_byte_ns.get_or_insert(now_ns);
                request.verifier.message_begins(&mut connection.seen);
                if !is_kind(&stream.carrier, step, kind) {
                    connection.seen.is_of_wrong_kind();
                }
            }
            Item::Part { from, to } => request.verifier.body(&mut connection.seen, &self.buffer[from..to]),
            _ => {
                let exchange = *exchange;
                if exchange.written < request.bytes.len() {
                    // An echo of what has not been sent is none.
                    return self.lose(index, ErrorClass::Unsolicited, now_ns);
                }
                let verdict = request.verifier.verdict(&mut connection.seen);
                stream.recorder.totals.responses += 1;
                connection.served += 1;
                connection.state = State::Idle;
                let number = connection.stream;
                stream.idle.push_back(index);
                self.settle(number, exchange, verdict, now_ns);
            }
        }
    }

    /// The load is over: closes WebSocket connections as the protocol wants it, and gives the servers a moment to answer.
    pub(super) fn say_goodbye(&mut self) {
        let mut waiting = 0_usize;
        for connection in &mut self.connections {
            if let (Wire::WebSocket(websocket), Some(socket)) = (&mut connection.wire, &connection.socket)
                && websocket.stage == Stage::Open
            {
                websocket.queue_close();
                let _ = socket::send(socket, websocket.unwritten());
                waiting += 1;
            } else {
                // The others have nothing to say, and nothing more to be told.
                connection.socket = None;
                if let Wire::Http2(session) = &mut connection.wire {
                    session.end();
                }
            }
        }
        let end_ns = self.clock.now_ns().saturating_add(GOODBYE_NS);
        while waiting > 0 && self.clock.now_ns() < end_ns {
            let at_most_ns = end_ns.saturating_sub(self.clock.now_ns()).max(1);
            let Ok(ready) = self.poller.wait(Wait::Sleep { at_most_ns }) else { return };
            for index in 0..ready {
                let connection = &mut self.connections[self.poller.ready(index).token.connection as usize];
                let Some(socket) = &connection.socket else { continue };
                // Whatever else comes is of no more use; the end is what is waited for.
                if matches!(socket::receive(socket, &mut self.buffer), Received::End | Received::Broken) {
                    connection.socket = None;
                    waiting -= usize::from(matches!(connection.wire, Wire::WebSocket(_)));
                }
            }
        }
    }
}

fn is_kind(carrier: &Carrier, step: usize, kind: Kind) -> bool {
    matches!(carrier, Carrier::Echo(echo) if echo.kinds.get(step) == Some(&kind))
}
