//! The WebSocket server that is driven: sends each message back. Small buffers, so that ten thousand connections fit beside the generator.

use std::collections::HashMap;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

/// Most events taken at once.
const EVENTS_MAX: usize = 256;
/// Of each connection, either way.
const BUFFER_BYTES: usize = 1024;

/// Serves until the process ends. A connection that breaks is let go.
pub(crate) fn serve(listener: &TcpListener) -> anyhow::Result<()> {
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, listener, EventData::new_u64(token(listener)), EventFlags::IN)?;
    let mut connections: HashMap<u64, WebSocket<TcpStream>> = HashMap::new();
    let mut events = vec![Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; EVENTS_MAX];
    loop {
        let ready = epoll::wait(&epoll, &mut *events, None)?;
        for event in &events[..ready] {
            let ready = event.data.u64();
            if ready == token(listener) {
                while let Ok((stream, _)) = listener.accept() {
                    if let Some(connection) = greet(stream) {
                        let token = token(connection.get_ref());
                        epoll::add(&epoll, connection.get_ref(), EventData::new_u64(token), EventFlags::IN)?;
                        connections.insert(token, connection);
                    }
                }
            } else if !connections.get_mut(&ready).is_some_and(echo) {
                connections.remove(&ready);
            }
        }
    }
}

/// The handshake, for which the client has sent all that it takes.
fn greet(stream: TcpStream) -> Option<WebSocket<TcpStream>> {
    stream.set_nonblocking(false).ok()?;
    stream.set_nodelay(true).ok()?;
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = BUFFER_BYTES;
    config.write_buffer_size = 0;
    let connection = tungstenite::accept_with_config(stream, Some(config)).ok()?;
    connection.get_ref().set_nonblocking(true).ok()?;
    Some(connection)
}

/// Sends back what has come; whether the connection goes on.
fn echo(connection: &mut WebSocket<TcpStream>) -> bool {
    loop {
        match connection.read() {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                if connection.send(message).is_err() {
                    return false;
                }
            }
            Ok(_) => {}
            Err(Error::Io(error)) => return error.kind() == std::io::ErrorKind::WouldBlock,
            Err(_) => return false,
        }
    }
}

/// What stands for a socket in the poller.
fn token(socket: &impl AsRawFd) -> u64 {
    u64::try_from(socket.as_raw_fd()).unwrap_or_default()
}
