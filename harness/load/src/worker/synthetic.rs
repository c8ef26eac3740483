//! Exchanges without a socket: they end when their drawn time is over.

use super::Worker;
use super::dispatch::token_number;
use crate::http1::connection::State;
use crate::synthetic::End;
use crate::transport::Carrier;

impl Worker<'_> {
    /// The request of a connection has left, for nowhere.
    pub(super) fn begin_synthetic(&mut self, index: usize, now_ns: u64) {
        let connection = &self.connections[index];
        if let Carrier::Synthetic(drawer) = &mut self.streams[connection.stream].carrier {
            let done_ns = now_ns.saturating_add(drawer.latency_ns());
            let generation = connection.generation;
            self.synthetic.add(End { done_ns, connection: token_number(index), generation });
        }
    }

    /// Ends all exchanges whose time is over; each at its own moment, not at the one when it was noticed.
    #[inline]
    pub(super) fn end_synthetic(&mut self, now_ns: u64) {
        while let Some(end) = self.synthetic.take_over(now_ns) {
            self.end_one(end);
        }
    }

    fn end_one(&mut self, end: End) {
        let index = end.connection as usize;
        let connection = &mut self.connections[index];
        let State::Busy(mut exchange) = connection.state else { return };
        if connection.generation != end.generation {
            return;
        }
        connection.state = State::Idle;
        connection.served += 1;
        let number = connection.stream;
        let stream = &mut self.streams[number];
        let Carrier::Synthetic(drawer) = &mut stream.carrier else { return };
        let verdict = drawer.verdict();
        stream.recorder.totals.responses += 1;
        stream.idle.push_back(index);
        exchange.first_byte_ns = Some(end.done_ns);
        self.settle(number, exchange, verdict, end.done_ns);
    }
}
