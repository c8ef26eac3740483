//! WebSocket (RFC 6455) as a client needs it to measure: handshake, frames, UTF-8. Without extensions, so never compressed.

pub(crate) mod connection;
pub mod echoing;
pub mod frames;
pub mod handshake;
pub mod outgoing;
pub mod utf8;

/// What a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; must be UTF-8.
    Text,
    /// Bytes.
    Binary,
}

/// Where a stream's WebSocket connections go, and what they send and expect back.
#[derive(Clone, Debug, PartialEq)]
pub struct EchoSpec {
    /// Path and query of the handshake.
    pub path: String,
    /// Further headers of the handshake.
    pub headers: Vec<(String, String)>,
    /// The messages, sent in rotation; each is expected back as it is.
    pub messages: Vec<Message>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it holds.
    pub kind: Kind,
    /// Its bytes.
    pub payload: Vec<u8>,
}

impl EchoSpec {
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.messages.is_empty() {
            return Err("it sends nothing; give it at least one message".to_owned());
        }
        let text = |message: &&Message| message.kind == Kind::Text;
        match self.messages.iter().filter(text).find(|message| std::str::from_utf8(&message.payload).is_err()) {
            Some(_) => Err("a text message must be UTF-8; make it a binary one".to_owned()),
            None => Ok(()),
        }
    }
}
