//! The opening handshake (RFC 6455, section 4): the request, and whether the answer agrees to it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::request::{RequestSpec, encode_head};

/// What is appended to the key before it is hashed (section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Most headers of an answer.
const HEADERS_MAX: usize = 100;

/// Why an answer does not open the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeError {
    /// It is no answer in HTTP.
    Malformed,
    /// It is, but does not agree to the WebSocket protocol as it was offered.
    Refused,
}

/// The handshake of a stream's connections.
#[derive(Clone, Debug)]
pub struct Handshake {
    request: Box<[u8]>,
    accept: String,
}

impl Handshake {
    /// A handshake for this path; `nonce` makes the key.
    ///
    /// # Errors
    /// When the path or a header cannot be sent.
    pub fn new(path: &str, headers: &[(String, String)], host: &str, nonce: [u8; 16]) -> Result<Self, String> {
        let key = STANDARD.encode(nonce);
        let own = [("upgrade", "websocket"), ("sec-websocket-version", "13"), ("sec-websocket-key", &key)];
        for (name, _) in headers {
            if own.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) || starts_reserved(name) {
                return Err(format!("header `{name}` is the handshake's own; leave it out"));
            }
        }
        let all = headers.iter().cloned().chain(own.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect();
        let mut head = encode_head(&RequestSpec { headers: all, ..RequestSpec::get(path) }, host)?;
        head.push_str("connection: Upgrade\r\n\r\n");
        let accept = STANDARD.encode(Sha1::digest(format!("{key}{GUID}").as_bytes()));
        Ok(Self { request: head.into_bytes().into_boxed_slice(), accept })
    }

    /// The bytes of the request.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// How many bytes the answer has, if it has come whole and agrees.
    ///
    /// # Errors
    /// When it does not.
    pub fn answered(&self, bytes: &[u8]) -> Result<Option<usize>, HandshakeError> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let length = match response.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(HandshakeError::Malformed),
        };
        let value = |name: &str| {
            let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
            found.map(|header| header.value.trim_ascii())
        };
        let agrees = response.code == Some(101)
            && value("upgrade").is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"))
            && value("connection").is_some_and(has_upgrade)
            && value("sec-websocket-accept").is_some_and(|value| value == self.accept.as_bytes())
            // Neither was offered.
            && value("sec-websocket-extensions").is_none_or(<[u8]>::is_empty)
            && value("sec-websocket-protocol").is_none_or(<[u8]>::is_empty);
        if agrees { Ok(Some(length)) } else { Err(HandshakeError::Refused) }
    }
}

fn starts_reserved(name: &str) -> bool {
    name.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("sec-websocket-"))
}

fn has_upgrade(value: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|option| option.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of section 1.3.
    fn example() -> Handshake {
        Handshake::new("/chat", &[], "h", *b"the sample nonce").unwrap()
    }

    const GOOD: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n\
                        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    #[test]
    fn the_example_of_the_standard() {
        let handshake = example();
        let request = String::from_utf8(handshake.request().to_vec()).unwrap();
        assert!(request.contains("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), "{request}");
        assert!(request.starts_with("GET /chat HTTP/1.1\r\nhost: h\r\n") && request.ends_with("\r\n\r\n"), "{request}");
        assert_eq!(handshake.answered(format!("{GOOD}rest").as_bytes()), Ok(Some(GOOD.len())));
        for cut in 0..GOOD.len() {
            assert_eq!(handshake.answered(&GOOD.as_bytes()[..cut]), Ok(None), "{cut}");
        }
    }

    #[test]
    fn what_does_not_agree_is_refused() {
        let wrong = [
            ("101", "200"),
            ("WebSocket\r\n", "h2c\r\n"),
            ("keep-alive, Upgrade", "keep-alive"),
            ("s3pP", "S3pP"),
            ("Connection", "Sec-WebSocket-Extensions: permessage-deflate\r\nConnection"),
        ];
        for (right, wrong) in wrong {
            let answer = GOOD.replace(right, wrong);
            assert_eq!(example().answered(answer.as_bytes()), Err(HandshakeError::Refused), "{answer}");
        }
        assert_eq!(example().answered(b"SSH-2.0\r\n\r\n"), Err(HandshakeError::Malformed));
    }

    #[test]
    fn headers_of_its_own_cannot_be_given() {
        for name in ["Upgrade", "Sec-WebSocket-Key", "sec-websocket-extensions", "connection"] {
            let headers = [(name.to_owned(), "x".to_owned())];
            assert!(Handshake::new("/", &headers, "h", [0; 16]).is_err(), "{name}");
        }
    }
}
