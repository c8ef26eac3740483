//! WebSocket: an echo, and rooms in which everyone receives what anyone sends. Never compressed.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures_util::{SinkExt, StreamExt};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::pattern::Body;
use crate::problem::upgrade_required;
use crate::routes::Server;

/// Longest message that is taken.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Read at once: small, since ten thousand connections have one each.
const READ_BYTES: usize = 4 * 1024;
/// Messages that may wait for one member of a room; whoever is further behind is disconnected.
const BEHIND_MAX: usize = 1_024;

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// The members of all rooms.
#[derive(Default)]
pub(crate) struct Rooms {
    members: RefCell<HashMap<String, HashMap<u64, Sender<Message>>>>,
    next: Cell<u64>,
}

impl Rooms {
    fn join(&self, room: &str) -> (u64, Receiver<Message>) {
        let (sender, receiver) = channel(BEHIND_MAX);
        let member = self.next.replace(self.next.get() + 1);
        self.members.borrow_mut().entry(room.to_owned()).or_default().insert(member, sender);
        (member, receiver)
    }

    fn leave(&self, room: &str, member: u64) {
        let mut rooms = self.members.borrow_mut();
        if let Some(members) = rooms.get_mut(room) {
            members.remove(&member);
            if members.is_empty() {
                rooms.remove(room);
            }
        }
    }

    /// Passes a message to everyone in the room. A member who is too far behind loses its place.
    fn broadcast(&self, room: &str, message: &Message) {
        if let Some(members) = self.members.borrow_mut().get_mut(room) {
            members.retain(|_, member| member.try_send(message.clone()).is_ok());
        }
    }
}

/// Answers a handshake, and goes on with the connection once that has been sent.
pub(crate) fn answer(server: &Rc<Server>, request: &mut Request<Incoming>) -> Response<Body> {
    let header = |name| request.headers().get(name);
    let asks = header(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let Some(key) = header(SEC_WEBSOCKET_KEY).filter(|_| asks) else { return upgrade_required() };
    let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) else { return upgrade_required() };
    let room = request.uri().path().strip_prefix("/ws/rooms/").map(str::to_owned);
    let upgrade = hyper::upgrade::on(request);
    tokio::task::spawn_local(serve(Rc::clone(server), upgrade, room));
    let mut response = Response::new(Body::full(""));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    response.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    response
}

async fn serve(server: Rc<Server>, upgrade: OnUpgrade, room: Option<String>) {
    // An error is the client's: it went away before it had its answer.
    let Ok(upgraded) = upgrade.await else { return };
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    match room {
        None => echo(&server, socket).await,
        Some(room) => {
            let (member, messages) = server.rooms.join(&room);
            take_part(&server, socket, &room, messages).await;
            server.rooms.leave(&room, member);
        }
    }
}

async fn echo(server: &Server, mut socket: Socket) {
    while let Some(received) = socket.next().await {
        let answer = match received {
            Ok(message) if message.is_text() || message.is_binary() => {
                server.count();
                message
            }
            Ok(_) => continue,
            Err(error) => goodbye(&error),
        };
        if socket.send(answer).await.is_err() {
            return;
        }
    }
}

/// Says why a connection is closed (RFC 6455, section 7.4.1).
fn goodbye(error: &Error) -> Message {
    let code = match error {
        Error::Capacity(_) => CloseCode::Size,
        Error::Utf8(_) => CloseCode::Invalid,
        _ => CloseCode::Protocol,
    };
    Message::Close(Some(CloseFrame { code, reason: "".into() }))
}

/// One member's part in a room, until it goes or is too far behind.
async fn take_part(server: &Server, socket: Socket, room: &str, mut messages: Receiver<Message>) {
    let (mut sink, mut stream) = socket.split();
    loop {
        tokio::select! {
            received = stream.next() => match received {
                Some(Ok(message)) if message.is_text() || message.is_binary() => {
                    server.count();
                    server.rooms.broadcast(room, &message);
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    // One that has gone hears it no more.
                    let _ = sink.send(goodbye(&error)).await;
                    return;
                }
                None => return,
            },
            message = messages.recv() => match message {
                Some(message) => if sink.send(message).await.is_err() { return },
                None => return,
            },
        }
    }
}
