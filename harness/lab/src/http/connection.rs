//! A connection as answers are read from it: the head, and a body of any framing, each bounded.

use std::io::{ErrorKind, Read};

use super::HttpError;
use crate::loopback::Loopback;

/// The longest head that is read; real ones have a few hundred bytes.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The longest body that is read; the largest of the contract has about 100 kB.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most header lines that are read.
const HEADERS_MAX: usize = 64;

/// A connection, with what was read from it and is not taken yet.
#[derive(Debug)]
pub(super) struct Connection<'a> {
    pub(super) stream: Loopback<'a>,
    pub(super) unread: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    length: Length,
    pub(super) keeps_alive: bool,
}

#[derive(Debug)]
enum Length {
    Known(usize),
    Chunked,
    UntilClosed,
}

impl Connection<'_> {
    /// Reads what is there next.
    fn more(&mut self) -> std::io::Result<()> {
        let mut buffer = [0; 8192];
        let count = self.stream.read(&mut buffer)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.unread.extend_from_slice(&buffer[..count]);
        Ok(())
    }

    pub(super) fn head(&mut self) -> Result<Head, HttpError> {
        loop {
            if let Some((head, bytes)) = parse_head(&self.unread)? {
                self.unread.drain(..bytes);
                return Ok(head);
            }
            if self.unread.len() > HEAD_BYTES_MAX {
                return Err(HttpError::Answer(format!("its head is longer than {HEAD_BYTES_MAX} bytes")));
            }
            match self.more() {
                Err(error) if self.unread.is_empty() && is_closing(&error) => return Err(HttpError::Closed(error)),
                read => read?,
            }
        }
    }

    pub(super) fn body(&mut self, head: &Head) -> Result<Vec<u8>, HttpError> {
        match head.length {
            Length::Known(bytes) => self.take(bytes),
            Length::Chunked => self.chunks(),
            Length::UntilClosed => self.rest(),
        }
    }

    /// All that comes until the server closes the connection; one that breaks off has not said all.
    fn rest(&mut self) -> Result<Vec<u8>, HttpError> {
        loop {
            match self.more() {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return self.take(self.unread.len()),
                read => read?,
            }
            bounded(self.unread.len())?;
        }
    }

    fn take(&mut self, bytes: usize) -> Result<Vec<u8>, HttpError> {
        bounded(bytes)?;
        while self.unread.len() < bytes {
            self.more()?;
        }
        Ok(self.unread.drain(..bytes).collect())
    }

    fn chunks(&mut self) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        loop {
            let size = match httparse::parse_chunk_size(&self.unread) {
                Ok(httparse::Status::Complete((head_bytes, size))) => {
                    self.take(head_bytes)?;
                    usize::try_from(size).unwrap_or(usize::MAX)
                }
                Ok(httparse::Status::Partial) => {
                    self.more()?;
                    continue;
                }
                Err(_) => return Err(HttpError::Answer("a chunk has no size".to_owned())),
            };
            body.extend(self.take(size)?);
            self.take("\r\n".len())?;
            if size == 0 {
                return Ok(body);
            }
            bounded(body.len())?;
        }
    }
}

fn bounded(body_bytes: usize) -> Result<(), HttpError> {
    if body_bytes > BODY_BYTES_MAX {
        return Err(HttpError::Answer(format!("its body is longer than {BODY_BYTES_MAX} bytes")));
    }
    Ok(())
}

fn parse_head(bytes: &[u8]) -> Result<Option<(Head, usize)>, HttpError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let status = response.parse(bytes).map_err(|error| HttpError::Answer(error.to_string()))?;
    let httparse::Status::Complete(head_bytes) = status else { return Ok(None) };
    let value = |name: &str| {
        let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| String::from_utf8_lossy(header.value).trim().to_ascii_lowercase())
    };
    let status = response.code.unwrap_or(0);
    let length = match (value("transfer-encoding"), value("content-length").map(|text| text.parse())) {
        _ if matches!(status, 204 | 304) => Length::Known(0),
        (Some(coding), _) if coding.contains("chunked") => Length::Chunked,
        (_, Some(Ok(bytes))) => Length::Known(bytes),
        (_, Some(Err(_))) => return Err(HttpError::Answer("its content-length is no number".to_owned())),
        (_, None) => Length::UntilClosed,
    };
    let closes = value("connection").is_some_and(|text| text.contains("close")) || response.version == Some(0);
    let content_type = value("content-type").map(|text| text.split(';').next().unwrap_or_default().trim().to_owned());
    let keeps_alive = !closes && !matches!(length, Length::UntilClosed);
    let each = response.headers.iter();
    let headers = each.map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()));
    let headers = headers.collect();
    Ok(Some((Head { status, content_type, headers, length, keeps_alive }, head_bytes)))
}

/// Whether the other side has closed the connection.
pub(super) fn is_closing(error: &std::io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}
