//! What bad input gets: each kind ends in its own error class, in time and within bounds, while the other connections go on. A process of its
//! own, since its memory is measured.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "transports/peers.rs"]
#[expect(dead_code, reason = "the other test binary uses the rest of it")]
mod peers;
#[path = "http1/support.rs"]
#[expect(dead_code, reason = "the other test binaries use the rest of it")]
mod support;

use std::io::Write;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use load::error::ErrorClass;
use load::events::EventsSpec;
use load::recorder::StreamOutcome;
use load::request::RequestSpec;
use load::stream::StreamSpec;
use load::transport::Transport;

use crate::peers::{echo_stream, frame, text};
use crate::support::{Client, Server, drive, open, phases, stream};

/// Most that the whole test process may grow by: the servers' threads and the recorders' histograms, many times over, and a
/// small part of what the worst of the servers send.
const GROWTH_KIB_MAX: u64 = 64 * 1024;

#[derive(Clone, Copy)]
enum Speaks {
    Http,
    Events,
    WebSocket,
}

/// A server's behaviour towards a client whose request (or handshake) has been read.
type Misbehaves = Box<dyn Fn(&mut Client) + Send + Sync>;

struct Case {
    name: &'static str,
    speaks: Speaks,
    class: ErrorClass,
    misbehaves: Misbehaves,
}

fn case(
    name: &'static str,
    speaks: Speaks,
    class: ErrorClass,
    misbehaves: impl Fn(&mut Client) + Send + Sync + 'static,
) -> Case {
    Case { name, speaks, class, misbehaves: Box::new(misbehaves) }
}

/// Sends these bytes and waits for the client to give up.
fn says(bytes: impl Into<Vec<u8>>) -> impl Fn(&mut Client) + Send + Sync + 'static {
    let bytes = bytes.into();
    move |client| {
        let _ = client.stream().write_all(&bytes);
        client.read_request();
    }
}

