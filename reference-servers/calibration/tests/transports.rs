//! The load generator's transports against this server: what it is known to do is what is measured.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod server;

use std::time::Duration;

use load::arrival::{Arrival, Spacing};
use load::events::EventsSpec;
use load::fan_out::form::Form;
use load::fan_out::{Audience, FanOutSpec};
use load::http2::Http2Spec;
use load::pacer::PacerKind;
use load::recorder::StreamOutcome;
use load::request::RequestSpec;
use load::run::{Ending, Opening, RunSpec, Target, run};
use load::stream::StreamSpec;
use load::transport::Transport;
use load::verify::{BodyCheck, Expect};
use load::websocket::{EchoSpec, Kind, Message};
use load::window::Phases;
use server::Server;

fn open(rate_per_s: f64) -> Arrival {
    Arrival::Open { rate_per_s, spacing: Spacing::Constant }
}

fn drive(server: &Server, stream: StreamSpec) -> StreamOutcome {
    let ms = Duration::from_millis;
    let outcome = run(&RunSpec {
        target: Target { address: server.address() },
        streams: &[stream],
        phases: Phases { warm_up: ms(50), measure: ms(400), drain: ms(2_000) },
        opening: Opening::AllAtOnce,
        pacer: PacerKind::shared_core(),
        seed: 1,
        stop: &[],
        ending: Ending::Close,
    });
    outcome.unwrap().streams.remove(0)
}

fn over(transport: Transport, connections: u32, arrival: Arrival) -> StreamSpec {
    StreamSpec::new("main", connections, arrival, Vec::new()).over(transport)
}

fn echo() -> Transport {
    let messages = vec![Message { kind: Kind::Text, payload: b"hello".to_vec() }];
    Transport::WebSocketEcho(EchoSpec { path: "/ws/echo".to_owned(), headers: Vec::new(), messages })
}

/// The messages and requests that the server says it has got.
fn counted(server: &Server) -> u64 {
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    std::io::Write::write_all(&mut stream, b"GET /stats HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    let stats: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    stats["requests"].as_u64().unwrap()
}

#[test]
fn an_echo_is_counted_message_by_message() {
    let server = Server::start(&[]);
    let main = drive(&server, over(echo(), 8, open(500.0)));
    assert_eq!((main.counts.due, main.counts.errors.failed_requests()), (200, 0), "{:?}", main.counts);
    assert_eq!(counted(&server), main.totals.responses);
    assert_eq!(main.totals.responses, main.totals.requests_sent);
}

#[test]
fn rooms_reach_everyone() {
    let server = Server::start(&[]);
    let rooms = FanOutSpec {
        path: "/ws/rooms/{room}".to_owned(),
        headers: Vec::new(),
        rooms: 4,
        senders_per_room: 2,
        message_bytes: 200,
        kind: Kind::Text,
        form: Form::Message,
        audience: Audience::Everyone,
    };
    let main = drive(&server, over(Transport::WebSocketFanOut(rooms), 40, open(200.0)));
    let deliveries = main.deliveries.unwrap();
    assert_eq!((main.counts.due, main.counts.errors.failed_requests()), (80, 0), "{:?}", main.counts);
    assert_eq!((deliveries.expected, deliveries.received), (800, 800));
    assert_eq!((deliveries.out_of_order, deliveries.duplicates, deliveries.foreign), (0, 0, 0));
    assert_eq!(counted(&server), main.totals.requests_sent);
}

#[test]
fn events_have_the_gaps_that_were_asked_for() {
    let server = Server::start(&[]);
    let mut request = RequestSpec::get("/events?count=5&gap_ms=10");
    request.expect.content_type = Some("text/event-stream".to_owned());
    let mut stream = over(Transport::Events(EventsSpec::default()), 8, open(50.0));
    stream.steps = vec![request];
    let main = drive(&server, stream);
    let events = main.events.unwrap();
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.response_time.min() >= 9_900_000, "the first event comes after one gap");
    let median_ns = events.gaps.value_at_quantile(0.5);
    assert!((9_000_000..14_000_000).contains(&median_ns), "{median_ns}");
    assert_eq!((events.lost, events.duplicates, events.out_of_order), (0, 0, 0));
    assert!(events.ended >= 14 && events.received >= 70, "{} ended, {} events", events.ended, events.received);
}

#[test]
fn an_endless_stream_is_stopped() {
    let server = Server::start(&[]);
    let mut stream = over(Transport::Events(EventsSpec::default()), 4, Arrival::Closed { think: Duration::ZERO });
    stream.steps = vec![RequestSpec::get("/events?count=0&gap_ms=5")];
    let events = drive(&server, stream).events.unwrap();
    assert_eq!((events.stopped, events.ended), (4, 0));
    assert!(events.received >= 200, "{}", events.received);
}

#[test]
fn http2_is_the_same_server() {
    let server = Server::start(&[]);
    let mut stream = over(Transport::Http2(Http2Spec { streams_per_connection: 32 }), 1, open(200.0));
    let ok = Expect { body: BodyCheck::Exact(b"ok".to_vec()), ..Expect::default() };
    stream.steps = vec![RequestSpec::get("/delay?ms=50").expecting(ok)];
    let main = drive(&server, stream);
    assert_eq!((main.counts.due, main.counts.errors.failed_requests()), (80, 0), "{:?}", main.counts);
    assert!(main.response_time.min() >= 49_000_000);
    assert!(main.in_flight_mean > 6.0, "200/s times 50 ms over one connection: {}", main.in_flight_mean);
    assert_eq!(counted(&server), main.totals.responses);
}

#[test]
fn a_body_is_known_by_its_hash_and_an_upload_too() {
    let server = Server::start(&[]);
    let pattern = b"0123456789abcdef".repeat(1 << 12);
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&pattern);
    let body = BodyCheck::Sha256(digest.into());
    let mut stream = StreamSpec::new("main", 2, open(20.0), vec![RequestSpec::get("/body?bytes=65536")]);
    stream.steps[0].expect = Expect { body, ..Expect::default() };
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let answer = format!("{{\"bytes\":65536,\"sha256\":\"{digits}\"}}");
    let mut upload = RequestSpec { method: "POST".to_owned(), body: pattern, ..RequestSpec::get("/upload") };
    upload.expect = Expect { body: BodyCheck::Exact(answer.into_bytes()), ..Expect::default() };
    stream.steps.push(upload);
    let main = drive(&server, stream);
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed >= 6, "{:?}", main.counts);
}
