//! Holds a dialogue of the contract with a running server, and says in words what is wrong.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use tungstenite::client::IntoClientRequest;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{HandshakeError, WebSocket};

use super::dialogue::{Dialogue, Hear, Message, Say, Step};
use crate::loopback::{Loopback, Patience};

/// What stands in a path for a name of its own.
const FRESH: &str = "{fresh}";
/// How much of a wrong message is shown.
const SHOWN_CHARACTERS: usize = 120;
/// Frames that may come before the one that is waited for, such as a server's pings.
const FRAMES_MAX: usize = 64;

type Socket<'a> = WebSocket<Loopback<'a>>;

/// Holds a dialogue with the server on a port, as long as the patience lasts.
pub(super) fn wrong(dialogue: &Dialogue, port: u16, patience: Patience<'_>) -> Option<String> {
    let path = dialogue.path.replace(FRESH, &fresh());
    if let Some(status) = dialogue.refused {
        return refusal(&path, port, patience, status).err();
    }
    let sockets: Result<Vec<Socket<'_>>, Refused> =
        (0..dialogue.connections).map(|_| open(&path, port, patience)).collect();
    let mut sockets = match sockets {
        Ok(sockets) => sockets,
        Err(refused) => return Some(refused.in_words()),
    };
    dialogue.steps.iter().enumerate().find_map(|(at, step)| {
        let number = at + 1;
        take(step, &mut sockets).err().map(|wrong| format!("step {number}: {wrong}"))
    })
}

/// A name that no dialogue of this process or another has had.
fn fresh() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("check-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Why there is no connection.
enum Refused {
    Status(u16),
    Broken(String),
}

impl Refused {
    fn in_words(&self) -> String {
        match self {
            Self::Status(status) => format!("the handshake was answered by status {status}"),
            Self::Broken(error) => format!("no handshake: {error}"),
        }
    }
}

fn open<'a>(path: &str, port: u16, patience: Patience<'a>) -> Result<Socket<'a>, Refused> {
    let broken = |error: &dyn std::fmt::Display| Refused::Broken(error.to_string());
    let stream = Loopback::connect(port, patience).map_err(|error| broken(&error))?;
    let request = format!("ws://127.0.0.1:{port}{path}").into_client_request().map_err(|error| broken(&error))?;
    match tungstenite::client::client(request, stream) {
        Ok((socket, answer)) => match answer.headers().get("sec-websocket-extensions") {
            // None was asked for, so that none may be used.
            Some(extension) => Err(Refused::Broken(format!("the server uses the extension {extension:?}"))),
            None => Ok(socket),
        },
        Err(HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
            Err(Refused::Status(answer.status().as_u16()))
        }
        Err(HandshakeError::Failure(error)) => Err(broken(&error)),
        Err(HandshakeError::Interrupted(_)) => unreachable!("a read waits, and ends in an answer or an error"),
    }
}

fn refusal(path: &str, port: u16, patience: Patience<'_>, wanted: u16) -> Result<(), String> {
    match open(path, port, patience) {
        Err(Refused::Status(status)) if status == wanted => Ok(()),
        Err(refused) => Err(format!("{}, where {wanted} is to refuse it", refused.in_words())),
        Ok(_) => Err(format!("the handshake was accepted, where {wanted} is to refuse it")),
    }
}

fn take(step: &Step, sockets: &mut [Socket<'_>]) -> Result<(), String> {
    match step {
        Step::Say(Say { by, message, repeat }) => {
            numbered(sockets, *by)?.send(content(message, *repeat)).map_err(|error| format!("not sent: {error}"))
        }
        Step::Hear(Hear { by: Some(by), message, repeat }) => hear(numbered(sockets, *by)?, &content(message, *repeat)),
        Step::Hear(Hear { by: None, message, repeat }) => {
            let wanted = content(message, *repeat);
            let heard =
                |(number, socket)| hear(socket, &wanted).map_err(|wrong| format!("connection {number}: {wrong}"));
            sockets.iter_mut().enumerate().try_for_each(heard)
        }
        Step::Raw(raw) => {
            let stream = numbered(sockets, raw.by)?.get_mut();
            stream.write_all(&raw.bytes.0.repeat(raw.repeat)).map_err(|error| format!("not sent: {error}"))
        }
        Step::Closed(closed) => is_closed(numbered(sockets, closed.by)?, closed.code),
        Step::Leave(leave) => {
            let socket = numbered(sockets, leave.by)?;
            socket.close(None).map_err(|error| format!("no goodbye: {error}"))?;
            // Without a code, the answer has none either.
            is_closed(socket, CloseCode::Status.into())
        }
    }
}

fn numbered<'s, 'a>(sockets: &'s mut [Socket<'a>], number: usize) -> Result<&'s mut Socket<'a>, String> {
    let count = sockets.len();
    sockets.get_mut(number).ok_or_else(|| format!("the dialogue has no connection {number}, only {count} of them"))
}

fn content(message: &Message, repeat: usize) -> tungstenite::Message {
    match message {
        Message::Text(text) => tungstenite::Message::text(text.repeat(repeat)),
        Message::Binary(bytes) => tungstenite::Message::binary(bytes.0.repeat(repeat)),
    }
}

/// The next message that is none of the protocol's own.
fn next(socket: &mut Socket<'_>) -> Result<tungstenite::Message, tungstenite::Error> {
    for _ in 0..FRAMES_MAX {
        let message = socket.read()?;
        if !(message.is_ping() || message.is_pong()) {
            return Ok(message);
        }
    }
    Err(tungstenite::Error::AttackAttempt)
}

fn hear(socket: &mut Socket<'_>, wanted: &tungstenite::Message) -> Result<(), String> {
    match next(socket) {
        Ok(heard) if heard == *wanted => Ok(()),
        Ok(heard) => Err(format!("{} instead of {}", shown(&heard), shown(wanted))),
        Err(error) => Err(format!("{error} instead of {}", shown(wanted))),
    }
}

fn is_closed(socket: &mut Socket<'_>, wanted: u16) -> Result<(), String> {
    match next(socket) {
        Ok(tungstenite::Message::Close(frame)) => {
            let code = frame.map_or_else(|| CloseCode::Status.into(), |frame| u16::from(frame.code));
            if code == wanted { Ok(()) } else { Err(format!("closed with {code} instead of {wanted}")) }
        }
        Ok(heard) => Err(format!("{} instead of a close with {wanted}", shown(&heard))),
        Err(error) => Err(format!("{error} instead of a close with {wanted}")),
    }
}

fn shown(message: &tungstenite::Message) -> String {
    let text = match message {
        tungstenite::Message::Text(text) => format!("the text `{text}`"),
        tungstenite::Message::Binary(bytes) => format!("the bytes {bytes:02x?}"),
        tungstenite::Message::Close(Some(frame)) => format!("a close with {}", u16::from(frame.code)),
        other => format!("{other:?}"),
    };
    let short: String = text.chars().take(SHOWN_CHARACTERS).collect();
    if short.len() < text.len() { format!("{short} …") } else { short }
}

#[cfg(test)]
mod tests;
