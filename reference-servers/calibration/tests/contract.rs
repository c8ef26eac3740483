//! The server as a client sees it: every route, every refusal, and a prompt end.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

mod server;

use server::Server;

impl Server {
    /// Status, head and body of one request.
    fn ask(&self, method: &str, path: &str) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
        (head[9..12].parse().unwrap(), head, answer[end + 4..].to_vec())
    }

    fn get(&self, path: &str) -> (u16, String) {
        let (status, _, body) = self.ask("GET", path);
        (status, String::from_utf8(body).unwrap())
    }
}

#[test]
fn answers_every_route_and_counts() {
    let server = Server::start(&[]);
    assert_eq!(server.get("/health"), (200, "ok".to_owned()));
    assert_eq!(server.get("/plain"), (200, "Hello, World!".to_owned()));
    assert_eq!(server.get("/bystander"), (200, r#"{"ok":true}"#.to_owned()));
    assert_eq!(server.get("/null"), (200, String::new()));
    let (_, _, body) = server.ask("GET", "/body?bytes=100000");
    assert_eq!(body.len(), 100_000);
    assert!(body.iter().enumerate().all(|(i, byte)| *byte == b"0123456789abcdef"[i % 16]));
    let stats: serde_json::Value = serde_json::from_str(&server.get("/stats").1).unwrap();
    assert_eq!(stats["requests"], 4, "all but health and stats");
    assert_eq!(stats["pid"], server.child.id());
    assert_ne!(stats["framework"]["version"], "unknown");
    assert_ne!(stats["runtime"]["version"], "unknown");
}

#[test]
fn delays_at_least_as_long_as_asked() {
    let server = Server::start(&[]);
    let start = Instant::now();
    assert_eq!(server.get("/delay?ms=120"), (200, "ok".to_owned()));
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(120), "{took:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn refuses_bad_input_with_a_problem() {
    let server = Server::start(&[]);
    let cases = [
        ("GET", "/delay?ms=10001", 400),
        ("GET", "/delay", 400),
        ("GET", "/body?bytes=67108865", 400),
        ("GET", "/body?bytes=-1", 400),
        ("GET", "/nowhere", 404),
        ("POST", "/plain", 405),
        ("DELETE", "/stats", 405),
        ("GET", "/upload", 405),
        ("GET", "/events?count=0&gap_ms=0", 400),
        ("GET", "/ws/echo", 426),
        ("POST", "/ws/echo", 405),
        ("GET", "/ws/rooms/a/b", 404),
    ];
    for (method, path, expected) in cases {
        let (status, head, body) = server.ask(method, path);
        assert_eq!(status, expected, "{method} {path}");
        assert!(head.contains("content-type: application/problem+json"), "{head}");
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["status"], expected);
        assert_eq!(problem["type"], "about:blank");
        assert!(problem["title"].is_string() && problem["detail"].is_string());
    }
}

#[test]
fn freezes_when_told_to() {
    let server = Server::start(&["--freeze-every-ms", "400", "--freeze-for-ms", "200"]);
    let mut longest = Duration::ZERO;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(900) {
        let asked = Instant::now();
        server.get("/plain");
        longest = longest.max(asked.elapsed());
    }
    assert!(longest > Duration::from_millis(100), "{longest:?}");
}

#[test]
fn a_freeze_as_long_as_its_interval_is_refused() {
    let status = Command::new(env!("CARGO_BIN_EXE_calibration"))
        .args(["--port", "1", "--freeze-every-ms", "100", "--freeze-for-ms", "100"])
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(!status.success());
}

#[test]
fn ends_promptly_on_sigterm() {
    let mut server = Server::start(&[]);
    let ended = Command::new("kill").arg(server.child.id().to_string()).status().unwrap();
    assert!(ended.success());
    let start = Instant::now();
    let status = server.child.wait().unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(status.success(), "{status:?}");
}
