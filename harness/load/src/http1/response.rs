//! Parses one HTTP/1.1 answer from bytes that arrive in any portions. Does not keep the body.

use std::ops::Range;

use super::chunked::ChunkedBody;

/// Longest head of an answer (status line and headers), as in most servers and proxies.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Most headers of an answer.
const HEADERS_MAX: usize = 100;
/// Most interim answers (1xx) before the answer itself.
const INTERIM_MAX: u32 = 8;
/// Longest head that is remembered.
const REMEMBERED_BYTES_MAX: usize = 1024;

/// Takes what the parser finds.
pub trait Sink {
    /// The head has come whole.
    fn head(&mut self, status: u16, content_type: Option<&[u8]>);
    /// The next part of the body.
    fn body(&mut self, bytes: &[u8]);
}

/// What feeding the parser came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fed {
    /// All bytes are taken and the answer is not whole.
    More,
    /// The answer is whole after this many of the bytes.
    Whole {
        /// Bytes taken.
        consumed: usize,
    },
}

/// Why bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// They are not HTTP/1.1.
    Malformed,
    /// The announced length is no number, or there are two of them.
    BadLength,
    /// They are not framed as chunks where chunks were announced.
    BadChunk,
    /// The head is more than the bounds allow.
    HeadTooLarge,
    /// The body is more than the bounds allow.
    TooLarge,
    /// They ended before the answer was whole.
    Truncated,
}

/// The last head that was parsed. Most answers repeat it byte for byte, until their date changes, and the same bytes mean the same: then
/// one comparison does.
#[derive(Debug, Default)]
pub struct LastHead {
    bytes: Vec<u8>,
    status: u16,
    keeps_alive: bool,
    framing: Framing,
    content_type: Option<Range<usize>>,
}

/// Parses one answer; [`reset`](Self::reset) makes it ready for the next.
#[derive(Debug)]
pub struct ResponseParser {
    state: State,
    /// The beginning of a head that has not come whole.
    head: Vec<u8>,
    interim: u32,
    keeps_alive: bool,
    body_bytes_left: u64,
}

#[derive(Debug)]
enum State {
    Head,
    Length { remaining: u64 },
    Chunked(ChunkedBody),
    UntilClose,
    Whole,
}

/// What the head says about the rest.
struct Head {
    length: usize,
    status: u16,
    keeps_alive: bool,
    framing: Framing,
}

#[derive(Clone, Copy, Debug, Default)]
enum Framing {
    Length(u64),
    Chunked,
    #[default]
    UntilClose,
}

impl Default for ResponseParser {
    fn default() -> Self {
        Self::new()
    }
}

impl ResponseParser {
    /// A parser for one answer without a body; see [`reset`](Self::reset).
    #[must_use]
    pub const fn new() -> Self {
        Self { state: State::Head, head: Vec::new(), interim: 0, keeps_alive: true, body_bytes_left: 0 }
    }

    /// Makes it ready for an answer with a body of at most this many bytes.
    pub fn reset(&mut self, body_bytes_max: u64) {
        self.state = State::Head;
        self.head.clear();
        self.interim = 0;
        self.body_bytes_left = body_bytes_max;
    }

    /// Whether the connection may carry another request after this answer.
    #[must_use]
    pub const fn keeps_alive(&self) -> bool {
        self.keeps_alive
    }

    /// Takes the next bytes. `last` saves work where the head is the one before it; any will do.
    ///
    /// # Errors
    /// When they are no answer, or too long a one.
    pub fn feed(&mut self, bytes: &[u8], last: &mut LastHead, sink: &mut impl Sink) -> Result<Fed, ParseError> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            match &mut self.state {
                State::Whole => return Ok(Fed::Whole { consumed: at }),
                _ if rest.is_empty() => return Ok(Fed::More),
                State::Head => match self.feed_head(rest, last, sink)? {
                    Some(consumed) => at += consumed,
                    None => return Ok(Fed::More),
                },
                State::Length { remaining } => {
                    let take = usize::try_from(*remaining).map_or(rest.len(), |most| most.min(rest.len()));
                    sink.body(&rest[..take]);
                    *remaining -= take as u64;
                    at += take;
                    if *remaining == 0 {
                        self.state = State::Whole;
                    }
                }
                State::Chunked(body) => {
                    let (consumed, whole) = body.feed(rest, &mut self.body_bytes_left, sink)?;
                    at += consumed;
                    if whole {
                        self.state = State::Whole;
                    }
                }
                State::UntilClose => {
                    let left = self.body_bytes_left.checked_sub(rest.len() as u64);
                    self.body_bytes_left = left.ok_or(ParseError::TooLarge)?;
                    sink.body(rest);
                    return Ok(Fed::More);
                }
            }
        }
    }

    /// The server has closed the connection: is the answer whole?
    ///
    /// # Errors
    /// When it is not.
    pub fn end(&mut self) -> Result<(), ParseError> {
        match self.state {
            State::UntilClose | State::Whole => Ok(()),
            _ => Err(ParseError::Truncated),
        }
    }

    /// Returns how many of the bytes belonged to the head, or nothing if it goes on.
    fn feed_head(
        &mut self,
        bytes: &[u8],
        last: &mut LastHead,
        sink: &mut impl Sink,
    ) -> Result<Option<usize>, ParseError> {
        let carried = self.head.len();
        let found = if carried == 0 {
            match last.again(bytes, sink) {
                Some(head) => Some(head),
                None => parse_head(bytes, last, sink)?,
            }
        } else {
            let room = (HEAD_BYTES_MAX - carried).min(bytes.len());
            self.head.extend_from_slice(&bytes[..room]);
            parse_head(&self.head, last, sink)?
        };
        let Some(head) = found else {
            if carried == 0 {
                self.head.extend_from_slice(&bytes[..bytes.len().min(HEAD_BYTES_MAX)]);
            }
            return if self.head.len() < HEAD_BYTES_MAX { Ok(None) } else { Err(ParseError::HeadTooLarge) };
        };
        self.head.clear();
        self.begin_body(&head)?;
        Ok(Some(head.length - carried))
    }

    fn begin_body(&mut self, head: &Head) -> Result<(), ParseError> {
        if (100..200).contains(&head.status) {
            self.interim += 1;
            // 101 would change the protocol, which nobody asked for.
            let wanted = head.status != 101 && self.interim <= INTERIM_MAX;
            return if wanted { Ok(()) } else { Err(ParseError::Malformed) };
        }
        self.keeps_alive = head.keeps_alive;
        self.state = match head.framing {
            _ if matches!(head.status, 204 | 304) => State::Whole,
            Framing::Length(0) => State::Whole,
            Framing::Length(length) if length > self.body_bytes_left => return Err(ParseError::TooLarge),
            Framing::Length(remaining) => State::Length { remaining },
            Framing::Chunked => State::Chunked(ChunkedBody::new()),
            Framing::UntilClose => {
                self.keeps_alive = false;
                State::UntilClose
            }
        };
        Ok(())
    }
}

