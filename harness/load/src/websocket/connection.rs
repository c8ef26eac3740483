//! One WebSocket connection: how far it is, what it parses, and what it still has to write beside the messages.

use super::Kind;
use super::frames::{FrameError, Frames};
use super::handshake::{Handshake, HandshakeError};
use super::outgoing::{Opcode, write_frame};
use crate::error::ErrorClass;
use crate::http1::response::HEAD_BYTES_MAX;
use crate::poller::Interest;

/// The mask of all frames; see [`write_frame`].
pub(crate) const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// Most bytes of answers to pings that wait to be written; RFC 6455 (section 5.5.3) lets a client leave out older ones.
const PONG_BYTES_MAX: usize = 4 * 1024;

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Handshake,
    Open,
}

/// A connection that speaks WebSocket, or is about to.
#[derive(Debug)]
pub(crate) struct WebSocket {
    pub(crate) stage: Stage,
    pub(crate) frames: Frames,
    /// What the poller was told to watch for.
    pub(crate) interest: Interest,
    /// Handshake, pongs, close and a room's messages, as far as they are not written; an echo's messages are written from where
    /// they were prepared.
    out: Vec<u8>,
    out_at: usize,
    /// Whether a room's message is among what is not written.
    writes_message: bool,
    /// The beginning of the handshake's answer.
    head: Vec<u8>,
    /// The beginning of the message under way, where it bears a stamp.
    pub(crate) stamp: StampBytes,
}

/// The beginning of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StampBytes {
    pub(crate) bytes: [u8; crate::fan_out::form::HEAD_BYTES],
    pub(crate) message_bytes: u64,
}

impl StampBytes {
    const EMPTY: Self = Self { bytes: [0; crate::fan_out::form::HEAD_BYTES], message_bytes: 0 };

    pub(crate) fn begin(&mut self) {
        self.message_bytes = 0;
    }

    pub(crate) fn take(&mut self, part: &[u8]) {
        let have = usize::try_from(self.message_bytes).unwrap_or(usize::MAX).min(self.bytes.len());
        let take = part.len().min(self.bytes.len() - have);
        self.bytes[have..have + take].copy_from_slice(&part[..take]);
        self.message_bytes += part.len() as u64;
    }
}

impl WebSocket {
    pub(crate) fn new() -> Self {
        Self {
            stage: Stage::Handshake,
            frames: Frames::new(0),
            interest: Interest::Readable,
            out: Vec::new(),
            out_at: 0,
            writes_message: false,
            head: Vec::new(),
            stamp: StampBytes::EMPTY,
        }
    }

    /// The socket is open: what was there of a former one is gone, and the handshake is next.
    pub(crate) fn begin(&mut self, handshake: &Handshake, message_bytes_max: u64) {
        self.stage = Stage::Handshake;
        self.frames = Frames::new(message_bytes_max);
        self.interest = Interest::Readable;
        self.head.clear();
        self.out.clear();
        self.out_at = 0;
        self.writes_message = false;
        self.out.extend_from_slice(handshake.request());
    }

    /// Takes bytes of the handshake's answer: how many belonged to it, once it is whole.
    pub(crate) fn take_head(&mut self, handshake: &Handshake, bytes: &[u8]) -> Result<Option<usize>, ErrorClass> {
        let carried = self.head.len();
        let room = (HEAD_BYTES_MAX - carried).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        match handshake.answered(&self.head) {
            Ok(Some(length)) => {
                self.stage = Stage::Open;
                self.head = Vec::new();
                // Handshakes are over once; their buffer is not kept for each of ten thousand connections.
                self.shrink();
                Ok(Some(length - carried))
            }
            Ok(None) if self.head.len() < HEAD_BYTES_MAX => Ok(None),
            Ok(None) => Err(ErrorClass::HeadTooLarge),
            Err(HandshakeError::Malformed) => Err(ErrorClass::Malformed),
            Err(HandshakeError::Refused) => Err(ErrorClass::BadHandshake),
        }
    }

    /// What waits to be written.
    pub(crate) fn unwritten(&self) -> &[u8] {
        &self.out[self.out_at..]
    }

    /// So many of those bytes have been written.
    pub(crate) fn wrote(&mut self, count: usize) {
        self.out_at += count;
        if self.out_at == self.out.len() {
            self.out.clear();
            self.out_at = 0;
        }
    }

    pub(crate) fn queue_pong(&mut self) {
        if self.unwritten().len() < PONG_BYTES_MAX {
            write_frame(&mut self.out, Opcode::Pong, self.frames.control(), MASK);
        }
    }

    /// Answers a close with the same code (section 5.5.1).
    pub(crate) fn queue_close_reply(&mut self) {
        let code = self.frames.control().get(..2).unwrap_or_default();
        write_frame(&mut self.out, Opcode::Close, code, MASK);
    }

    /// Says that we are done (1000, section 7.4.1).
    pub(crate) fn queue_close(&mut self) {
        write_frame(&mut self.out, Opcode::Close, &1000_u16.to_be_bytes(), MASK);
    }

    /// Says that what came breaks the protocol (section 7.1.7).
    pub(crate) fn queue_failure(&mut self, error: FrameError) {
        write_frame(&mut self.out, Opcode::Close, &error.close_code().to_be_bytes(), MASK);
    }

    /// Queues a message; the connection is free for another once [`takes_turn`](Self::takes_turn) says so.
    pub(crate) fn queue_message(&mut self, kind: Kind, payload: &[u8]) {
        self.writes_message = true;
        write_frame(&mut self.out, Opcode::Message(kind), payload, MASK);
    }

    /// All is written: whether that ended a message, so that the connection is free again.
    pub(crate) const fn takes_turn(&mut self) -> bool {
        std::mem::replace(&mut self.writes_message, false)
    }

    fn shrink(&mut self) {
        if self.out.is_empty() {
            self.out = Vec::new();
        }
    }
}

impl From<FrameError> for ErrorClass {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Malformed => Self::BadFrame,
            FrameError::BadUtf8 => Self::BadUtf8,
            FrameError::TooLarge => Self::TooLarge,
        }
    }
}
