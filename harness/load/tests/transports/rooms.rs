//! Fan-out: reach, loss, duplicates and order are what the server did.

use std::collections::HashMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use load::fan_out::form::Form;
use load::fan_out::outcome::Deliveries;
use load::fan_out::{Audience, FanOutSpec};
use load::recorder::StreamOutcome;
use load::stream::StreamSpec;
use load::transport::Transport;
use load::websocket::Kind;
use tungstenite::handshake::server::{Request, Response};

use crate::peers::frame;
use crate::support::{Client, Server, drive_one, open, phases};

/// What the server does with the n-th message of a room for its m-th member.
type Deliver = fn(message: usize, member: usize) -> Fate;

#[derive(Clone, Copy)]
enum Fate {
    Once,
    Never,
    Twice,
    AfterTheNext,
}

#[derive(Default)]
struct Room {
    members: Vec<TcpStream>,
    messages: usize,
    held: HashMap<usize, Vec<u8>>,
}

impl Room {
    /// Rooms pass a message on as it is, documents with its number.
    fn broadcast(&mut self, is_document: bool, payload: &[u8], deliver: Deliver) {
        let number = format!("edit {:010} ", self.messages + 1);
        let frame = frame(0x81, &[if is_document { number.as_bytes() } else { b"" }, payload].concat());
        for (number, mut member) in self.members.iter().enumerate() {
            let bytes = match deliver(self.messages, number) {
                Fate::Once => frame.clone(),
                Fate::Never => Vec::new(),
                Fate::Twice => frame.repeat(2),
                Fate::AfterTheNext => {
                    self.held.insert(number, frame.clone());
                    continue;
                }
            };
            let _ = member.write_all(&[bytes, self.held.remove(&number).unwrap_or_default()].concat());
        }
        self.messages += 1;
    }
}

fn rooms_server(deliver: Deliver) -> Server {
    let rooms: Arc<Mutex<HashMap<String, Room>>> = Arc::default();
    Server::start(move |client: &mut Client| {
        let mut name = String::new();
        #[expect(clippy::result_large_err, reason = "the type of the callback is tungstenite's")]
        let note = |request: &Request, response: Response| {
            name = request.uri().path().to_owned();
            Ok(response)
        };
        let mut socket = tungstenite::accept_hdr(client.stream(), note).unwrap();
        let is_document = name.starts_with("/documents");
        if is_document {
            let _ = client.stream().write_all(&frame(0x81, b"document 0000000000 "));
        }
        rooms.lock().unwrap().entry(name.clone()).or_default().members.push(client.stream());
        while let Ok(message) = socket.read() {
            if message.is_text() {
                rooms.lock().unwrap().get_mut(&name).unwrap().broadcast(is_document, &message.into_data(), deliver);
            }
        }
    })
}

fn chat(rooms: u32, members: u32, rate_per_s: f64, deliver: Deliver) -> (StreamOutcome, Deliveries) {
    sent(Form::Message, rooms, members, rate_per_s, deliver)
}

fn sent(form: Form, rooms: u32, members: u32, rate_per_s: f64, deliver: Deliver) -> (StreamOutcome, Deliveries) {
    let spec = FanOutSpec {
        path: if form == Form::Edit { "/documents/{room}" } else { "/rooms/{room}" }.to_owned(),
        headers: Vec::new(),
        rooms,
        senders_per_room: 1,
        message_bytes: 100,
        kind: Kind::Text,
        form,
        audience: Audience::Everyone,
    };
    let stream = StreamSpec::new("chat", members, open(rate_per_s), Vec::new()).over(Transport::WebSocketFanOut(spec));
    let stream = StreamSpec { timeout: Duration::from_millis(200), ..stream };
    let outcome = drive_one(&rooms_server(deliver), stream, phases(100, 400, 400));
    let deliveries = outcome.deliveries.clone().unwrap();
    assert_eq!(deliveries.latency.len(), deliveries.expected);
    let of_rooms: u64 = deliveries.rooms.iter().map(|room| room.received).sum();
    assert_eq!(of_rooms, deliveries.received);
    (outcome, deliveries)
}

