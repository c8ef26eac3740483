//! The hot path allocates nothing: a run of twice the length makes twice the requests and not one allocation more.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use load::arrival::Arrival;
use load::pacer::PacerKind;
use load::request::RequestSpec;
use load::run::{Ending, Opening, RunSpec, Target, run};
use load::stream::StreamSpec;
use load::transport::Transport;
use load::verify::{BodyCheck, Expect, JsonCheck};
use load::websocket::{EchoSpec, Kind, Message};
use load::window::Phases;

/// Allocations that the longer run may have more: a queue that grew later. Requests are thousands.
const SLACK: u64 = 4;

fn server(behave: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            std::thread::spawn(move || behave(stream));
        }
    });
    address
}

fn answer_json(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"ok\":true}";
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

fn echo(stream: TcpStream) {
    let Ok(mut socket) = tungstenite::accept(stream) else { return };
    while let Ok(message) = socket.read() {
        if message.is_close() || socket.send(message).is_err() {
            return;
        }
    }
}

/// Answers, and allocations of the calling thread, which is the generator's; nobody else's count.
fn run_for(address: SocketAddr, stream: &StreamSpec, measure: Duration) -> (u64, u64) {
    let mut answers = 0;
    let counted = allocation_counter::measure(|| {
        let outcome = run(&RunSpec {
            target: Target { address },
            streams: std::slice::from_ref(stream),
            phases: Phases { warm_up: Duration::from_millis(100), measure, drain: Duration::from_millis(500) },
            opening: Opening::AllAtOnce,
            pacer: PacerKind::shared_core(),
            seed: 1,
            stop: &[],
            ending: Ending::Close,
        });
        let main = outcome.unwrap().streams.remove(0);
        assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
        answers = main.totals.responses;
    });
    (answers, counted.count_total)
}

fn assert_allocates_nothing(address: SocketAddr, stream: &StreamSpec) {
    let (short_answers, short) = run_for(address, stream, Duration::from_millis(200));
    let (long_answers, long) = run_for(address, stream, Duration::from_millis(700));
    let (more_answers, more) = (long_answers - short_answers, long.saturating_sub(short));
    assert!(more_answers > 500, "{more_answers} requests say nothing");
    assert!(more <= SLACK, "{}: {more} allocations for {more_answers} requests", stream.name);
}

#[test]
fn http_requests_allocate_nothing() {
    let address = server(answer_json);
    let body = BodyCheck::Json(vec![JsonCheck::Contains(serde_json::json!({"ok": true}))]);
    let request = RequestSpec::get("/").expecting(Expect { body, ..Expect::default() });
    let closed = Arrival::Closed { think: Duration::ZERO };
    assert_allocates_nothing(address, &StreamSpec::new("HTTP/1.1", 4, closed, vec![request]));
}

#[test]
fn websocket_messages_allocate_nothing() {
    let address = server(echo);
    let messages = vec![Message { kind: Kind::Text, payload: b"hello".to_vec() }];
    let spec = EchoSpec { path: "/".to_owned(), headers: Vec::new(), messages };
    let closed = Arrival::Closed { think: Duration::ZERO };
    let stream = StreamSpec::new("WebSocket", 4, closed, Vec::new()).over(Transport::WebSocketEcho(spec));
    assert_allocates_nothing(address, &stream);
}
