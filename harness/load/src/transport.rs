//! What carries the requests of a stream. Composed with arrival and stop condition; knows nothing of either.

use crate::arrival::Share;
use crate::events::EventsSpec;
use crate::events::outcome::Events;
use crate::events::subscription::Subscription;
use crate::fan_out::FanOutSpec;
use crate::fan_out::room::Rooms;
use crate::http1::connection::Wire;
use crate::http2::Http2Spec;
use crate::http2::session::Session;
use crate::http2::template::Template;
use crate::request::PreparedRequest;
use crate::stream::{Seed, StreamSpec};
use crate::synthetic::{Drawer, SyntheticSpec};
use crate::websocket::connection::WebSocket;
use crate::websocket::handshake::Handshake;
use crate::websocket::{EchoSpec, Kind};
use crate::window::Window;

/// What the keys of handshakes are made from. They are there so that a cache cannot answer in the server's place; nothing
/// depends on their being secret.
const NONCE: [u8; 16] = *b"claimbench nonce";

/// What carries the requests of a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Transport {
    /// HTTP/1.1: each connection is kept alive and carries one request at a time.
    Http1,
    /// HTTP/2 with prior knowledge: each connection carries many requests at once.
    Http2(Http2Spec),
    /// WebSocket: each connection carries one message at a time, and a request is done once the message has come back. The
    /// stream has no steps.
    WebSocketEcho(EchoSpec),
    /// WebSocket: what a member of a room sends, everyone in the room receives. The stream has no steps.
    WebSocketFanOut(FanOutSpec),
    /// Server-sent events over HTTP/1.1: each step is a subscription, and its first event is the answer.
    Events(EventsSpec),
    /// No network and no server: latencies drawn from a known distribution, so that what the rest makes of them can be
    /// held against the truth.
    Synthetic(SyntheticSpec),
}

impl Transport {
    /// Whether the stream's steps say what is sent; if not, the transport does.
    #[must_use]
    pub const fn sends_steps(&self) -> bool {
        matches!(self, Self::Http1 | Self::Http2(_) | Self::Events(_) | Self::Synthetic(_))
    }

    /// Into how many workers' shares a stream with so many connections can be split.
    pub(crate) const fn shares_max(&self, connections: u32) -> u32 {
        match self {
            // The members of a room must see each other's messages.
            Self::WebSocketFanOut(_) => 1,
            _ => connections,
        }
    }

    /// What is wrong with it, if anything.
    pub(crate) fn check(&self, connections: u32) -> Result<(), String> {
        match self {
            Self::Http1 | Self::Events(_) => Ok(()),
            Self::Http2(spec) => spec.check(),
            Self::WebSocketEcho(spec) => spec.check(),
            Self::WebSocketFanOut(spec) => spec.check(connections),
            Self::Synthetic(spec) => spec.check(),
        }
    }

    /// What is sent, ready for the wire.
    pub(crate) fn prepare(&self, spec: &StreamSpec, host: &str) -> Result<Vec<PreparedRequest>, String> {
        match self {
            Self::Http1 | Self::Events(_) | Self::Synthetic(_) => {
                spec.steps.iter().map(|step| PreparedRequest::new(step, host)).collect()
            }
            Self::Http2(_) => Ok(spec.steps.iter().map(PreparedRequest::verified_only).collect()),
            Self::WebSocketEcho(echo) => Ok(echo.messages.iter().map(PreparedRequest::echo).collect()),
            // Each message bears a stamp of its own, so none can be made before.
            Self::WebSocketFanOut(_) => Ok(Vec::new()),
        }
    }
}

/// A stream's transport at work: what all its connections share.
#[derive(Debug)]
pub(crate) enum Carrier {
    Http1,
    Http2(Box<Http2>),
    Echo(Box<Echo>),
    FanOut(Box<Rooms>),
    Events(Box<Subscriptions>),
    Synthetic(Box<Drawer>),
}

/// What the HTTP/2 connections of a stream share.
#[derive(Debug)]
pub(crate) struct Http2 {
    spec: Http2Spec,
    pub(crate) templates: Vec<Template>,
}

/// What the connections of an echo share.
#[derive(Debug)]
pub(crate) struct Echo {
    pub(crate) handshake: Handshake,
    /// The kind of each message.
    pub(crate) kinds: Vec<Kind>,
}

/// What the subscriptions of a stream share.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    pub(crate) spec: EventsSpec,
    pub(crate) events: Events,
}

impl Carrier {
    pub(crate) fn new(spec: &StreamSpec, host: &str) -> Result<Self, String> {
        Ok(match &spec.transport {
            Transport::Http1 => Self::Http1,
            Transport::Http2(http2) => Self::Http2(Box::new(Http2 {
                spec: *http2,
                templates: spec.steps.iter().map(|step| Template::new(step, host)).collect::<Result<_, _>>()?,
            })),
            Transport::WebSocketEcho(echo) => Self::Echo(Box::new(Echo {
                handshake: Handshake::new(&echo.path, &echo.headers, host, NONCE)?,
                kinds: echo.messages.iter().map(|message| message.kind).collect(),
            })),
            Transport::WebSocketFanOut(rooms) => {
                Self::FanOut(Box::new(Rooms::new(rooms, host, NONCE, spec.connections)?))
            }
            Transport::Events(spec) => Self::Events(Box::new(Subscriptions { spec: *spec, events: Events::new() })),
            Transport::Synthetic(spec) => Self::Synthetic(Box::new(Drawer::new(*spec, 0, 0))),
        })
    }

    /// What each of its connections speaks.
    pub(crate) fn wire(&self) -> Wire {
        match self {
            Self::Http1 => Wire::Http1,
            Self::Http2(http2) => Wire::Http2(Box::new(Session::new(http2.spec.streams_per_connection))),
            Self::Echo(_) | Self::FanOut(_) => Wire::WebSocket(Box::new(WebSocket::new())),
            Self::Events(carrier) => Wire::Events(Box::new(Subscription::new(carrier.spec.event_bytes_max))),
            Self::Synthetic(_) => Wire::Synthetic,
        }
    }

    /// The load begins, for one worker's share of the stream.
    #[expect(clippy::cast_possible_truncation, reason = "any bits that differ from run to run")]
    pub(crate) fn start(&mut self, seed: Seed, share: Share, window: Window) {
        match self {
            Self::Http1 | Self::Http2(_) | Self::Echo(_) => {}
            Self::Events(carrier) => carrier.events = Events::new(),
            // The time makes the mark, since a server may outlive a run and the seed may be the same.
            Self::FanOut(rooms) => rooms.start((window.start_ns >> 10) as u32 ^ seed.stream as u32, window),
            // Each worker draws from a sequence of its own.
            Self::Synthetic(drawer) => drawer.seed(seed.seed, seed.stream << 16 | u64::from(share.number)),
        }
    }

    /// Whether an idle connection may take the stream's next request.
    pub(crate) fn may_send(&self, connection: usize) -> bool {
        match self {
            Self::FanOut(rooms) => rooms.is_sender(connection),
            _ => true,
        }
    }
}
