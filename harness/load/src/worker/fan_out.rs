//! Rooms: sending to everyone in one, and counting what comes of it.

use super::Worker;
use crate::error::ErrorClass;
use crate::fan_out::room::Sending;
use crate::http1::connection::{Exchange, Membership, Pending, Wire};
use crate::transport::Carrier;
use crate::websocket::frames::Item;

impl Worker<'_> {
    /// Sends a message to the sender's room. The connection is free again once it is written, since a sender does not wait.
    pub(super) fn send_to_room(&mut self, index: usize, request: Pending, now_ns: u64) {
        let connection = &mut self.connections[index];
        let number = connection.stream;
        let stream = &mut self.streams[number];
        let (Carrier::FanOut(rooms), Wire::WebSocket(websocket)) = (&mut stream.carrier, &mut connection.wire) else {
            return;
        };
        let given_up = rooms.send(index, request, now_ns, now_ns.saturating_add(stream.timeout_ns));
        websocket.queue_message(rooms.spec.kind, rooms.message());
        stream.recorder.in_flight.enter(now_ns);
        stream.recorder.totals.requests_sent += 1;
        if request.membership == Membership::Window {
            stream.recorder.sent(request.due_ns, now_ns);
        }
        if let Some(given_up) = given_up {
            self.missed(number, &given_up, now_ns);
        }
        self.write_websocket(index, now_ns);
    }

    /// A connection has nothing more to write: a sender may send again.
    pub(super) fn wrote_all(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        let stream = &mut self.streams[connection.stream];
        if let (Carrier::FanOut(rooms), Wire::WebSocket(websocket)) = (&stream.carrier, &mut connection.wire)
            && rooms.is_sender(index)
            && websocket.takes_turn()
        {
            stream.idle.push_back(index);
        }
    }

    /// A part of a message that came to a member of a room.
    pub(super) fn take_from_room(&mut self, index: usize, item: Item, now_ns: u64) {
        let connection = &mut self.connections[index];
        let number = connection.stream;
        let stream = &mut self.streams[number];
        let (Carrier::FanOut(rooms), Wire::WebSocket(websocket)) = (&mut stream.carrier, &mut connection.wire) else {
            return;
        };
        match item {
            Item::Begin(_) => websocket.stamp.begin(),
            Item::Part { from, to } => websocket.stamp.take(&self.buffer[from..to]),
            _ => {
                connection.served += 1;
                let stamp = &websocket.stamp;
                if let Some(over) = rooms.receive(index, &stamp.bytes, stamp.message_bytes, now_ns) {
                    stream.recorder.totals.responses += 1;
                    self.message_over(number, &over, Ok(()), now_ns);
                }
            }
        }
    }

    /// Gives up messages whose time is over.
    pub(super) fn expire_messages(&mut self, now_ns: u64) {
        for number in 0..self.streams.len() {
            while let Carrier::FanOut(rooms) = &mut self.streams[number].carrier {
                let Some(expired) = rooms.take_expired(now_ns) else {
                    self.next_chore_ns = self.next_chore_ns.min(rooms.next_deadline_ns());
                    break;
                };
                self.missed(number, &expired, now_ns);
            }
        }
    }

    /// The drain is over: what has not come to everyone never will, as far as anyone knows.
    pub(super) fn give_up_messages(&mut self, now_ns: u64) {
        for stream in &mut self.streams {
            if let Carrier::FanOut(rooms) = &mut stream.carrier {
                while let Some(sending) = rooms.take_oldest() {
                    rooms.count(&sending, now_ns);
                    if sending.request.membership == Membership::Unanswered {
                        stream.recorder.took_at_least(sending.request.due_ns, now_ns);
                    }
                }
            }
        }
    }

    /// A message has not come to everyone.
    fn missed(&mut self, number: usize, sending: &Sending, now_ns: u64) {
        let verdict = match sending.first_ns {
            _ if sending.is_for_nobody() => Ok(()),
            None => Err(ErrorClass::Timeout),
            Some(_) => Err(ErrorClass::TooSlow),
        };
        self.message_over(number, sending, verdict, now_ns);
    }

    fn message_over(&mut self, number: usize, sending: &Sending, verdict: Result<(), ErrorClass>, now_ns: u64) {
        if let Carrier::FanOut(rooms) = &mut self.streams[number].carrier {
            rooms.count(sending, now_ns);
        }
        let Sending { request, sent_ns, first_ns, deadline_ns, .. } = *sending;
        let exchange = Exchange { request, sent_ns, first_byte_ns: first_ns, deadline_ns, written: 0 };
        self.settle(number, exchange, verdict, now_ns);
    }
}
