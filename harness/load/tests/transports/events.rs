//! Server-sent events: time to the first event, gaps, order and loss, and how streams end.

use std::time::Duration;

use load::arrival::Arrival;
use load::error::ErrorClass;
use load::events::EventsSpec;
use load::request::RequestSpec;
use load::stream::StreamSpec;
use load::transport::Transport;

use crate::support::{Client, Server, closed, drive_one, open, phases};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

fn event(id: u32) -> String {
    chunk(&format!("id: {id}\ndata: x\n\n"))
}

fn subscriptions(connections: u32, arrival: Arrival) -> StreamSpec {
    let mut request = RequestSpec::get("/events");
    request.expect.content_type = Some("text/event-stream".to_owned());
    let stream = StreamSpec::new("main", connections, arrival, vec![request]);
    StreamSpec { timeout: Duration::from_millis(150), ..stream.over(Transport::Events(EventsSpec::default())) }
}

/// Sends events with these numbers, with a pause before each, to each request.
fn sending(ids: impl Fn() -> Box<dyn Iterator<Item = u32>> + Send + Sync + 'static, pause_ms: u64) -> Server {
    Server::start(move |client: &mut Client| {
        while client.read_request() {
            client.send(HEAD);
            for id in ids() {
                std::thread::sleep(Duration::from_millis(pause_ms));
                client.send(&event(id));
            }
            client.send("0\r\n\r\n");
        }
    })
}

#[test]
fn streams_that_end_are_measured_from_their_first_event_to_their_last() {
    let server = sending(|| Box::new(1..=4), 10);
    let main = drive_one(&server, subscriptions(4, open(50.0)), phases(0, 400, 300));
    let events = main.events.unwrap();
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed >= 18, "{:?}", main.counts);
    assert!(main.response_time.min() >= 9_900_000 && main.response_time.max() < 100_000_000);
    assert!((main.counts.completed - 4..=main.counts.completed).contains(&events.ended));
    assert!(events.received >= 4 * events.ended);
    // Gaps to the millisecond are tested without a host, beside `Subscription`: one that stalls delivers two events at once, a gap that is
    // too short beside one that is too long.
    assert!(events.gaps.value_at_quantile(0.25) >= 9_000_000 && events.gaps.len() >= 3 * events.ended);
    assert_eq!((events.lost, events.out_of_order, events.duplicates), (0, 0, 0));
}

#[test]
fn a_stream_that_never_ends_is_stopped_with_the_window() {
    let server = sending(|| Box::new(1..), 5);
    let main = drive_one(&server, subscriptions(3, closed()), phases(50, 300, 1_000));
    let events = main.events.unwrap();
    assert_eq!((events.stopped, events.ended), (3, 0));
    assert_eq!(events.broken.failed_requests(), 0);
    assert!((90..=183).contains(&events.received), "3 streams, one event each 5 ms or a little more");
}

#[test]
fn numbers_tell_loss_order_and_repetition() {
    let server = sending(|| Box::new([1, 2, 5, 5, 4, 6].into_iter()), 0);
    let main = drive_one(&server, subscriptions(1, open(20.0)), phases(0, 200, 300));
    let (events, streams) = (main.events.unwrap(), 4);
    // From 2 to 5 two are left out, and from 4 to 6 one.
    assert_eq!((events.lost, events.duplicates, events.out_of_order), (3 * streams, streams, streams));
}

#[test]
fn a_stream_that_falls_silent_or_breaks_is_told_from_one_that_ends() {
    let silent = Server::start(|client: &mut Client| {
        if client.read_request() {
            client.send(&[HEAD, &event(1)].concat());
            std::thread::sleep(Duration::from_secs(2));
        }
    });
    let main = drive_one(&silent, subscriptions(2, closed()), phases(0, 400, 200));
    let events = main.events.unwrap();
    assert!(events.broken.get(ErrorClass::TooSlow) >= 2);
    assert!(events.gaps.max() >= 149_000_000);
    let breaking = Server::start(|client: &mut Client| {
        if client.read_request() {
            client.send(&[HEAD, &event(1)].concat());
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let events = drive_one(&breaking, subscriptions(2, closed()), phases(0, 200, 200)).events.unwrap();
    assert!(events.broken.get(ErrorClass::Truncated) >= 2);
}

#[test]
fn an_answer_without_events_is_wrong() {
    let cases = [
        (HEAD.replace("200 OK", "503 No") + "0\r\n\r\n", ErrorClass::WrongStatus),
        (HEAD.replace("event-stream", "html") + &event(1) + "0\r\n\r\n", ErrorClass::WrongBody),
        (HEAD.to_owned() + "0\r\n\r\n", ErrorClass::WrongBody),
        (HEAD.to_owned() + &chunk("data: x\n"), ErrorClass::TooSlow),
        (HEAD.to_owned() + "4\r\n\u{1f600}\r\n" + "1\r\n", ErrorClass::TooSlow),
    ];
    for (answer, class) in cases {
        let sent = answer.clone();
        let server = Server::start(move |client: &mut Client| {
            while client.read_request() {
                client.send(&sent);
            }
        });
        let main = drive_one(&server, subscriptions(2, open(50.0)), phases(0, 300, 300));
        assert!(main.counts.errors.get(class) > 0, "{answer:?}: {:?}", main.counts);
        assert_eq!(main.counts.errors.failed_requests(), main.counts.errors.get(class), "{answer:?}");
        assert_eq!(main.counts.completed, 0, "{answer:?}");
    }
}
