//! What reads bytes that a server chose, as functions of any bytes: what the fuzzers run, and a test over a corpus on stable.
//!
//! Each checks that the result does not depend on how the bytes were cut, and that nothing beyond the bounds was taken.

use crate::events::parser::EventParser;
use crate::http1::response::{Fed, LastHead, ResponseParser, Sink};
use crate::websocket::Kind;
use crate::websocket::frames::{Frames, Item};
use crate::websocket::handshake::Handshake;

/// Bytes of a body, message or event that are taken at most.
const BYTES_MAX: u64 = 10_000;
/// More than this is not looked at: less than a head may have, so that a cut cannot make the difference.
const INPUT_BYTES_MAX: usize = 32 * 1024;

/// A target: its name, as the corpus has it, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("http_response", http_response),
    ("websocket_frames", websocket_frames),
    ("websocket_handshake", websocket_handshake),
    ("event_stream", event_stream),
];

/// The first byte says how the others are cut.
fn cut(input: &[u8]) -> (usize, &[u8]) {
    let input = &input[..input.len().min(INPUT_BYTES_MAX)];
    match input.split_first() {
        Some((first, rest)) => (usize::from(*first).max(1), rest),
        None => (1, input),
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    heads: u32,
    status: u16,
    body_bytes: u64,
    ended: bool,
}

impl Sink for Answer {
    fn head(&mut self, status: u16, _: Option<&[u8]>) {
        self.heads += 1;
        self.status = status;
    }

    fn body(&mut self, bytes: &[u8]) {
        self.body_bytes += bytes.len() as u64;
    }
}

/// An answer in HTTP/1.1.
pub fn http_response(input: &[u8]) {
    let (part, bytes) = cut(input);
    let mut last = LastHead::default();
    let mut parse = |part: usize| {
        let (mut parser, mut answer) = (ResponseParser::new(), Answer::default());
        parser.reset(BYTES_MAX);
        for part in bytes.chunks(part) {
            match parser.feed(part, &mut last, &mut answer) {
                Ok(Fed::More) => {}
                Ok(Fed::Whole { consumed }) => {
                    assert!(consumed <= part.len());
                    answer.ended = true;
                    break;
                }
                Err(_) => return None,
            }
        }
        assert!(answer.body_bytes <= BYTES_MAX && answer.heads <= 1, "{answer:?}");
        Some(answer)
    };
    assert_eq!(parse(part), parse(bytes.len().max(1)));
}

/// The frames of a WebSocket server.
pub fn websocket_frames(input: &[u8]) {
    let (part, bytes) = cut(input);
    let parse = |part: usize| {
        let (mut frames, mut text, mut seen) = (Frames::new(BYTES_MAX), None, Vec::new());
        for part in bytes.chunks(part) {
            let mut at = 0;
            while let Some(item) = frames.next(part, &mut at).ok()? {
                match item {
                    Item::Begin(kind) => text = Some((kind, Vec::new())),
                    Item::Part { from, to } => text.as_mut()?.1.extend_from_slice(&part[from..to]),
                    Item::End => {
                        let (kind, payload) = text.take()?;
                        assert!(payload.len() as u64 <= BYTES_MAX);
                        assert!(kind == Kind::Binary || std::str::from_utf8(&payload).is_ok());
                        seen.push(payload);
                    }
                    Item::Ping | Item::Pong | Item::Close => seen.push(frames.control().to_vec()),
                }
            }
            assert_eq!(at, part.len(), "all bytes are taken");
        }
        Some(seen)
    };
    assert_eq!(parse(part), parse(bytes.len().max(1)));
}

/// The answer to a WebSocket handshake.
pub fn websocket_handshake(input: &[u8]) {
    let Ok(handshake) = Handshake::new("/", &[], "host", [7; 16]) else { return };
    if let Ok(Some(length)) = handshake.answered(input) {
        assert!(length <= input.len());
        assert_eq!(handshake.answered(&input[..length]), Ok(Some(length)));
    }
}

/// An event stream.
pub fn event_stream(input: &[u8]) {
    let (part, bytes) = cut(input);
    let parse = |part: usize| {
        let (mut parser, mut events) = (EventParser::new(BYTES_MAX), Vec::new());
        bytes.chunks(part).try_for_each(|part| parser.feed(part, |event| events.push(event))).ok()?;
        // An event is at least `data` and two line ends.
        assert!(events.len() * 6 <= bytes.len() + 6);
        Some(events)
    };
    assert_eq!(parse(part), parse(bytes.len().max(1)));
}
