//! Servers that end a connection with an answer, after it or within it: readiness is told once, so what comes together with the end must
//! be read up to it, and the end itself noticed before the next request is sent.

use std::time::Duration;

use crate::support::{Client, Server, drive_one, open, phases, stream};
use load::error::ErrorClass;
use load::recorder::StreamOutcome;
use load::verify::{BodyCheck, Expect};

/// Requests of each run.
const DUE: u64 = 20;
/// Several of the generator's buffers, to the byte: a read that fills one says nothing of what is left.
const LONG_BYTES: usize = 3 * 64 * 1024;

/// A run against a server that reads a request on each connection, answers, and ends as told.
fn run(body: BodyCheck, ends: impl Fn(&mut Client) + Send + Sync + 'static) -> StreamOutcome {
    let server = Server::start(move |client: &mut Client| {
        if client.read_request() {
            ends(client);
        }
    });
    let mut spec = stream(2, open(50.0));
    spec.timeout = Duration::from_millis(300);
    spec.steps[0].expect = Expect { body, ..Expect::default() };
    drive_one(&server, spec, phases(0, 400, 500))
}

/// All was answered, but for the last ones on a busy machine, and no request met a connection whose end had not been noticed.
fn assert_all_answered(main: &StreamOutcome) {
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert_eq!((main.counts.due, main.totals.retries), (DUE, 0), "{:?}", main.counts);
    assert!(main.counts.completed > DUE / 2, "{:?}", main.counts);
    assert!(main.connections.established > DUE / 2, "{:?}", main.connections);
}

/// Resets the connection once it is closed.
fn resets(client: &Client) {
    rustix::net::sockopt::set_socket_linger(client.stream(), Some(Duration::ZERO)).unwrap();
}

#[test]
fn an_answer_that_comes_with_the_end_counts_and_the_end_is_noticed() {
    assert_all_answered(&run(BodyCheck::Exact(b"ok".to_vec()), Client::answer_ok));
}

#[test]
fn a_body_that_ends_with_the_connection_is_whole() {
    assert_all_answered(&run(BodyCheck::Exact(b"ok".to_vec()), |client| client.send("HTTP/1.1 200 OK\r\n\r\nok")));
    let long = "x".repeat(LONG_BYTES);
    let main = run(BodyCheck::Length(LONG_BYTES as u64), move |client| {
        client.send(&format!("HTTP/1.1 200 OK\r\n\r\n{long}"));
    });
    assert_all_answered(&main);
}

#[test]
fn a_long_answer_of_a_known_length_is_read_to_its_end() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {LONG_BYTES}\r\n\r\n");
    let answer = format!("{head}{}", "x".repeat(LONG_BYTES));
    assert_all_answered(&run(BodyCheck::Length(LONG_BYTES as u64), move |client| client.send(&answer)));
}

#[test]
fn a_reset_after_the_whole_answer_is_no_error_of_the_request() {
    let main = run(BodyCheck::Exact(b"ok".to_vec()), |client| {
        resets(client);
        client.answer_ok();
    });
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed > DUE / 2, "{:?}", main.counts);
}

#[test]
fn a_reset_within_an_answer_is_a_reset() {
    let main = run(BodyCheck::Any, |client| {
        resets(client);
        client.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok");
    });
    assert_eq!(main.counts.completed, 0, "{:?}", main.counts);
    assert_eq!(main.counts.errors.get(ErrorClass::Reset), main.counts.errors.failed_requests(), "{:?}", main.counts);
    assert!(main.counts.errors.failed_requests() > DUE / 2, "{:?}", main.counts);
}

#[test]
fn a_half_close_within_an_answer_truncates_and_after_it_is_noticed() {
    let half_closes = |answer: &'static str| {
        move |client: &mut Client| {
            client.send(answer);
            let _ = client.stream().shutdown(std::net::Shutdown::Write);
            client.read_request();
        }
    };
    let within = run(BodyCheck::Any, half_closes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"));
    assert_eq!(within.counts.errors.get(ErrorClass::Truncated), within.counts.errors.failed_requests());
    assert!(within.counts.completed == 0 && within.counts.errors.failed_requests() > DUE / 2, "{:?}", within.counts);
    assert_all_answered(&run(BodyCheck::Any, half_closes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")));
}
