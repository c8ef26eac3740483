//! From ended to recorded, and what the edges of the window do to requests under way.

use super::Worker;
use crate::error::ErrorClass;
use crate::http1::connection::{Exchange, Membership, Pending, State, Wire};
use crate::recorder::Moments;
use crate::stream::MembershipRule;
use crate::transport::Carrier;

impl Worker<'_> {
    /// A request came to its end.
    pub(super) fn settle(&mut self, number: usize, exchange: Exchange, verdict: Result<(), ErrorClass>, now_ns: u64) {
        let stream = &mut self.streams[number];
        let recorder = &mut stream.recorder;
        let due_ns = exchange.request.due_ns;
        // The first event answers a subscription, but its user only goes on when the stream has ended.
        if verdict.is_err() || !matches!(stream.carrier, Carrier::Events(_)) {
            stream.source.ended(now_ns);
        }
        recorder.in_flight.leave(now_ns);
        if verdict.is_ok() && self.window.contains(now_ns) {
            recorder.answered_in_window();
        }
        match (exchange.request.membership, verdict) {
            (Membership::WarmUp, _) => {}
            (Membership::Unanswered, _) => recorder.took_at_least(due_ns, now_ns),
            (Membership::Window, _) if now_ns >= self.window.end_ns => {
                recorder.counts.unanswered += 1;
                recorder.took_at_least(due_ns, now_ns);
            }
            (Membership::Window, Err(class)) => recorder.failed(class, due_ns, now_ns),
            (Membership::Window, Ok(())) => recorder.completed(Moments {
                due_ns,
                sent_ns: exchange.sent_ns,
                first_byte_ns: exchange.first_byte_ns.unwrap_or(now_ns),
                done_ns: now_ns,
            }),
        }
    }

    /// The window starts: in a closed loop, what is under way belongs to it.
    pub(super) fn streams_enter_window(&mut self) {
        for connection in &mut self.connections {
            connection.received_bytes = 0;
            connection.sent_bytes = 0;
            let stream = &mut self.streams[connection.stream];
            if let Wire::Http2(session) = &mut connection.wire
                && stream.membership == MembershipRule::UnderWay
            {
                for exchange in session.exchanges().filter(|exchange| exchange.request.membership == Membership::WarmUp)
                {
                    exchange.request.membership = Membership::Window;
                    stream.recorder.counts.due += 1;
                    stream.recorder.counts.sent += 1;
                }
            }
            if let Some(request) = connection.under_way()
                && stream.membership == MembershipRule::UnderWay
                && request.membership == Membership::WarmUp
            {
                request.membership = Membership::Window;
                stream.recorder.counts.due += 1;
                stream.recorder.counts.sent += 1;
            }
        }
        for stream in self.streams.iter_mut().filter(|stream| stream.membership == MembershipRule::UnderWay) {
            if let Carrier::FanOut(rooms) = &mut stream.carrier {
                for sending in rooms.under_way().filter(|sending| sending.request.membership == Membership::WarmUp) {
                    sending.request.membership = Membership::Window;
                    stream.recorder.counts.due += 1;
                    stream.recorder.counts.sent += 1;
                }
            }
            for pending in stream.queue.iter_mut().filter(|pending| pending.membership == Membership::WarmUp) {
                pending.membership = Membership::Window;
                stream.recorder.counts.due += 1;
            }
        }
    }

    /// The window ends: what was not sent never will be, and what is not answered is late.
    pub(super) fn streams_leave_window(&mut self) {
        let end_ns = self.window.end_ns;
        for stream in &mut self.streams {
            stream.recorder.in_flight.end_at(end_ns);
            if let Carrier::FanOut(rooms) = &mut stream.carrier {
                for sending in rooms.under_way().filter(|sending| sending.request.membership == Membership::Window) {
                    sending.request.membership = Membership::Unanswered;
                    stream.recorder.counts.unanswered += 1;
                }
            }
            for pending in stream.queue.drain(..).filter(|pending| pending.membership == Membership::Window) {
                stream.recorder.unsent(pending.due_ns, end_ns);
            }
        }
        for connection in &mut self.connections {
            let stream = &mut self.streams[connection.stream];
            stream.transfer.add_connection(connection.received_bytes, connection.sent_bytes);
            let recorder = &mut stream.recorder;
            if let Wire::Http2(session) = &mut connection.wire {
                for exchange in session.exchanges().filter(|exchange| exchange.request.membership == Membership::Window)
                {
                    exchange.request.membership = Membership::Unanswered;
                    recorder.counts.unanswered += 1;
                }
            }
            if let Some(request) = connection.under_way()
                && request.membership == Membership::Window
            {
                request.membership = Membership::Unanswered;
                recorder.counts.unanswered += 1;
            }
            // Nothing is sent any more, a second time neither.
            if let Some(Pending { membership: Membership::Unanswered, due_ns, .. }) = connection.retry.take() {
                recorder.took_at_least(due_ns, end_ns);
            }
        }
    }

    /// The drain ends: what is still not answered took at least until now.
    pub(super) fn give_up_outstanding(&mut self, now_ns: u64) {
        for connection in &mut self.connections {
            if let Wire::Http2(session) = &mut connection.wire {
                let recorder = &mut self.streams[connection.stream].recorder;
                for exchange in
                    session.exchanges().filter(|exchange| exchange.request.membership == Membership::Unanswered)
                {
                    recorder.took_at_least(exchange.request.due_ns, now_ns);
                }
            }
            if let State::Busy(exchange) = connection.state
                && exchange.request.membership == Membership::Unanswered
            {
                self.streams[connection.stream].recorder.took_at_least(exchange.request.due_ns, now_ns);
            }
        }
        self.give_up_messages(now_ns);
    }
}
