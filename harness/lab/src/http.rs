//! A small blocking HTTP/1.1 client for readiness, `/stats` and the contract's cases. It measures nothing: load is
//! driven by the crate `load`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use model::define::workload::Method;

/// The longest head that is read; real ones have a few hundred bytes.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// The longest body that is read; the largest of the contract has about 100 kB.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most header lines that are read.
const HEADERS_MAX: usize = 64;
/// How long a loopback connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// The connection failed or timed out.
    #[error("{0}")]
    Io(#[from] std::io::Error),
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
}

impl<'a> Request<'a> {
    /// A plain GET.
    pub(crate) fn get(path: &'a str) -> Self {
        Self { path, ..Self::default() }
    }

    fn text(&self, port: u16) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method.as_str(), self.path);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            text.push_str(&format!("host: 127.0.0.1:{port}\r\n"));
        }
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = self.body {
            text.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        text + "\r\n" + self.body.unwrap_or_default()
    }
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
pub(crate) struct Client {
    port: u16,
    limit: Duration,
    connection: Option<Connection>,
}

impl Client {
    /// A client whose every wait ends after `limit`.
    pub(crate) fn new(port: u16, limit: Duration) -> Self {
        Self { port, limit, connection: None }
    }

    /// Sends a request and waits for its answer. A kept connection that the server closed in the meantime is replaced
    /// once.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Result<Answer, HttpError> {
        if let Some(kept) = self.connection.take()
            && let Ok(answer) = self.exchange(kept, request)
        {
            return Ok(answer);
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let stream = TcpStream::connect_timeout(&address, CONNECT_LIMIT.min(self.limit))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(self.limit))?;
        stream.set_write_timeout(Some(self.limit))?;
        self.exchange(Connection { stream, unread: Vec::new() }, request)
    }

    fn exchange(&mut self, mut connection: Connection, request: &Request<'_>) -> Result<Answer, HttpError> {
        connection.stream.write_all(request.text(self.port).as_bytes())?;
        let head = connection.head()?;
        let body = connection.body(&head)?;
        if head.keeps_alive && connection.unread.is_empty() {
            self.connection = Some(connection);
        }
        Ok(Answer { status: head.status, content_type: head.content_type, headers: head.headers, body })
    }
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

#[derive(Debug)]
struct Head {
    status: u16,
    content_type: Option<String>,
    headers: Vec<(String, String)>,
    length: Length,
    keeps_alive: bool,
}

#[derive(Debug)]
enum Length {
    Known(usize),
    Chunked,
    UntilClosed,
}

impl Connection {
    fn more(&mut self) -> Result<(), HttpError> {
        let mut buffer = [0; 8192];
        let count = self.stream.read(&mut buffer)?;
        if count == 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        self.unread.extend_from_slice(&buffer[..count]);
        Ok(())
    }

    fn head(&mut self) -> Result<Head, HttpError> {
        loop {
            if let Some((head, bytes)) = parse_head(&self.unread)? {
                self.unread.drain(..bytes);
                return Ok(head);
            }
            if self.unread.len() > HEAD_BYTES_MAX {
                return Err(HttpError::Answer(format!("its head is longer than {HEAD_BYTES_MAX} bytes")));
            }
            self.more()?;
        }
    }

    fn body(&mut self, head: &Head) -> Result<Vec<u8>, HttpError> {
        match head.length {
            Length::Known(bytes) => self.take(bytes),
            Length::Chunked => self.chunks(),
            Length::UntilClosed => {
                while self.more().is_ok() && self.unread.len() <= BODY_BYTES_MAX {}
                self.take(self.unread.len())
            }
        }
    }

    fn take(&mut self, bytes: usize) -> Result<Vec<u8>, HttpError> {
        if bytes > BODY_BYTES_MAX {
            return Err(HttpError::Answer(format!("its body is longer than {BODY_BYTES_MAX} bytes")));
        }
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
            if body.len() > BODY_BYTES_MAX {
                return Err(HttpError::Answer(format!("its body is longer than {BODY_BYTES_MAX} bytes")));
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Serves the given answers, each on a connection of its own, and gives the port.
    fn serving(answers: &'static [&'static str]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a client comes");
                let _ = stream.read(&mut [0; 1024]);
                // Byte by byte, so that the reader meets every border.
                for byte in answer.bytes() {
                    stream.write_all(&[byte]).expect("the client reads");
                }
            }
        });
        port
    }

    fn ask(port: u16) -> Result<Answer, HttpError> {
        Client::new(port, Duration::from_secs(2)).ask(&Request::get("/"))
    }

    #[test]
    fn every_kind_of_body_is_read() {
        let port = serving(&[
            "HTTP/1.1 200 OK\r\ncontent-type: Text/Plain; charset=utf-8\r\ncontent-length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "HTTP/1.0 404 Not Found\r\n\r\ngone",
        ]);
        let first = ask(port).expect("it answers");
        assert_eq!((first.status, first.content_type.as_deref(), &*first.body), (200, Some("text/plain"), &b"ok"[..]));
        assert_eq!(ask(port).expect("it answers").body, b"abcde");
        let last = ask(port).expect("it answers");
        assert_eq!((last.status, last.content_type, last.headers.len(), &*last.body), (404, None, 0, &b"gone"[..]));
    }

    #[test]
    fn what_is_not_http_is_an_error_and_not_a_wait() {
        assert!(matches!(ask(serving(&["SSH-2.0-OpenSSH\r\n\r\n"])), Err(HttpError::Answer(_))));
        assert!(matches!(ask(serving(&["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"])), Err(HttpError::Io(_))));
    }

    #[test]
    fn a_connection_closed_between_requests_is_replaced() {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        let port = serving(Box::leak(Box::new([answer, answer])));
        let mut client = Client::new(port, Duration::from_secs(2));
        assert_eq!(client.ask(&Request::get("/")).expect("it answers").body, b"ok");
        assert_eq!(client.ask(&Request::get("/")).expect("it answers again").body, b"ok");
    }
}