/// Sends the beginning, then the same again and again, far beyond any bound.
fn never_stops(beginning: &'static str, again: &'static str) -> impl Fn(&mut Client) + Send + Sync + 'static {
    move |client| {
        let (mut stream, again) = (client.stream(), again.repeat(1_000));
        let mut sent = stream.write_all(beginning.as_bytes());
        for _ in 0..100_000 {
            if sent.is_err() {
                return;
            }
            sent = stream.write_all(again.as_bytes());
        }
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const EVENTS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

fn http_cases() -> Vec<Case> {
    use ErrorClass::*;
    use Speaks::Http;
    vec![
        case("resets", Http, Reset, |client| {
            let socket = client.stream();
            // Closing with a zero linger resets.
            rustix::net::sockopt::set_socket_linger(&socket, Some(Duration::ZERO)).unwrap();
        }),
        case("half-closes without a word", Http, Closed, |client| {
            let _ = client.stream().shutdown(Shutdown::Write);
            client.read_request();
        }),
        case("half-closes in the middle", Http, Truncated, |client| {
            client.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok");
            let _ = client.stream().shutdown(Shutdown::Write);
            client.read_request();
        }),
        case("stalls", Http, Timeout, says("")),
        case("drips", Http, TooSlow, |client| {
            for byte in "HTTP/1.1 200 OK\r\ncontent-length: 100".chars() {
                client.send(&byte.to_string());
                std::thread::sleep(Duration::from_millis(20));
            }
        }),
        case("sends too much", Http, Surplus, says(format!("{OK}content-length: 2\r\n\r\nok and more"))),
        case("sends too little", Http, TooSlow, says(format!("{OK}content-length: 9\r\n\r\nok"))),
        case("has a length that is none", Http, BadLength, says(format!("{OK}content-length: 0x2\r\n\r\nok"))),
        case("has two lengths", Http, BadLength, says(format!("{OK}content-length: 2\r\ncontent-length: 3\r\n\r\nok"))),
        case("has a chunk without a size", Http, BadChunk, says(format!("{CHUNKED}\r\nok\r\n0\r\n\r\n"))),
        case("has a chunk beyond its size", Http, BadChunk, says(format!("{CHUNKED}2\r\nokay\r\n0\r\n\r\n"))),
        case("has a huge chunk", Http, TooLarge, says(format!("{CHUNKED}ffffffffff\r\n"))),
        case("has headers without end", Http, HeadTooLarge, never_stops("HTTP/1.1 200 OK\r\nx: ", "y")),
        case(
            "has trailers without end",
            Http,
            HeadTooLarge,
            never_stops("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "x: y\r\n"),
        ),
        case("has a body without end", Http, TooLarge, never_stops("HTTP/1.1 200 OK\r\n\r\n", "body")),
        case("is no HTTP", Http, Malformed, says("220 smtp ready\r\n\r\n")),
    ]
}

fn stream_cases() -> Vec<Case> {
    use ErrorClass::*;
    use Speaks::{Events, WebSocket};
    vec![
        case("an event without end", Events, TooLarge, never_stops(EVENTS, "data: x\n")),
        case("events that are not UTF-8", Events, BadUtf8, says([EVENTS.as_bytes(), b"data: \xc0\xaf\n\n"].concat())),
        case("no event at all", Events, TooSlow, says(EVENTS)),
        case("a reserved bit", WebSocket, BadFrame, says(frame(0xc1, b"x"))),
        case("an unknown opcode", WebSocket, BadFrame, says(frame(0x83, b"x"))),
        case("a mask", WebSocket, BadFrame, says(vec![0x81, 0x81, 1, 2, 3, 4, 5])),
        case("a ping in fragments", WebSocket, BadFrame, says(frame(0x09, b"x"))),
        case("a continuation of nothing", WebSocket, BadFrame, says(frame(0x80, b"x"))),
        case("a message within a message", WebSocket, BadFrame, says([frame(0x01, b"x"), frame(0x81, b"x")].concat())),
        case("a text that is not UTF-8", WebSocket, BadUtf8, says(frame(0x81, b"\xed\xa0\x80"))),
        case("a close whose reason is not UTF-8", WebSocket, BadUtf8, says(frame(0x88, b"\x03\xe8\xff"))),
        case("a message beyond its bound", WebSocket, TooLarge, says(vec![0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0])),
        case(
            "a message whose end never comes",
            WebSocket,
            TooSlow,
            says([frame(0x01, b"he"), frame(0x89, b"")].concat()),
        ),
        case("pings and nothing else", WebSocket, Timeout, |client| {
            for _ in 0..20 {
                let _ = client.stream().write_all(&frame(0x89, b"hello?"));
                std::thread::sleep(Duration::from_millis(20));
            }
        }),
        case("a close instead of an answer", WebSocket, Closed, says(frame(0x88, b"\x03\xe8"))),
        case("a reset", WebSocket, Reset, |client| {
            rustix::net::sockopt::set_socket_linger(client.stream(), Some(Duration::ZERO)).unwrap();
        }),
    ]
}

/// Answers `/good` as it should, and misbehaves on every other path.
fn server(case: Case) -> Server {
    Server::start(move |client: &mut Client| {
        if client.next_path().as_deref() == Some("/good") {
            while client.read_request() {
                client.answer_ok();
            }
            return;
        }
        match case.speaks {
            Speaks::Http | Speaks::Events => {
                if client.read_request() {
                    (case.misbehaves)(client);
                }
            }
            Speaks::WebSocket => {
                if let Ok(mut socket) = tungstenite::accept(client.stream())
                    && socket.read().is_ok()
                {
                    (case.misbehaves)(client);
                }
            }
        }
    })
}

fn bad_stream(speaks: Speaks) -> StreamSpec {
    let mut spec = match speaks {
        Speaks::Http => stream(2, open(50.0)),
        Speaks::Events => {
            let request = RequestSpec::get("/events");
            let events = Transport::Events(EventsSpec { event_bytes_max: 10_000 });
            StreamSpec::new("main", 2, open(50.0), vec![request]).over(events)
        }
        Speaks::WebSocket => echo_stream(2, open(50.0), vec![text("hello")]),
    };
    spec.timeout = Duration::from_millis(100);
    spec.body_bytes_max = 100_000;
    spec
}

#[test]
fn each_kind_ends_in_its_own_class_while_the_others_go_on() {
    for case in http_cases().into_iter().chain(stream_cases()) {
        let (name, class) = (case.name, case.class);
        let mut good = StreamSpec::new("good", 2, open(100.0), vec![RequestSpec::get("/good")]);
        good.timeout = Duration::from_secs(2);
        let streams = [bad_stream(case.speaks), good];
        let server = server(case);
        let (began, before_kib) = (Instant::now(), resident_kib());
        let mut outcome = drive(&server, &streams, phases(0, 250, 300));
        assert!(began.elapsed() < Duration::from_secs(3), "{name}: {:?}", began.elapsed());
        let grown_kib = resident_kib().saturating_sub(before_kib);
        assert!(grown_kib < GROWTH_KIB_MAX, "{name}: grew by {grown_kib} KiB");
        let good: StreamOutcome = outcome.streams.remove(1);
        let bad: StreamOutcome = outcome.streams.remove(0);
        assert!(bad.counts.errors.get(class) > 0, "{name}: {:?}", bad.counts);
        assert_eq!(bad.counts.errors.get(class), bad.counts.errors.failed_requests(), "{name}: {:?}", bad.counts);
        assert_eq!(bad.counts.completed, 0, "{name}");
        assert_eq!(good.counts.errors.failed_requests(), 0, "{name}: {:?}", good.counts);
        assert!(good.counts.completed >= 20, "{name}: {:?}", good.counts);
    }
}

#[test]
fn a_server_that_refuses_and_one_that_does_not_agree_have_classes_of_their_own() {
    let not_websocket = Server::start(|client: &mut Client| {
        while client.read_request() {
            client.answer_ok()
        }
    });
    let good = StreamSpec::new("good", 1, open(50.0), vec![RequestSpec::get("/good")]);
    let outcome = drive(&not_websocket, &[bad_stream(Speaks::WebSocket), good.clone()], phases(0, 200, 100));
    assert!(outcome.streams[0].counts.errors.get(ErrorClass::BadHandshake) > 0, "{:?}", outcome.streams[0].counts);
    assert!(outcome.streams[0].connections.reasons.get(ErrorClass::BadHandshake) > 0);
    assert_eq!((outcome.streams[0].counts.sent, outcome.streams[0].counts.unsent), (0, 10));
    assert_eq!(outcome.streams[1].counts.errors.failed_requests(), 0);
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
