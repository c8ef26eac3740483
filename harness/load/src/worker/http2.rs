//! HTTP/2 connections: many requests at once over each.

use std::task::Poll;

use super::Worker;
use super::dispatch::token_number;
use super::lifecycle::CONNECT_TIMEOUT_NS;
use crate::clock::Clock;
use crate::error::ErrorClass;
use crate::http1::connection::{Exchange, Membership, Pending, State, Wire};
use crate::http2::session::Progress;
use crate::poller::{Interest, Token};
use crate::transport::Carrier;

impl Worker<'_> {
    /// The socket is connected: the protocol begins.
    pub(super) fn begin_http2(&mut self, index: usize, now_ns: u64) {
        let connection = &mut self.connections[index];
        let (Wire::Http2(session), Some(socket)) = (&mut connection.wire, &connection.socket) else { return };
        // The session owns a descriptor of its own; ours stays with the poller.
        let Ok(own) = rustix::io::fcntl_dupfd_cloexec(socket, 0) else {
            return self.lose(index, ErrorClass::ConnectFailed, now_ns);
        };
        session.begin(own);
        connection.state = State::Opening { deadline_ns: now_ns.saturating_add(CONNECT_TIMEOUT_NS) };
        self.turn_http2(index);
    }

    /// Sends a request over a connection that has room for it.
    pub(super) fn send_http2(&mut self, index: usize, request: Pending, now_ns: u64) {
        let connection = &mut self.connections[index];
        let stream = &mut self.streams[connection.stream];
        let bytes_max = stream.body_bytes_max(request.step);
        let (Wire::Http2(session), Carrier::Http2(carrier)) = (&mut connection.wire, &stream.carrier) else { return };
        if !session.is_ready() {
            session.withheld += 1;
            stream.queue.push_front(request);
            return;
        }
        stream.recorder.in_flight.enter(now_ns);
        stream.recorder.totals.requests_sent += 1;
        if request.membership == Membership::Window {
            stream.recorder.sent(request.due_ns, now_ns);
        }
        let deadline_ns = now_ns.saturating_add(stream.timeout_ns);
        let exchange = Exchange { request, sent_ns: now_ns, first_byte_ns: None, deadline_ns, written: 0 };
        if let Err(class) = session.send(&carrier.templates[request.step], exchange, bytes_max) {
            let number = connection.stream;
            self.settle(number, exchange, Err(class), now_ns);
            return self.lose(index, class, now_ns);
        }
        self.turn_http2(index);
    }

    /// Gives a connection its turn: it reads, writes, and its requests take what has come. The time when that was done.
    pub(super) fn turn_http2(&mut self, index: usize) -> u64 {
        loop {
            let connection = &mut self.connections[index];
            let Wire::Http2(session) = &mut connection.wire else { return self.clock.now_ns() };
            let progress = session.poll();
            let now_ns = self.clock.now_ns();
            connection.received_bytes += session.traffic.received_bytes.take();
            connection.sent_bytes += session.traffic.sent_bytes.take();
            match progress {
                Ok(Progress::Opening) => return self.watch_http2(index, now_ns),
                Ok(Progress::Open) => {}
                Ok(Progress::Opened) => self.opened_http2(index, now_ns),
                Err(class) => {
                    // What came before the end has come.
                    self.poll_slots(index, now_ns);
                    self.lose(index, class, now_ns);
                    return now_ns;
                }
            }
            self.poll_slots(index, now_ns);
            let Wire::Http2(session) = &self.connections[index].wire else { return now_ns };
            if !session.wants_turn() {
                return self.watch_http2(index, now_ns);
            }
        }
    }

    /// The server has answered the opening: there are as many places as both sides allow.
    fn opened_http2(&mut self, index: usize, now_ns: u64) {
        self.become_idle(index, now_ns);
        let connection = &self.connections[index];
        if let Wire::Http2(session) = &connection.wire {
            let more = session.streams().saturating_sub(1);
            self.streams[connection.stream].idle.extend(std::iter::repeat_n(index, more));
        }
    }

    fn poll_slots(&mut self, index: usize, now_ns: u64) {
        let mut at = 0;
        loop {
            let connection = &mut self.connections[index];
            let number = connection.stream;
            let stream = &mut self.streams[number];
            let Wire::Http2(session) = &mut connection.wire else { return };
            let Some(slot) = session.slots.get_mut(at) else { break };
            at += 1;
            let Some(exchange) = slot.exchange.filter(|_| slot.woken.take()) else { continue };
            let verifier = &mut stream.requests[exchange.request.step].verifier;
            let Poll::Ready(verdict) = slot.poll(verifier, now_ns) else { continue };
            let Some(exchange) = slot.clear() else { continue };
            // What the server resets was no answer.
            if !matches!(verdict, Err(ErrorClass::StreamReset | ErrorClass::Reset | ErrorClass::Truncated)) {
                stream.recorder.totals.responses += 1;
            }
            stream.idle.push_back(index);
            connection.served += 1;
            self.settle(number, exchange, verdict, now_ns);
        }
        let connection = &mut self.connections[index];
        if let Wire::Http2(session) = &mut connection.wire
            && session.withheld > 0
            && session.is_ready()
        {
            session.withheld -= 1;
            self.streams[connection.stream].idle.push_back(index);
        }
    }

    /// Tells the poller what the connection waits for.
    fn watch_http2(&mut self, index: usize, now_ns: u64) -> u64 {
        let connection = &mut self.connections[index];
        let (Wire::Http2(session), Some(socket)) = (&mut connection.wire, &connection.socket) else { return now_ns };
        let interest = if session.traffic.is_full.get() { Interest::Both } else { Interest::Readable };
        if interest != session.interest {
            session.interest = interest;
            let token = Token { connection: token_number(index), generation: connection.generation };
            if self.poller.modify(socket, token, interest).is_err() {
                self.lose(index, ErrorClass::Reset, now_ns);
            }
        }
        now_ns
    }

    /// A connection is lost, and all that it carried.
    pub(super) fn lose_http2(&mut self, index: usize, class: ErrorClass, now_ns: u64) {
        let connection = &mut self.connections[index];
        let number = connection.stream;
        let Wire::Http2(session) = &mut connection.wire else { return };
        let lost: Vec<Exchange> = session.slots.iter_mut().filter_map(crate::http2::slot::Slot::clear).collect();
        session.end();
        for exchange in lost {
            let class = match (class, exchange.first_byte_ns) {
                (ErrorClass::Truncated, None) => ErrorClass::Closed,
                (ErrorClass::Closed, Some(_)) => ErrorClass::Truncated,
                _ => class,
            };
            self.settle(number, exchange, Err(class), now_ns);
        }
    }

    /// Gives up requests whose time is over; the connection goes on with the others.
    pub(super) fn expire_http2(&mut self, index: usize, now_ns: u64) {
        let mut next_ns = u64::MAX;
        let mut at = 0;
        let mut expired = false;
        loop {
            let connection = &mut self.connections[index];
            let Wire::Http2(session) = &mut connection.wire else { return };
            let Some(slot) = session.slots.get_mut(at) else { break };
            at += 1;
            match slot.exchange {
                Some(exchange) if exchange.deadline_ns <= now_ns => {
                    slot.clear();
                    expired = true;
                    let number = connection.stream;
                    self.streams[number].idle.push_back(index);
                    let class =
                        if exchange.first_byte_ns.is_some() { ErrorClass::TooSlow } else { ErrorClass::Timeout };
                    self.settle(number, exchange, Err(class), now_ns);
                }
                Some(exchange) => next_ns = next_ns.min(exchange.deadline_ns),
                None => {}
            }
        }
        self.next_chore_ns = self.next_chore_ns.min(next_ns);
        if expired {
            self.turn_http2(index);
        }
    }
}
