//! Parses the frames of a server (RFC 6455, section 5) from bytes that arrive in any portions. Does not keep the messages.

use super::Kind;
use super::utf8::{NotUtf8, Utf8};

/// Longest payload of a control frame (section 5.5).
pub const CONTROL_BYTES_MAX: usize = 125;
/// Longest header of a frame without a mask.
const HEADER_BYTES_MAX: usize = 10;

/// What comes next in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A message begins.
    Begin(Kind),
    /// The next part of the message: these of the bytes.
    Part {
        /// The first.
        from: usize,
        /// One past the last.
        to: usize,
    },
    /// The message is whole.
    End,
    /// A ping; [`Frames::control`] has what its pong must hold.
    Ping,
    /// A pong that nobody asked for, or that we did.
    Pong,
    /// The server closes; [`Frames::control`] has its code and reason.
    Close,
}

/// Why bytes are no frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// They break the rules of framing.
    Malformed,
    /// A text or the reason of a close is not UTF-8.
    BadUtf8,
    /// The message is longer than allowed.
    TooLarge,
}

impl FrameError {
    /// The code of the close with which a client gives such a connection up (section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> u16 {
        match self {
            Self::Malformed => 1002,
            Self::BadUtf8 => 1007,
            Self::TooLarge => 1009,
        }
    }
}

/// Parses the frames of one connection.
#[derive(Debug)]
pub struct Frames {
    state: State,
    /// The message under way.
    message: Option<Kind>,
    message_bytes: u64,
    message_bytes_max: u64,
    utf8: Utf8,
    control: [u8; CONTROL_BYTES_MAX],
    control_length: u8,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Header { bytes: [u8; HEADER_BYTES_MAX], have: u8 },
    Data { remaining: u64, last: Last },
    Control { remaining: u8, item: Item },
}

/// Whether a frame is the last of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Yes,
    No,
}

const START: State = State::Header { bytes: [0; HEADER_BYTES_MAX], have: 0 };

impl Frames {
    /// A parser of frames whose messages may have this many bytes.
    #[must_use]
    pub fn new(message_bytes_max: u64) -> Self {
        Self {
            state: START,
            message: None,
            message_bytes: 0,
            message_bytes_max,
            utf8: Utf8::default(),
            control: [0; CONTROL_BYTES_MAX],
            control_length: 0,
        }
    }

    /// The payload of the control frame that came last.
    #[must_use]
    pub fn control(&self) -> &[u8] {
        &self.control[..usize::from(self.control_length)]
    }

    /// Takes bytes from `at` on and says what comes next; nothing where all are taken.
    ///
    /// # Errors
    /// When they are no frames, or a message is too long.
    pub fn next(&mut self, bytes: &[u8], at: &mut usize) -> Result<Option<Item>, FrameError> {
        loop {
            match self.state {
                State::Header { bytes: ref mut header, ref mut have } => {
                    let Some(byte) = bytes.get(*at) else { return Ok(None) };
                    *at += 1;
                    header[usize::from(*have)] = *byte;
                    *have += 1;
                    let header = &header[..usize::from(*have)];
                    if header.len() >= 2 && header.len() == header_length(header[1]) {
                        let (first, length) = (header[0], payload_length(header)?);
                        if let Some(begin) = self.begin(first, length)? {
                            return Ok(Some(begin));
                        }
                    }
                }
                State::Data { remaining: 0, last: Last::No } => self.state = START,
                State::Data { remaining: 0, last: Last::Yes } => {
                    self.state = START;
                    self.utf8.end()?;
                    self.message = None;
                    return Ok(Some(Item::End));
                }
                State::Data { remaining, last } => {
                    let from = *at;
                    let here = bytes.len() - from;
                    if here == 0 {
                        return Ok(None);
                    }
                    let take = usize::try_from(remaining).map_or(here, |most| most.min(here));
                    *at += take;
                    self.state = State::Data { remaining: remaining - take as u64, last };
                    if self.message == Some(Kind::Text) {
                        self.utf8.feed(&bytes[from..*at])?;
                    }
                    return Ok(Some(Item::Part { from, to: *at }));
                }
                State::Control { remaining: 0, item } => {
                    self.state = START;
                    if item == Item::Close {
                        check_close(self.control())?;
                    }
                    return Ok(Some(item));
                }
                State::Control { ref mut remaining, .. } => {
                    let Some(byte) = bytes.get(*at) else { return Ok(None) };
                    *at += 1;
                    *remaining -= 1;
                    self.control[usize::from(self.control_length)] = *byte;
                    self.control_length += 1;
                }
            }
        }
    }

