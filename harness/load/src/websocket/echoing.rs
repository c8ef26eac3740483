//! A client that sends back every message it gets: what suites of conformance tests, such as Autobahn's, want to see.
//!
//! It is the connection that the load uses, on a blocking socket of its own, so that what such a suite says of it is true of the
//! load. It measures nothing.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Kind;
use super::connection::{Stage, WebSocket};
use super::frames::{FrameError, Item};
use super::handshake::Handshake;

/// Longest message that is sent back; the suites' longest has 16 MiB.
const MESSAGE_BYTES_MAX: u64 = 32 << 20;
/// Longest wait for anything.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Read at once.
const BUFFER_BYTES: usize = 64 * 1024;
/// Any bytes do: the server only hashes them.
const NONCE: [u8; 16] = *b"claimbench echo!";

/// Connects to a path and sends back what comes, until the server closes or breaks the protocol; the last message that was whole.
///
/// # Errors
/// When the connection cannot be opened, breaks, or nothing comes for half a minute. A server that breaks the protocol is none:
/// the client fails the connection, as RFC 6455 wants it (section 7.1.7).
pub fn echo(address: SocketAddr, path: &str) -> io::Result<Vec<u8>> {
    let handshake = Handshake::new(path, &[], &address.to_string(), NONCE).map_err(io::Error::other)?;
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(TIMEOUT))?;
    socket.set_write_timeout(Some(TIMEOUT))?;
    let mut client =
        Echoing { connection: WebSocket::new(), kind: Kind::Binary, message: Vec::new(), last: Vec::new() };
    client.connection.begin(&handshake, MESSAGE_BYTES_MAX);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let unwritten = client.connection.unwritten();
        socket.write_all(unwritten)?;
        client.connection.wrote(unwritten.len());
        let count = match socket.read(&mut buffer) {
            Ok(0) => return Ok(client.last),
            Ok(count) => count,
            // The suites close at once where that is what they expect.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(client.last),
            Err(error) => return Err(error),
        };
        if client.take(&handshake, &buffer[..count])? == Goes::Over {
            // Answered as far as it can be; whether the server reads it is its own affair.
            let _ = socket.write_all(client.connection.unwritten());
            return Ok(client.last);
        }
    }
}

struct Echoing {
    connection: WebSocket,
    kind: Kind,
    message: Vec<u8>,
    last: Vec<u8>,
}

/// Whether a connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    On,
    Over,
}

impl Echoing {
    /// Takes the next bytes, and queues what they want as an answer.
    fn take(&mut self, handshake: &Handshake, bytes: &[u8]) -> io::Result<Goes> {
        let mut at = 0;
        if self.connection.stage == Stage::Handshake {
            match self.connection.take_head(handshake, bytes) {
                Ok(None) => return Ok(Goes::On),
                Ok(Some(consumed)) => at = consumed,
                Err(class) => return Err(io::Error::other(class.name())),
            }
        }
        loop {
            let item = match self.connection.frames.next(bytes, &mut at) {
                Ok(None) => return Ok(Goes::On),
                Ok(Some(item)) => item,
                Err(error) => return Ok(self.fail(error)),
            };
            match item {
                Item::Begin(kind) => {
                    self.kind = kind;
                    self.message.clear();
                }
                Item::Part { from, to } => self.message.extend_from_slice(&bytes[from..to]),
                Item::End => {
                    self.connection.queue_message(self.kind, &self.message);
                    self.last.clone_from(&self.message);
                }
                Item::Ping => self.connection.queue_pong(),
                Item::Pong => {}
                Item::Close => {
                    self.connection.queue_close_reply();
                    return Ok(Goes::Over);
                }
            }
        }
    }

    fn fail(&mut self, error: FrameError) -> Goes {
        self.connection.queue_failure(error);
        Goes::Over
    }
}
