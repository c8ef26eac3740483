//! One HTTP/2 connection: its opening, its requests, and the progress of both whenever the socket is ready.

use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use h2::{Ping, PingPong};

use super::io::{Io, Traffic};
use super::slot::{Slot, class_of};
use super::template::Template;
use super::wake::Woken;
use crate::error::ErrorClass;
use crate::http1::connection::Exchange;
use crate::poller::Interest;

/// Receive windows of a stream and of the connection: large enough that on a loopback the server never waits for us to say that
/// we have read.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

type Handshake = Pin<Box<dyn Future<Output = Result<(SendRequest<Bytes>, Connection<Io, Bytes>), h2::Error>>>>;

enum Phase {
    Closed,
    Handshake(Handshake),
    /// The protocol is begun; the answer to a ping says that the server speaks it.
    Ping(PingPong, Open),
    Open(Open),
}

struct Open {
    send: SendRequest<Bytes>,
    connection: Box<Connection<Io, Bytes>>,
}

/// A connection.
pub(crate) struct Session {
    phase: Phase,
    woken: Woken,
    pub(crate) traffic: Rc<Traffic>,
    /// What the poller was told to watch for.
    pub(crate) interest: Interest,
    pub(crate) slots: Vec<Slot>,
    /// Requests that the server lets us have at once fewer than there are slots.
    pub(crate) withheld: usize,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Session").field("slots", &self.slots.len()).finish_non_exhaustive()
    }
}

/// How far a session is after it was given its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Opening,
    /// The server has just answered the opening.
    Opened,
    Open,
}

impl Session {
    pub(crate) fn new(streams: u32) -> Self {
        Self {
            phase: Phase::Closed,
            woken: Woken::new(),
            traffic: Rc::default(),
            interest: Interest::Readable,
            slots: (0..streams).map(|_| Slot::new()).collect(),
            withheld: 0,
        }
    }

    /// The socket is connected.
    pub(crate) fn begin(&mut self, socket: OwnedFd) {
        self.traffic = Rc::default();
        self.interest = Interest::Readable;
        self.withheld = 0;
        let io = Io { socket, traffic: Rc::clone(&self.traffic) };
        let mut builder = Builder::new();
        builder
            .enable_push(false)
            .initial_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
        self.phase = Phase::Handshake(Box::pin(async move { builder.handshake(io).await }));
    }

    /// The socket is gone.
    pub(crate) fn end(&mut self) {
        self.phase = Phase::Closed;
    }

    /// Lets the connection read and write what it can.
    pub(crate) fn poll(&mut self) -> Result<Progress, ErrorClass> {
        self.woken.take();
        self.traffic.is_full.set(false);
        let mut context = Context::from_waker(&self.woken.waker);
        if let Phase::Handshake(handshake) = &mut self.phase {
            let (send, mut connection) = match handshake.as_mut().poll(&mut context) {
                Poll::Pending => return Ok(Progress::Opening),
                Poll::Ready(opened) => opened.map_err(|error| class_of(&error))?,
            };
            let mut ping = connection.ping_pong().ok_or(ErrorClass::BadHandshake)?;
            ping.send_ping(Ping::opaque()).map_err(|error| class_of(&error))?;
            self.phase = Phase::Ping(ping, Open { send, connection: Box::new(connection) });
        }
        let (Phase::Ping(_, open) | Phase::Open(open)) = &mut self.phase else { return Err(ErrorClass::Closed) };
        match Pin::new(&mut *open.connection).poll(&mut context) {
            Poll::Pending => {}
            Poll::Ready(Ok(())) => return Err(ErrorClass::Closed),
            Poll::Ready(Err(error)) => return Err(class_of(&error)),
        }
        match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Ping(mut ping, open) => match ping.poll_pong(&mut context) {
                Poll::Pending => {
                    self.phase = Phase::Ping(ping, open);
                    Ok(Progress::Opening)
                }
                Poll::Ready(Ok(_)) => {
                    self.phase = Phase::Open(open);
                    Ok(Progress::Opened)
                }
                Poll::Ready(Err(error)) => Err(class_of(&error)),
            },
            phase => {
                self.phase = phase;
                Ok(Progress::Open)
            }
        }
    }

    /// Whether the connection has something to do since it was last given its turn.
    pub(crate) fn wants_turn(&self) -> bool {
        self.woken.take()
    }

    /// The most requests at once that the server and we allow.
    pub(crate) fn streams(&self) -> usize {
        match &self.phase {
            Phase::Open(open) => open.send.current_max_send_streams().min(self.slots.len()),
            _ => 0,
        }
    }

    /// Whether the server lets another request begin now.
    pub(crate) fn is_ready(&mut self) -> bool {
        let mut context = Context::from_waker(&self.woken.waker);
        match &mut self.phase {
            Phase::Open(open) => matches!(open.send.poll_ready(&mut context), Poll::Ready(Ok(()))),
            _ => false,
        }
    }

    /// Queues a request.
    pub(crate) fn send(&mut self, template: &Template, exchange: Exchange, bytes_max: u64) -> Result<(), ErrorClass> {
        let (Phase::Open(open), Some(slot)) =
            (&mut self.phase, self.slots.iter_mut().find(|slot| slot.exchange.is_none()))
        else {
            return Err(ErrorClass::Closed);
        };
        let sent = open.send.send_request(template.request(), template.body.is_empty());
        let (response, mut body) = sent.map_err(|error| class_of(&error))?;
        if !template.body.is_empty() {
            body.send_data(template.body.clone(), true).map_err(|error| class_of(&error))?;
        }
        slot.begin(exchange, response, bytes_max);
        Ok(())
    }

    /// The requests under way.
    pub(crate) fn exchanges(&mut self) -> impl Iterator<Item = &mut Exchange> {
        self.slots.iter_mut().filter_map(|slot| slot.exchange.as_mut())
    }
}