    /// The header of a frame has come whole.
    fn begin(&mut self, first: u8, length: u64) -> Result<Option<Item>, FrameError> {
        let last = if first & 0x80 == 0 { Last::No } else { Last::Yes };
        // The reserved bits belong to extensions, and none was agreed on.
        if first & 0x70 != 0 {
            return Err(FrameError::Malformed);
        }
        let kind = match (first & 0x0f, self.message) {
            (0, Some(_)) => None,
            (1, None) => Some(Kind::Text),
            (2, None) => Some(Kind::Binary),
            (8, _) => return self.begin_control(Item::Close, last, length),
            (9, _) => return self.begin_control(Item::Ping, last, length),
            (10, _) => return self.begin_control(Item::Pong, last, length),
            _ => return Err(FrameError::Malformed),
        };
        if let Some(kind) = kind {
            self.message = Some(kind);
            self.message_bytes = 0;
            self.utf8.reset();
        }
        self.message_bytes = self.message_bytes.saturating_add(length);
        if self.message_bytes > self.message_bytes_max {
            return Err(FrameError::TooLarge);
        }
        self.state = State::Data { remaining: length, last };
        Ok(kind.map(Item::Begin))
    }

    fn begin_control(&mut self, item: Item, last: Last, length: u64) -> Result<Option<Item>, FrameError> {
        let length = u8::try_from(length).map_err(|_| FrameError::Malformed)?;
        if usize::from(length) > CONTROL_BYTES_MAX || last == Last::No {
            return Err(FrameError::Malformed);
        }
        self.control_length = 0;
        self.state = State::Control { remaining: length, item };
        Ok(None)
    }
}

/// Length of a header, from its second byte. A mask counts too, so that [`payload_length`] gets to refuse it.
const fn header_length(second: u8) -> usize {
    match second & 0x7f {
        126 => 4,
        127 => 10,
        _ => 2,
    }
}

/// The payload's length, which must be written in the shortest way; a server must not mask.
fn payload_length(header: &[u8]) -> Result<u64, FrameError> {
    if header[1] & 0x80 != 0 {
        return Err(FrameError::Malformed);
    }
    let (least, most) = match header.len() {
        2 => return Ok(u64::from(header[1])),
        4 => (126, u64::from(u16::MAX)),
        _ => (u64::from(u16::MAX) + 1, u64::MAX >> 1),
    };
    let length = header[2..].iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
    if (least..=most).contains(&length) { Ok(length) } else { Err(FrameError::Malformed) }
}

/// Section 7.4: the codes that may be sent; and the reason must be UTF-8.
fn check_close(payload: &[u8]) -> Result<(), FrameError> {
    match payload {
        [] => Ok(()),
        [high, low, reason @ ..] => match u16::from_be_bytes([*high, *low]) {
            1000..=1003 | 1007..=1014 | 3000..=4999 => {
                std::str::from_utf8(reason).map(|_| ()).map_err(|_| FrameError::BadUtf8)
            }
            _ => Err(FrameError::Malformed),
        },
        _ => Err(FrameError::Malformed),
    }
}

impl From<NotUtf8> for FrameError {
    fn from(_: NotUtf8) -> Self {
        Self::BadUtf8
    }
}

#[cfg(test)]
mod tests;