impl LastHead {
    /// The head with which the bytes begin, where it is the same; the sink is told of it.
    fn again(&self, bytes: &[u8], sink: &mut impl Sink) -> Option<Head> {
        if self.bytes.is_empty() || !bytes.starts_with(&self.bytes) {
            return None;
        }
        sink.head(self.status, self.content_type.clone().map(|at| &self.bytes[at]));
        let Self { status, keeps_alive, framing, .. } = *self;
        Some(Head { length: self.bytes.len(), status, keeps_alive, framing })
    }

    fn remember(&mut self, head: &Head, bytes: &[u8], content_type: Option<&[u8]>) {
        self.bytes.clear();
        if bytes.len() > REMEMBERED_BYTES_MAX {
            return;
        }
        self.bytes.extend_from_slice(bytes);
        (self.status, self.keeps_alive, self.framing) = (head.status, head.keeps_alive, head.framing);
        self.content_type = content_type.map(|value| {
            let start = value.as_ptr() as usize - bytes.as_ptr() as usize;
            start..start + value.len()
        });
    }
}

/// Parses a head that may be incomplete, and tells the sink of it unless it is an interim one.
fn parse_head(bytes: &[u8], last: &mut LastHead, sink: &mut impl Sink) -> Result<Option<Head>, ParseError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(ParseError::HeadTooLarge),
        Err(_) => return Err(ParseError::Malformed),
    };
    let (Some(status @ 100..=999), Some(minor)) = (response.code, response.version) else {
        return Err(ParseError::Malformed);
    };
    let mut fields = Fields { keeps_alive: minor == 1, ..Fields::default() };
    for header in response.headers.iter() {
        fields.take(header.name, header.value)?;
    }
    let head = Head { length, status, keeps_alive: fields.keeps_alive, framing: fields.framing() };
    if status >= 200 {
        sink.head(status, fields.content_type);
        last.remember(&head, &bytes[..length], fields.content_type);
    }
    Ok(Some(head))
}

/// The headers that matter.
#[derive(Default)]
struct Fields<'a> {
    keeps_alive: bool,
    length: Option<u64>,
    chunked: bool,
    content_type: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, name: &str, value: &'a [u8]) -> Result<(), ParseError> {
        // By length first: most headers are none of these.
        match name.len() {
            10 if name.eq_ignore_ascii_case("connection") => self.take_connection(value),
            12 if name.eq_ignore_ascii_case("content-type") => self.content_type = Some(value),
            14 if name.eq_ignore_ascii_case("content-length") => {
                let length = parse_length(value).ok_or(ParseError::BadLength)?;
                if self.length.is_some_and(|before| before != length) {
                    return Err(ParseError::BadLength);
                }
                self.length = Some(length);
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                // We asked for no other coding, so another one cannot be read.
                if !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                    return Err(ParseError::Malformed);
                }
                self.chunked = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn take_connection(&mut self, value: &[u8]) {
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            if option.eq_ignore_ascii_case(b"close") {
                self.keeps_alive = false;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                self.keeps_alive = true;
            }
        }
    }

    /// RFC 9112, section 6.3.
    fn framing(&self) -> Framing {
        match (self.chunked, self.length) {
            (true, _) => Framing::Chunked,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::UntilClose,
        }
    }
}

fn parse_length(value: &[u8]) -> Option<u64> {
    let digits = value.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
