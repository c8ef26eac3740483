//! One keep-alive connection: its state, and the exchange that it carries.

use std::os::fd::OwnedFd;

use super::response::{ResponseParser, Sink};
use crate::events::subscription::Subscription;
use crate::http2::session::Session;
use crate::poller::Interest;
use crate::verify::{Seen, Verifier};
use crate::websocket::connection::WebSocket;

/// A request that was due and is not done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) due_ns: u64,
    /// Which of the stream's requests it is.
    pub(crate) step: usize,
    pub(crate) membership: Membership,
    pub(crate) attempt: Attempt,
}

/// Whether a request belongs to the measuring window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    WarmUp,
    Window,
    /// In the window, but without a right answer when it ended: counted as unanswered already.
    Unanswered,
}

/// Which attempt at a request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    First,
    /// The first met a kept-alive connection that was closed already.
    Retry {
        first_sent_ns: u64,
    },
}

/// A request under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange {
    pub(crate) request: Pending,
    pub(crate) sent_ns: u64,
    pub(crate) first_byte_ns: Option<u64>,
    pub(crate) deadline_ns: u64,
    pub(crate) written: usize,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// There is no socket until the next attempt.
    Closed {
        retry_ns: u64,
    },
    Connecting {
        deadline_ns: u64,
    },
    /// The socket is connected, and the protocol's own handshake is under way.
    Opening {
        deadline_ns: u64,
    },
    Idle,
    Busy(Exchange),
    /// The request is answered, and more of the answer is to come.
    Streaming {
        deadline_ns: u64,
    },
}

/// What a connection speaks.
#[derive(Debug)]
pub(crate) enum Wire {
    Http1,
    Http2(Box<Session>),
    WebSocket(Box<WebSocket>),
    /// HTTP/1.1 whose answers are streams of events.
    Events(Box<Subscription>),
    /// No socket: the answer comes when its time is over.
    Synthetic,
}

/// One connection of a stream.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: usize,
    pub(crate) wire: Wire,
    pub(crate) state: State,
    pub(crate) socket: Option<OwnedFd>,
    /// Counts the sockets, so that an event of a former one is known for what it is.
    pub(crate) generation: u32,
    /// A request that the former socket lost to [`ErrorClass::IdleReset`](crate::error::ErrorClass::IdleReset), and
    /// that the next one sends first.
    pub(crate) retry: Option<Pending>,
    /// Bytes that came and left in the window so far.
    pub(crate) received_bytes: u64,
    pub(crate) sent_bytes: u64,
    /// Answers that came over this socket.
    pub(crate) served: u64,
    /// Which of the stream's requests it carries, or carried last.
    pub(crate) step: usize,
    pub(crate) parser: ResponseParser,
    pub(crate) seen: Seen,
}

impl Connection {
    pub(crate) fn new(stream: usize, wire: Wire) -> Self {
        Self {
            stream,
            wire,
            state: State::Closed { retry_ns: 0 },
            socket: None,
            generation: 0,
            retry: None,
            received_bytes: 0,
            sent_bytes: 0,
            served: 0,
            step: 0,
            parser: ResponseParser::new(),
            seen: Seen::default(),
        }
    }

    /// What the poller shall tell of it while nothing is left to be written.
    pub(crate) const fn interest(&self) -> Interest {
        match self.wire {
            Wire::Http1 => Interest::Arrivals,
            Wire::Http2(_) | Wire::WebSocket(_) | Wire::Events(_) | Wire::Synthetic => Interest::Readable,
        }
    }

    /// The request that was sent over it and has not come to its end, if there is one.
    pub(crate) fn under_way(&mut self) -> Option<&mut Pending> {
        match &mut self.state {
            State::Busy(exchange) => Some(&mut exchange.request),
            _ => self.retry.as_mut(),
        }
    }
}

/// Hands what the parser finds to the verifier.
pub(crate) struct Verifying<'a> {
    pub(crate) verifier: &'a Verifier,
    pub(crate) seen: &'a mut Seen,
}

impl Sink for Verifying<'_> {
    fn head(&mut self, status: u16, content_type: Option<&[u8]>) {
        self.verifier.head(self.seen, status, content_type);
    }

    fn body(&mut self, bytes: &[u8]) {
        self.verifier.body(self.seen, bytes);
    }
}
