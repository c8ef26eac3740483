//! What a stream speaks: HTTP/1.1 where nothing else is said, or one of the others with what it needs to know.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The protocol of a stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Protocol {
    /// HTTP/1.1: each connection is kept alive and carries one request at a time.
    #[default]
    Http1,
    /// HTTP/2 with prior knowledge: each connection carries many requests at once.
    Http2(Http2),
    /// WebSocket: what is sent comes back.
    WebsocketEcho(WebsocketEcho),
    /// WebSocket: what a member of a room sends, everyone in the room receives.
    WebsocketFanOut(WebsocketFanOut),
    /// WebSocket: what a writer adds to a document, the server numbers and all its members get in that order.
    WebsocketDocument(WebsocketDocument),
    /// Server-sent events over HTTP/1.1: each step is a subscription, and its first event is the answer.
    Events(Events),
}

impl Protocol {
    /// Whether each connection begins with a handshake of WebSocket.
    #[must_use]
    pub const fn is_websocket(&self) -> bool {
        matches!(self, Self::WebsocketEcho(_) | Self::WebsocketFanOut(_) | Self::WebsocketDocument(_))
    }
}

/// HTTP/2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Http2 {
    /// The most requests at once over each connection.
    pub streams: u32,
}

/// WebSocket messages that come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebsocketEcho {
    /// Path and query of the handshake; the path's beginning must be a route that the server offers.
    pub path: String,
    /// Further headers of the handshake.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The texts that are sent, in rotation; each must come back as it is.
    pub messages: Vec<String>,
}

/// Rooms. The stream's connections are their members, dealt to the rooms in turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebsocketFanOut {
    /// Path and query of the handshake, with `{room}` for the number of the room, from 0.
    pub path: String,
    /// Further headers of the handshake.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Rooms.
    pub rooms: u32,
    /// Members of each room who send; a request is one message.
    pub senders_per_room: u32,
    /// Bytes of each message, at least as many as the sender's stamp has.
    #[serde(default = "default_message_bytes")]
    pub message_bytes: u32,
    /// Who gets a message.
    #[serde(default)]
    pub audience: Audience,
}

/// Documents. The stream's connections are their members, dealt to the documents in turn; a request is one edit, which puts a text at the
/// document's beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebsocketDocument {
    /// Path and query of the handshake, with `{document}` for the number of the document, from 0.
    pub path: String,
    /// Further headers of the handshake.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Documents.
    pub documents: u32,
    /// Members of each document who write.
    pub writers_per_document: u32,
    /// Bytes of the text of each edit, at least as many as the writer's stamp has.
    #[serde(default = "default_message_bytes")]
    pub edit_bytes: u32,
}

const fn default_message_bytes() -> u32 {
    128
}

/// Bytes of the stamp that each message of a room begins with.
pub const STAMP_BYTES: u32 = 53;

/// Who gets a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// All members of the room, its sender too.
    #[default]
    Everyone,
    /// All but its sender.
    Others,
}

/// Server-sent events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Most bytes of one event.
    #[serde(default = "default_event_bytes_max")]
    pub event_bytes_max: u64,
}

const fn default_event_bytes_max() -> u64 {
    1 << 20
}

impl Protocol {
    /// Whether it is the one that need not be written.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the stream's steps say what is sent; if not, the protocol does.
    #[must_use]
    pub const fn sends_steps(&self) -> bool {
        matches!(self, Self::Http1 | Self::Http2(_) | Self::Events(_))
    }

    /// Whether a request is delivered to several, so that there are deliveries to be measured.
    #[must_use]
    pub const fn delivers(&self) -> bool {
        matches!(self, Self::WebsocketFanOut(_) | Self::WebsocketDocument(_))
    }

    /// Path and query of the handshake, where the steps are not what is sent.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::WebsocketEcho(echo) => Some(&echo.path),
            Self::WebsocketFanOut(rooms) => Some(&rooms.path),
            Self::WebsocketDocument(documents) => Some(&documents.path),
            Self::Http1 | Self::Http2(_) | Self::Events(_) => None,
        }
    }

    /// Its name as a definition has it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Http1 => "http1",
            Self::Http2(_) => "http2",
            Self::WebsocketEcho(_) => "websocket-echo",
            Self::WebsocketFanOut(_) => "websocket-fan-out",
            Self::WebsocketDocument(_) => "websocket-document",
            Self::Events(_) => "events",
        }
    }
}
