//! Peers that speak WebSocket, by another implementation than ours.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use load::arrival::Arrival;
use load::stream::StreamSpec;
use load::transport::Transport;
use load::websocket::{EchoSpec, Kind, Message};
use tungstenite::WebSocket;

use crate::support::{Client, Server};

/// A server that speaks WebSocket on each connection, and then does as told.
pub(crate) fn websocket_server(behave: impl Fn(&mut WebSocket<TcpStream>) + Send + Sync + 'static) -> Server {
    Server::start(move |client: &mut Client| {
        if let Ok(mut socket) = tungstenite::accept(client.stream()) {
            behave(&mut socket);
        }
    })
}

/// Sends back every message until the client closes.
pub(crate) fn echo_back(socket: &mut WebSocket<TcpStream>) {
    while let Ok(message) = socket.read() {
        if (message.is_text() || message.is_binary()) && socket.send(message).is_err() {
            return;
        }
    }
}

/// Sends bytes past the WebSocket implementation.
pub(crate) fn send_raw(socket: &mut WebSocket<TcpStream>, bytes: &[u8]) {
    let _ = socket.get_mut().write_all(bytes);
}

/// A frame as a server sends it; short ones only.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, u8::try_from(payload.len()).unwrap()][..], payload].concat()
}

pub(crate) fn text(payload: &str) -> Message {
    Message { kind: Kind::Text, payload: payload.as_bytes().to_vec() }
}

pub(crate) fn echo_stream(connections: u32, arrival: Arrival, messages: Vec<Message>) -> StreamSpec {
    let echo = EchoSpec { path: "/echo".to_owned(), headers: Vec::new(), messages };
    let stream = StreamSpec::new("main", connections, arrival, Vec::new()).over(Transport::WebSocketEcho(echo));
    StreamSpec { timeout: Duration::from_millis(200), ..stream }
}
