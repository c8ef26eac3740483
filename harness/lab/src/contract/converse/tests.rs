//! Dialogues with servers that are right and with servers that are wrong, each of a few lines.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use tungstenite::Message as Frame;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};

use super::*;

type Socket = WebSocket<TcpStream>;

fn wrong(dialogue: &Dialogue, port: u16) -> Option<String> {
    super::wrong(dialogue, port, Patience::default().at_most(Duration::from_millis(500)))
}

/// Serves connections one after the other, all of them in one thread each.
fn serving(serve: fn(Socket)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                #[expect(clippy::result_large_err, reason = "the type of the callback is tungstenite's")]
                let denies = |request: &Request, response: Response| match request.uri().path() {
                    "/denied" => {
                        let mut denied = ErrorResponse::new(None);
                        *denied.status_mut() = tungstenite::http::StatusCode::NOT_FOUND;
                        Err(denied)
                    }
                    _ => Ok(response),
                };
                if let Ok(socket) = tungstenite::accept_hdr(stream, denies) {
                    serve(socket);
                }
            });
        }
    });
    port
}

fn echo(mut socket: Socket) {
    while let Ok(message) = socket.read() {
        if (message.is_text() || message.is_binary()) && socket.send(message).is_err() {
            return;
        }
    }
}

fn dialogue(text: &str) -> Dialogue {
    toml::from_str(&format!("name = 'n'\npath = '/echo/{{fresh}}'\n{text}")).expect("it is right")
}

const ECHO: &str = "connections = 2\nsteps = [{ say = { by = 1, message = { text = 'é' }, repeat = 3 } }, { hear = { by = 1, message = { text = \
                    'ééé' } } }, { say = { message = { binary = '00ff' } } }, { hear = { by = 0, message = { binary = '00ff' } } }, { leave = \
                    { } }]";

#[test]
fn an_echo_is_right_and_what_is_none_is_not() {
    assert_eq!(wrong(&dialogue(ECHO), serving(echo)), None);
    let deaf = serving(|mut socket| while socket.read().is_ok() {});
    assert!(wrong(&dialogue(ECHO), deaf).is_some_and(|text| text.starts_with("step 2: ")));
    let other = serving(|mut socket| {
        let _ = socket.read().and_then(|_| socket.send(Frame::text("other")));
    });
    let found = wrong(&dialogue(ECHO), other).expect("it is wrong");
    assert!(found.contains("`other`") && found.contains("`ééé`"), "{found}");
}

#[test]
fn frames_may_be_sent_as_they_are_and_again() {
    let parts = "steps = [{ raw = { bytes = '01 81 00000000 61' } }, { raw = { bytes = '00 81 00000000 62', repeat = 2 } }, { raw = { \
                 bytes = '80 80 00000000' } }, { hear = { message = { text = 'abb' } } }]";
    assert_eq!(wrong(&dialogue(parts), serving(echo)), None);
}

#[test]
fn a_close_has_its_code() {
    // Not masked, which a client's frame must be.
    let unmasked =
        |code| dialogue(&format!("steps = [{{ raw = {{ bytes = '8100' }} }}, {{ closed = {{ code = {code} }} }}]"));
    let strict = serving(|mut socket| {
        let _ = socket.read();
        let frame = tungstenite::protocol::CloseFrame { code: CloseCode::Protocol, reason: "".into() };
        let _ = socket.close(Some(frame));
        let _ = socket.flush();
    });
    assert_eq!(wrong(&unmasked(1002), strict), None);
    assert!(wrong(&unmasked(1007), strict).is_some_and(|text| text.contains("1002 instead of 1007")));
    let careless = serving(drop);
    assert!(wrong(&unmasked(1002), careless).is_some());
}

#[test]
fn a_refusal_has_its_status() {
    let denied = |status| Dialogue { path: "/denied".to_owned(), ..dialogue(&format!("refused = {status}")) };
    let port = serving(echo);
    assert_eq!(wrong(&denied(404), port), None);
    assert!(wrong(&denied(403), port).is_some_and(|text| text.contains("status 404")));
    assert!(wrong(&dialogue("refused = 404"), port).is_some_and(|text| text.contains("accepted")));
}

#[test]
fn each_dialogue_has_a_name_of_its_own() {
    assert_ne!(fresh(), fresh());
}
