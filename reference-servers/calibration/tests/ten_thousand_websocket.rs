//! Ten thousand connections over WebSocket, in a process of their own, since its memory is measured.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod many;
mod server;

use load::arrival::{Arrival, Spacing};
use load::stream::StreamSpec;
use load::transport::Transport;
use load::websocket::{EchoSpec, Kind, Message};
use many::{MANY, hold};

#[test]
#[ignore = "built without optimisation, the server needs a quarter of a minute to shake ten thousand hands"]
fn ten_thousand_connections_are_held_in_little_memory() {
    let probes = Arrival::Open { rate_per_s: 500.0, spacing: Spacing::Constant };
    let messages = vec![Message { kind: Kind::Text, payload: b"hello".to_vec() }];
    let echo = EchoSpec { path: "/ws/echo".to_owned(), headers: Vec::new(), messages };
    let stream = StreamSpec::new("main", MANY, probes, Vec::new()).over(Transport::WebSocketEcho(echo));
    match hold(stream, 700.0) {
        Some(each) => eprintln!("WebSocket: {each} bytes for each of {MANY} connections"),
        None => eprintln!("not tested: fewer than {MANY} files may be open; raise `ulimit -n`"),
    }
}
