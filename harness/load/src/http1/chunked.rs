//! Parses a chunked body (RFC 9112, section 7.1) from bytes that arrive in any portions.

use super::response::{ParseError, Sink};

/// Most bytes of chunk extensions and trailers in one body, as much as a head may have.
const EXTRA_BYTES_MAX: usize = super::response::HEAD_BYTES_MAX;

/// One chunked body.
#[derive(Debug)]
pub(crate) struct ChunkedBody {
    state: State,
    extra_bytes: usize,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The digits of a chunk's size.
    Size {
        size: u64,
        digits: u8,
    },
    /// What follows the size, up to the line's end.
    Extension {
        size: u64,
    },
    SizeNewline {
        size: u64,
    },
    Data {
        remaining: u64,
    },
    DataReturn,
    DataNewline,
    /// A trailer line; empty, it is the end.
    Trailer {
        empty: bool,
    },
    TrailerNewline {
        empty: bool,
    },
    Whole,
}

impl ChunkedBody {
    pub(crate) const fn new() -> Self {
        Self { state: State::Size { size: 0, digits: 0 }, extra_bytes: 0 }
    }

    /// Takes the next bytes: how many belonged to the body, and whether it is whole.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        bytes_left: &mut u64,
        sink: &mut impl Sink,
    ) -> Result<(usize, bool), ParseError> {
        let mut at = 0;
        while at < bytes.len() {
            if let State::Data { remaining } = self.state {
                let rest = &bytes[at..];
                let take = usize::try_from(remaining).map_or(rest.len(), |most| most.min(rest.len()));
                sink.body(&rest[..take]);
                at += take;
                self.state = match remaining - take as u64 {
                    0 => State::DataReturn,
                    remaining => State::Data { remaining },
                };
                continue;
            }
            self.state = self.step(bytes[at], bytes_left)?;
            at += 1;
            if matches!(self.state, State::Whole) {
                return Ok((at, true));
            }
        }
        Ok((at, false))
    }

    fn step(&mut self, byte: u8, bytes_left: &mut u64) -> Result<State, ParseError> {
        Ok(match (self.state, byte) {
            (State::Size { size, digits }, _) if byte.is_ascii_hexdigit() => add_digit(size, digits, byte)?,
            (State::Size { size, digits: 1.. }, b'\r') => State::SizeNewline { size },
            (State::Size { size, digits: 1.. }, b';' | b' ' | b'\t') => State::Extension { size },
            (State::Extension { size }, b'\r') => State::SizeNewline { size },
            (State::Extension { size }, b' '..=b'~' | b'\t' | 0x80..) => {
                self.count_extra()?;
                State::Extension { size }
            }
            (State::SizeNewline { size: 0 }, b'\n') => State::Trailer { empty: true },
            (State::SizeNewline { size }, b'\n') => {
                *bytes_left = bytes_left.checked_sub(size).ok_or(ParseError::TooLarge)?;
                State::Data { remaining: size }
            }
            (State::DataReturn, b'\r') => State::DataNewline,
            (State::DataNewline, b'\n') => State::Size { size: 0, digits: 0 },
            (State::Trailer { empty }, b'\r') => State::TrailerNewline { empty },
            (State::Trailer { .. }, b' '..=b'~' | b'\t' | 0x80..) => {
                self.count_extra()?;
                State::Trailer { empty: false }
            }
            (State::TrailerNewline { empty: true }, b'\n') => State::Whole,
            (State::TrailerNewline { empty: false }, b'\n') => State::Trailer { empty: true },
            _ => return Err(ParseError::BadChunk),
        })
    }

    const fn count_extra(&mut self) -> Result<(), ParseError> {
        self.extra_bytes += 1;
        if self.extra_bytes > EXTRA_BYTES_MAX { Err(ParseError::HeadTooLarge) } else { Ok(()) }
    }
}

fn add_digit(size: u64, digits: u8, byte: u8) -> Result<State, ParseError> {
    // Sixteen hexadecimal digits are what a u64 holds.
    if digits == 16 {
        return Err(ParseError::BadChunk);
    }
    let digit = char::from(byte).to_digit(16).ok_or(ParseError::BadChunk)?;
    Ok(State::Size { size: size << 4 | u64::from(digit), digits: digits + 1 })
}
