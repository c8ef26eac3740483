//! HTTP/2: many requests at once over a connection, with the same clocks, verification and error classes.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::Reason;
use h2::server::SendResponse;
use load::arrival::Arrival;
use load::error::ErrorClass;
use load::http2::Http2Spec;
use load::pacer::PacerKind;
use load::recorder::StreamOutcome;
use load::request::RequestSpec;
use load::run::{Ending, Opening, RunSpec, Target, run};
use load::stream::StreamSpec;
use load::transport::Transport;
use load::verify::{BodyCheck, Expect};

use crate::support::{assert_counts_add_up, closed, open, phases};

/// What the server does with a request; `number` counts those of its connection, `body` is what came with it.
type Behave = fn(number: usize, body: usize, respond: SendResponse<Bytes>);

/// A server for one test, on a thread of its own for ever.
fn server(max_streams: u32, behave: Behave) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::task::spawn_local(connection(socket, max_streams, behave));
            }
        });
    });
    address
}

async fn connection(socket: tokio::net::TcpStream, max_streams: u32, behave: Behave) {
    let mut builder = h2::server::Builder::new();
    let Ok(mut connection) = builder.max_concurrent_streams(max_streams).handshake(socket).await else { return };
    let mut number = 0;
    while let Some(Ok((request, respond))) = connection.accept().await {
        number += 1;
        tokio::task::spawn_local(async move {
            let (mut body, mut length) = (request.into_body(), 0);
            while let Some(Ok(bytes)) = poll_fn(|context| body.poll_data(context)).await {
                length += bytes.len();
                let _ = body.flow_control().release_capacity(bytes.len());
            }
            behave(number, length, respond);
        });
    }
}

fn answer(mut respond: SendResponse<Bytes>, status: u16, body: &'static [u8]) {
    let response = http::Response::builder().status(status).header("content-type", "text/plain").body(()).unwrap();
    if let Ok(mut stream) = respond.send_response(response, body.is_empty())
        && !body.is_empty()
    {
        let _ = stream.send_data(Bytes::from_static(body), true);
    }
}

fn over_http2(connections: u32, streams: u32, arrival: Arrival) -> StreamSpec {
    let body = BodyCheck::Exact(b"hello".to_vec());
    let expect = Expect { body, content_type: Some("text/plain".to_owned()), ..Expect::default() };
    let stream = StreamSpec::new("main", connections, arrival, vec![RequestSpec::get("/").expecting(expect)]);
    let stream = stream.over(Transport::Http2(Http2Spec { streams_per_connection: streams }));
    StreamSpec { timeout: Duration::from_millis(150), ..stream }
}

fn drive(address: SocketAddr, stream: StreamSpec) -> StreamOutcome {
    let outcome = run(&RunSpec {
        target: Target { address },
        streams: &[stream],
        phases: phases(50, 300, 300),
        opening: Opening::AllAtOnce,
        pacer: PacerKind::shared_core(),
        seed: 1,
        stop: &[],
        ending: Ending::Close,
    });
    let main = outcome.unwrap().streams.remove(0);
    assert_counts_add_up(&main);
    main
}

#[test]
fn many_requests_share_a_connection() {
    let address = server(100, |_, _, respond| {
        // Not waiting on the executor: others must be able to begin meanwhile.
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            answer(respond, 200, b"hello");
        });
    });
    let main = drive(address, over_http2(2, 16, open(400.0)));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert_eq!((main.counts.due, main.counts.unsent), (120, 0), "{:?}", main.counts);
    assert!(main.counts.completed >= 100, "{:?}", main.counts);
    assert!(main.response_time.min() >= 19_000_000 && main.first_byte.min() >= 19_000_000);
    assert_eq!((main.connections.established, main.connections.alive), (2, 2));
    // 400/s times 20 ms are 8 at once, over 2 connections.
    assert!(main.in_flight_mean > 5.0, "{}", main.in_flight_mean);
}

#[test]
fn a_closed_loop_fills_what_the_server_allows() {
    let address = server(3, |_, _, respond| answer(respond, 200, b"hello"));
    let main = drive(address, over_http2(2, 8, closed()));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed > 100, "{:?}", main.counts);
    assert!(main.in_flight_mean <= 6.0, "the server allows 3 on each: {}", main.in_flight_mean);
}

#[test]
fn a_body_is_sent_through_the_servers_window() {
    let address = server(100, |_, body, respond| answer(respond, if body == 1_000_000 { 200 } else { 500 }, b"hello"));
    let mut spec = over_http2(1, 4, open(40.0));
    spec.steps[0].method = "POST".to_owned();
    spec.steps[0].body = vec![7; 1_000_000];
    spec.timeout = Duration::from_secs(2);
    let main = drive(address, spec);
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed >= 8, "{:?}", main.counts);
    assert!(main.transfer.sent_bytes >= 8_000_000, "{:?}", main.transfer);
}

#[test]
fn each_failure_has_its_class_and_the_connection_goes_on() {
    let cases: [(ErrorClass, Behave); 5] = [
        (ErrorClass::WrongStatus, |number, _, respond| {
            answer(respond, if number % 2 == 0 { 500 } else { 200 }, b"hello")
        }),
        (ErrorClass::WrongBody, |number, _, respond| {
            answer(respond, 200, if number % 2 == 0 { b"hello!" } else { b"hello" });
        }),
        (ErrorClass::StreamReset, |number, _, mut respond| {
            if number % 2 == 0 { respond.send_reset(Reason::INTERNAL_ERROR) } else { answer(respond, 200, b"hello") }
        }),
        (
            ErrorClass::Timeout,
            |number, _, respond| {
                if number % 2 == 0 { std::mem::forget(respond) } else { answer(respond, 200, b"hello") }
            },
        ),
        (ErrorClass::TooSlow, |number, _, mut respond| {
            if number % 2 == 1 {
                return answer(respond, 200, b"hello");
            }
            let response = http::Response::builder().header("content-type", "text/plain").body(()).unwrap();
            std::mem::forget(respond.send_response(response, false));
        }),
    ];
    for (class, behave) in cases {
        let began = Instant::now();
        let main = drive(server(100, behave), over_http2(1, 32, open(100.0)));
        assert!(main.counts.errors.get(class) >= 5, "{class:?}: {:?}", main.counts);
        assert_eq!(main.counts.errors.failed_requests(), main.counts.errors.get(class), "{:?}", main.counts);
        assert!(main.counts.completed >= 10, "{class:?}: {:?}", main.counts);
        assert_eq!(main.connections.established, 1, "{class:?}");
        assert!(began.elapsed() < Duration::from_secs(3));
    }
}

#[test]
fn a_server_that_speaks_another_protocol_is_refused() {
    let server = crate::support::Server::answering_after(Duration::ZERO);
    let spec = over_http2(1, 4, open(50.0));
    let good = StreamSpec::new("good", 1, open(50.0), vec![RequestSpec::get("/")]);
    let outcome = crate::support::drive(&server, &[spec, good], phases(0, 200, 100));
    assert!(outcome.streams[0].counts.errors.get(ErrorClass::BadHandshake) > 0, "{:?}", outcome.streams[0].counts);
    assert_eq!(outcome.streams[0].counts.sent, 0);
    assert_eq!(outcome.streams[1].counts.errors.failed_requests(), 0);
}