#[test]
fn everyone_in_the_room_gets_each_message_and_nobody_else() {
    let (outcome, deliveries) = chat(2, 10, 100.0, |_, _| Fate::Once);
    assert_eq!((outcome.counts.due, outcome.counts.sent), (40, 40));
    assert_eq!(deliveries.expected, 40 * 5);
    assert_eq!(deliveries.reach(), Some(1.0));
    assert_eq!((deliveries.late, deliveries.duplicates, deliveries.out_of_order, deliveries.foreign), (0, 0, 0, 0));
    for room in &deliveries.rooms {
        assert_eq!((room.expected, room.received), (100, 100));
        let in_seconds: u64 = room.seconds.iter().map(|second| second.received).sum();
        assert!((90..=100).contains(&in_seconds), "those after the window's end have no second: {in_seconds}");
        assert!(room.seconds[0].latency_ns_sum >= room.seconds[0].latency_ns_max);
    }
    // A message is done with its last delivery.
    assert!(outcome.response_time.value_at_quantile(0.5) >= deliveries.latency.value_at_quantile(0.5));
    assert!(outcome.response_time.max() < 200_000_000, "{}", outcome.response_time.max());
}

#[test]
fn what_is_lost_is_missing_from_the_reach() {
    // Member 3 of 4 never gets every other message.
    let (outcome, deliveries) =
        chat(1, 4, 100.0, |message, member| if member == 3 && message % 2 == 0 { Fate::Never } else { Fate::Once });
    assert_eq!(deliveries.expected, 160);
    assert_eq!(deliveries.received, 140);
    assert!(deliveries.latency.max() >= 195_000_000, "what never came took at least as long as it was waited for");
    let slow = outcome.counts.errors.timeouts() + outcome.counts.unanswered;
    assert!((18..=22).contains(&slow), "{:?}", outcome.counts);
}

#[test]
fn duplicates_and_a_changed_order_are_told() {
    let (_, deliveries) = chat(1, 3, 100.0, |message, member| match (member, message % 4) {
        (1, 0) => Fate::Twice,
        (2, 2) => Fate::AfterTheNext,
        _ => Fate::Once,
    });
    assert_eq!(deliveries.reach(), Some(1.0));
    // The warm-up's ten messages are among them.
    assert!((10..=13).contains(&deliveries.duplicates));
    assert!((10..=13).contains(&deliveries.out_of_order));
}

#[test]
fn edits_come_back_with_numbers_and_are_acknowledged() {
    let (outcome, deliveries) = sent(Form::Edit, 2, 6, 100.0, |_, _| Fate::Once);
    assert_eq!((deliveries.received, deliveries.foreign, deliveries.out_of_order), (deliveries.expected, 0, 0));
    assert_eq!(outcome.counts.errors.failed_requests(), 0);
    assert_eq!(deliveries.acknowledgement.len(), outcome.counts.due, "one for each edit");
    assert!(deliveries.acknowledgement.max() <= deliveries.latency.max());
}

#[test]
fn edits_in_another_order_than_their_numbers_are_counted() {
    let deliver: Deliver =
        |message, member| if member == 1 && message % 5 == 0 { Fate::AfterTheNext } else { Fate::Once };
    let (_, deliveries) = sent(Form::Edit, 1, 3, 100.0, deliver);
    assert_eq!(deliveries.received, deliveries.expected);
    // One that is too late breaks the order where it is missing and where it comes, and its sender's order too.
    assert!(deliveries.out_of_order >= 16, "{}", deliveries.out_of_order);
}

#[test]
fn an_acknowledgement_that_never_comes_took_at_least_as_long_as_was_waited() {
    let (outcome, deliveries) = chat(1, 4, 100.0, |_, _| Fate::Never);
    assert_eq!(deliveries.acknowledgement.len(), outcome.counts.due);
    assert!(deliveries.acknowledgement.min() >= 199_000_000, "{}", deliveries.acknowledgement.min());
}
