//! Requests, made into the bytes that go over the wire once, before the run.

use crate::verify::{BodyCheck, Expect, Verifier};
use crate::websocket::Message;
use crate::websocket::connection::MASK;
use crate::websocket::outgoing::{Opcode, write_frame};

/// One request and what a right answer to it is.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSpec {
    /// The method, in capitals; not HEAD or CONNECT, whose answers are framed differently.
    pub method: String,
    /// Path and query, beginning with a slash.
    pub path: String,
    /// Further headers; `host` is added where it is missing, `content-length` always where there is a body.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What a right answer is.
    pub expect: Expect,
}

impl RequestSpec {
    /// A GET request that expects status 200 and any body.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            expect: Expect::default(),
        }
    }

    /// The same request with another expectation.
    #[must_use]
    pub fn expecting(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }
}

/// A request that is ready to be sent, with the verifier of its answers.
#[derive(Debug)]
pub(crate) struct PreparedRequest {
    pub(crate) bytes: Box<[u8]>,
    pub(crate) verifier: Verifier,
}

impl PreparedRequest {
    /// Prepares a request; the error says what is wrong with it.
    pub(crate) fn new(spec: &RequestSpec, host: &str) -> Result<Self, String> {
        Ok(Self { bytes: encode(spec, host)?.into_boxed_slice(), verifier: Verifier::new(spec.expect.clone()) })
    }

    /// Prepares the verifier alone, where the bytes are made elsewhere.
    pub(crate) fn verified_only(spec: &RequestSpec) -> Self {
        Self { bytes: Box::default(), verifier: Verifier::new(spec.expect.clone()) }
    }

    /// Prepares a message that is expected back as it is.
    pub(crate) fn echo(message: &Message) -> Self {
        let mut frame = Vec::new();
        write_frame(&mut frame, Opcode::Message(message.kind), &message.payload, MASK);
        let expect = Expect { body: BodyCheck::Exact(message.payload.clone()), ..Expect::default() };
        Self { bytes: frame.into_boxed_slice(), verifier: Verifier::new(expect) }
    }
}

fn encode(spec: &RequestSpec, host: &str) -> Result<Vec<u8>, String> {
    let mut head = encode_head(spec, host)?;
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&spec.body);
    Ok(bytes)
}

/// The head of a request up to its last header.
pub(crate) fn encode_head(spec: &RequestSpec, host: &str) -> Result<String, String> {
    check(spec)?;
    let mut head = format!("{} {} HTTP/1.1\r\n", spec.method, spec.path);
    if !spec.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head.push_str(&format!("host: {host}\r\n"));
    }
    for (name, value) in &spec.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !spec.body.is_empty() || matches!(spec.method.as_str(), "POST" | "PUT" | "PATCH") {
        head.push_str(&format!("content-length: {}\r\n", spec.body.len()));
    }
    Ok(head)
}

/// What is wrong with a request, if anything.
pub(crate) fn check(spec: &RequestSpec) -> Result<(), String> {
    let RequestSpec { method, path, headers, .. } = spec;
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("`{method}` is no method; write it in capitals, such as GET"));
    }
    if matches!(method.as_str(), "HEAD" | "CONNECT") {
        return Err(format!("{method} is not supported, since its answers are framed differently"));
    }
    if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("`{path}` is no path; begin it with `/` and percent-encode spaces and other characters"));
    }
    for (name, value) in headers {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(format!("`{name}` is no header name"));
        }
        if value.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
            return Err(format!("the value of header `{name}` has control characters"));
        }
        let framing = ["content-length", "transfer-encoding", "connection"];
        if framing.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
            return Err(format!("header `{name}` is the generator's own; leave it out"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(spec: &RequestSpec) -> String {
        String::from_utf8(encode(spec, "127.0.0.1:80").unwrap()).unwrap()
    }

    #[test]
    fn a_request_is_framed_by_itself() {
        assert_eq!(encoded(&RequestSpec::get("/a?b=c")), "GET /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:80\r\n\r\n");
        let post = RequestSpec {
            method: "POST".to_owned(),
            headers: vec![("Host".to_owned(), "other".to_owned()), ("x-y".to_owned(), "z".to_owned())],
            body: b"{}".to_vec(),
            ..RequestSpec::get("/")
        };
        assert_eq!(encoded(&post), "POST / HTTP/1.1\r\nHost: other\r\nx-y: z\r\ncontent-length: 2\r\n\r\n{}");
    }

    #[test]
    fn nothing_can_be_smuggled_in() {
        for path in ["", "x", "/a b", "/a\r\nx: y", "/ü"] {
            assert!(encode(&RequestSpec::get(path), "h").is_err(), "{path}");
        }
        for (name, value) in
            [("a b", ""), ("", ""), ("a", "b\r\nc: d"), ("Content-Length", "3"), ("connection", "close")]
        {
            let headers = vec![(name.to_owned(), value.to_owned())];
            assert!(encode(&RequestSpec { headers, ..RequestSpec::get("/") }, "h").is_err(), "{name}");
        }
        for method in ["HEAD", "get", "", "G T"] {
            let spec = RequestSpec { method: method.to_owned(), ..RequestSpec::get("/") };
            assert!(encode(&spec, "h").is_err(), "{method}");
        }
    }
}
