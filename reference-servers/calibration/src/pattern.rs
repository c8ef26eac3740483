//! Response bodies: short ones held whole, and long ones of a known repeated pattern that are never held whole.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::events::EventStream;

/// Byte `i` of a pattern body is `PATTERN[i % 16]`.
const PATTERN: &[u8; 16] = b"0123456789abcdef";
/// Size of the block that pattern bodies are sent in; a multiple of the pattern.
const BLOCK_BYTES: usize = 64 * 1024;

/// The body of a response; its length is known in advance, but for a stream of events.
pub(crate) enum Body {
    /// All of it at once.
    Full(Bytes),
    /// This many more bytes of the pattern, from its beginning.
    Pattern { remaining: u64 },
    /// Events as their time comes.
    Events(EventStream),
}

impl Body {
    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        Self::Full(bytes.into())
    }

    pub(crate) fn pattern(bytes: u64) -> Self {
        Self::Pattern { remaining: bytes }
    }

    fn next(&mut self) -> Option<Bytes> {
        match self {
            Self::Full(bytes) if bytes.is_empty() => None,
            Self::Full(bytes) => Some(std::mem::take(bytes)),
            Self::Pattern { remaining: 0 } => None,
            Self::Pattern { remaining } => {
                let length = usize::try_from(*remaining).map_or(BLOCK_BYTES, |rest| rest.min(BLOCK_BYTES));
                *remaining -= length as u64;
                Some(block().slice(..length))
            }
            // Polled, since it waits.
            Self::Events(_) => None,
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Self::Events(events) = &mut *self {
            return events.poll_next(context).map(|event| event.map(|bytes| Ok(Frame::data(bytes))));
        }
        Poll::Ready(self.next().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Events(events) => events.is_over(),
            _ => self.size_hint().exact() == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Full(bytes) => bytes.len() as u64,
            Self::Pattern { remaining } => *remaining,
            Self::Events(_) => return SizeHint::default(),
        })
    }
}

fn block() -> &'static Bytes {
    static BLOCK: OnceLock<Bytes> = OnceLock::new();
    BLOCK.get_or_init(|| PATTERN.repeat(BLOCK_BYTES / PATTERN.len()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_body_has_the_asked_bytes() {
        for length in [0, 1, 17, BLOCK_BYTES, BLOCK_BYTES + 5, 3 * BLOCK_BYTES] {
            let mut body = Body::pattern(length as u64);
            let mut got = Vec::new();
            while let Some(bytes) = body.next() {
                got.extend_from_slice(&bytes);
            }
            assert_eq!(got.len(), length);
            assert!(got.iter().enumerate().all(|(i, byte)| *byte == PATTERN[i % 16]));
        }
    }
}
