//! WebSocket echo: four clocks and verification as for requests, pings, fragments, the close.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use load::error::ErrorClass;
use load::run::Ending;
use load::websocket::{Kind, Message};
use tungstenite::Message as Sent;

use crate::peers::{echo_back, echo_stream, frame, send_raw, text, websocket_server};
use crate::support::{closed, drive_ended, drive_one, open, phases};

#[test]
fn every_message_comes_back_and_is_timed() {
    let server = websocket_server(|socket| {
        while let Ok(message) = socket.read() {
            std::thread::sleep(Duration::from_millis(10));
            if message.is_close() || socket.send(message).is_err() {
                return;
            }
        }
    });
    let messages = vec![text("a"), Message { kind: Kind::Binary, payload: vec![7; 70_000] }, text(&"€".repeat(100))];
    let main = drive_one(&server, echo_stream(4, open(100.0), messages), phases(50, 300, 300));
    assert_eq!((main.counts.due, main.counts.errors.failed_requests()), (30, 0), "{:?}", main.counts);
    assert!(main.counts.completed >= 25, "{:?}", main.counts);
    assert!(main.response_time.min() >= 9_900_000, "the answer takes 10 ms");
    assert!(main.first_byte.min() >= 9_900_000);
    assert_eq!((main.connections.established, main.connections.alive, main.connections.lost), (4, 4, 0));
}

#[test]
fn a_closed_loop_keeps_one_message_a_connection_under_way() {
    let server = websocket_server(echo_back);
    let main = drive_one(&server, echo_stream(3, closed(), vec![text("hello")]), phases(50, 200, 300));
    assert!(main.counts.completed > 30, "{:?}", main.counts);
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.in_flight_mean > 1.5 && main.in_flight_mean <= 3.0, "{}", main.in_flight_mean);
}

#[test]
fn pings_between_fragments_are_answered() {
    let pongs = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&pongs);
    let server = websocket_server(move |socket| {
        loop {
            match socket.read() {
                Ok(Sent::Text(text)) => {
                    let (left, right) = text.as_bytes().split_at(2);
                    let parts = [frame(0x01, left), frame(0x89, b"still there?"), frame(0x80, right)].concat();
                    send_raw(socket, &parts);
                }
                Ok(Sent::Pong(payload)) if &payload[..] == b"still there?" => {
                    counter.fetch_add(1, Ordering::SeqCst);
                }
                Ok(Sent::Pong(_)) | Err(_) => return,
                Ok(_) => {}
            }
        }
    });
    let main = drive_one(&server, echo_stream(2, open(100.0), vec![text("hello")]), phases(0, 200, 300));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed >= 15, "{:?}", main.counts);
    assert!(pongs.load(Ordering::SeqCst) >= main.counts.completed);
}

#[test]
fn the_connection_is_closed_as_the_protocol_wants_it() {
    let closes = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&closes);
    let server = websocket_server(move |socket| {
        while let Ok(message) = socket.read() {
            if let Sent::Close(Some(close)) = &message
                && u16::from(close.code) == 1000
            {
                counter.fetch_add(1, Ordering::SeqCst);
            }
            if message.is_text() {
                socket.send(message).unwrap();
            }
        }
    });
    drive_one(&server, echo_stream(3, open(100.0), vec![text("hello")]), phases(0, 100, 300));
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(closes.load(Ordering::SeqCst), 3);
}

#[test]
fn another_message_than_sent_is_a_wrong_body() {
    for wrong in [Sent::text("hellO"), Sent::text("hello!"), Sent::binary(b"hello".as_slice()), Sent::text("")] {
        let server = websocket_server(move |socket| {
            while let Ok(message) = socket.read() {
                if message.is_close() || socket.send(wrong.clone()).is_err() {
                    return;
                }
            }
        });
        let main = drive_one(&server, echo_stream(1, open(50.0), vec![text("hello")]), phases(0, 100, 300));
        assert!(main.counts.errors.get(ErrorClass::WrongBody) > 0, "{:?}", main.counts);
        assert_eq!(main.counts.completed, 0, "{:?}", main.counts);
    }
}

#[test]
fn a_server_that_closes_is_noticed_and_connected_to_again() {
    let server = websocket_server(|socket| {
        for _ in 0..3 {
            match socket.read() {
                Ok(message) if message.is_text() => socket.send(message).unwrap(),
                _ => return,
            }
        }
        let _ = socket.read();
        let _ = socket.close(None);
        let _ = socket.flush();
        while socket.read().is_ok() {}
    });
    let main = drive_one(&server, echo_stream(1, open(100.0), vec![text("hello")]), phases(0, 300, 300));
    assert!(main.counts.errors.get(ErrorClass::Closed) > 0, "{:?}", main.counts);
    assert!(main.counts.completed > 10, "{:?}", main.counts);
    assert!(main.connections.established > 3 && main.connections.lost >= 3, "{:?}", main.connections);
}

#[test]
fn connections_left_open_end_with_the_outcome_and_not_before() {
    let ended = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&ended);
    let server = websocket_server(move |socket| {
        echo_back(socket);
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let streams = [echo_stream(3, closed(), vec![text("hello")])];
    let outcome = drive_ended(&server, &streams, phases(50, 200, 300), Ending::LeaveOpen);
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!((outcome.left_open.count(), ended.load(Ordering::SeqCst)), (3, 0));
    drop(outcome);
    let deadline = std::time::Instant::now() + Duration::from_secs(5);
    while ended.load(Ordering::SeqCst) < 3 {
        assert!(std::time::Instant::now() < deadline, "{} of 3 ended", ended.load(Ordering::SeqCst));
        std::thread::sleep(Duration::from_millis(5));
    }
    let closed = drive_ended(&server, &streams, phases(50, 200, 300), Ending::Close);
    assert_eq!(closed.left_open.count(), 0);
}
