//! A small blocking HTTP/1.1 client for readiness, `/stats` and the contract's cases. It measures nothing: load is
//! driven by the crate `load`.

mod connection;

use std::io::Write;
use std::time::Duration;

use model::define::workload::Method;

use crate::loopback::{Loopback, Patience};
use connection::{Connection, is_closing};

/// The length of the chunks that a body is sent in, but for the last.
const CHUNK_BYTES: usize = 16 * 1024;

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The connection failed or timed out.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The server closed the connection before it said anything.
    #[error("the connection was closed: {0}")]
    Closed(std::io::Error),
    /// What came back is not HTTP/1.1, or is too large.
    #[error("the answer is not understood: {0}")]
    Answer(String),
}

/// One request.
#[derive(Debug, Default)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: Option<&'a str>,
    pub(crate) framing: Framing,
}

/// How a body says where it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By its length, beforehand.
    #[default]
    Length,
    /// By a last chunk of no bytes.
    Chunked,
}

impl<'a> Request<'a> {
    /// A plain GET.
    pub(crate) fn get(path: &'a str) -> Self {
        Self { path, ..Self::default() }
    }

    fn bytes(&self, port: u16) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method.as_str(), self.path);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("host: 127.0.0.1:{port}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let (framing, body) = match (self.body, self.framing) {
            (None, _) => (String::new(), Vec::new()),
            (Some(body), Framing::Length) => (format!("content-length: {}\r\n", body.len()), body.into()),
            (Some(body), Framing::Chunked) => ("transfer-encoding: chunked\r\n".to_owned(), chunked(body.as_bytes())),
        };
        [head.as_bytes(), framing.as_bytes(), b"\r\n", &body].concat()
    }
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    body.chunks(CHUNK_BYTES).chain([&[][..]]).flat_map(chunk).collect()
}

/// One answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The media type without its parameters, in lower case.
    pub(crate) content_type: Option<String>,
    /// All headers as they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A client of one loopback port; keeps its connection as long as the server does.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    port: u16,
    limit: Duration,
    patience: Patience<'a>,
    connection: Option<Connection<'a>>,
}

impl<'a> Client<'a> {
    /// A client that has each answer within `limit`, or none.
    pub(crate) fn new(port: u16, limit: Duration) -> Self {
        Self::patient(port, limit, Patience::default())
    }

    /// The same, and none any more once this patience is at its end.
    pub(crate) fn patient(port: u16, limit: Duration, patience: Patience<'a>) -> Self {
        Self { port, limit, patience, connection: None }
    }

    /// Sends a request and waits for its answer. A kept connection that the server closed in the meantime is replaced
    /// once: whatever else goes wrong on it is the answer to this request.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Result<Answer, HttpError> {
        let patience = self.patience.at_most(self.limit);
        if let Some(Connection { stream, unread }) = self.connection.take() {
            match self.exchange(Connection { stream: stream.with(patience), unread }, request) {
                Err(HttpError::Closed(_)) => {}
                done => return done,
            }
        }
        let stream = Loopback::connect(self.port, patience)?;
        self.exchange(Connection { stream, unread: Vec::new() }, request)
    }

    fn exchange(&mut self, mut connection: Connection<'a>, request: &Request<'_>) -> Result<Answer, HttpError> {
        let sent = connection.stream.write_all(&request.bytes(self.port));
        // A server may answer and close before it has read all of a long body; then its answer is there to be read.
        let is_sent = match sent {
            Err(error) if !is_closing(&error) => return Err(error.into()),
            sent => sent.is_ok(),
        };
        let head = connection.head()?;
        let body = connection.body(&head)?;
        if is_sent && head.keeps_alive && connection.unread.is_empty() {
            self.connection = Some(connection);
        }
        Ok(Answer { status: head.status, content_type: head.content_type, headers: head.headers, body })
    }
}

#[cfg(test)]
mod tests;
