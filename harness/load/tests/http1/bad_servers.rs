//! Servers that misbehave: each ends in its own error class, within its timeout, while the run goes on.

use std::time::{Duration, Instant};

use crate::support::{Client, Server, closed, drive_one, open, phases, stream};
use load::error::ErrorClass;
use load::verify::{BodyCheck, Expect, JsonCheck};
use serde_json::json;

/// Every request fails with this class and no other, and in time.
fn assert_fails(expected: ErrorClass, behave: impl Fn(&mut Client) + Send + Sync + 'static) {
    let server = Server::start(behave);
    let mut spec = stream(2, open(50.0));
    spec.body_bytes_max = 100_000;
    spec.timeout = Duration::from_millis(100);
    let body = BodyCheck::Json(vec![JsonCheck::Contains(json!("ok"))]);
    spec.steps[0].expect = Expect { body, ..Expect::default() };
    let began = Instant::now();
    let main = drive_one(&server, spec, phases(0, 400, 300));
    assert!(began.elapsed() < Duration::from_secs(10), "{expected:?} took {:?}", began.elapsed());
    assert!(main.counts.errors.get(expected) > 0, "{expected:?}: {:?}", main.counts);
    assert_eq!(main.counts.errors.get(expected), main.counts.errors.failed_requests(), "{:?}", main.counts);
    assert_eq!(main.counts.completed, 0, "{expected:?}");
}

fn always(answer: impl Into<String>) -> impl Fn(&mut Client) + Send + Sync + 'static {
    let answer = answer.into();
    move |client| {
        while client.read_request() {
            client.send(&answer);
        }
    }
}

#[test]
fn a_server_that_stalls_times_out() {
    assert_fails(ErrorClass::Timeout, |client| while client.read_request() {});
}

#[test]
fn a_server_that_drips_is_too_slow() {
    assert_fails(ErrorClass::TooSlow, |client| {
        if client.read_request() {
            client.send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
            for _ in 0..40 {
                client.send("x");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    });
}

#[test]
fn a_server_that_hangs_up_unread_resets() {
    // Closing a socket with unread bytes resets the connection.
    assert_fails(ErrorClass::Reset, Client::wait_unread);
}

#[test]
fn a_server_that_closes_in_the_middle_truncates() {
    assert_fails(ErrorClass::Truncated, |client| {
        if client.read_request() {
            client.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok");
        }
    });
}

#[test]
fn a_server_that_closes_without_a_word_closes() {
    assert_fails(ErrorClass::Closed, |client| {
        client.read_request();
    });
}

#[test]
fn what_is_not_http_is_malformed() {
    assert_fails(ErrorClass::Malformed, always("HELLO THERE\r\n\r\n"));
    assert_fails(ErrorClass::BadLength, always("HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok"));
    assert_fails(ErrorClass::BadChunk, always("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"));
}

#[test]
fn more_than_announced_is_surplus() {
    assert_fails(ErrorClass::Surplus, always("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\"ok\" and more"));
}

#[test]
fn what_exceeds_the_bounds_is_too_large() {
    assert_fails(ErrorClass::TooLarge, always("HTTP/1.1 200 OK\r\ncontent-length: 100001\r\n\r\n"));
    assert_fails(ErrorClass::HeadTooLarge, always(format!("HTTP/1.1 200 OK\r\n{}", "x: y\r\n".repeat(200))));
    let chunk = format!("c350\r\n{}\r\n", "x".repeat(50_000)).repeat(3);
    assert_fails(ErrorClass::TooLarge, always(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}")));
}

#[test]
fn wrong_answers_are_told_apart() {
    assert_fails(ErrorClass::WrongStatus, always("HTTP/1.1 500 Oh\r\ncontent-length: 4\r\n\r\n\"ok\""));
    assert_fails(ErrorClass::WrongBody, always("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\"no\""));
    assert_fails(ErrorClass::WrongBody, always("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\"ok]"));
}

#[test]
fn a_kept_alive_connection_that_was_closed_is_no_fault_of_the_server() {
    // Each connection answers three requests, and closes when the fourth is on its way.
    let server = Server::start(|client| {
        for _ in 0..3 {
            if client.read_request() {
                client.answer_ok();
            }
        }
        client.read_request();
    });
    let main = drive_one(&server, stream(2, closed()), phases(0, 300, 300));
    assert!(main.counts.errors.get(ErrorClass::IdleReset) > 0, "{:?}", main.counts);
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.totals.retries > 0);
    assert!(main.counts.completed > 3);
}

#[test]
fn a_server_that_speaks_unasked_is_noticed() {
    let server = Server::start(|client| {
        while client.read_request() {
            client.answer_ok();
            std::thread::sleep(Duration::from_millis(20));
            client.send("HTTP/1.1 408 Too Slow\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let main = drive_one(&server, stream(1, open(10.0)), phases(0, 350, 200));
    assert!(main.counts.errors.get(ErrorClass::Unsolicited) > 0, "{:?}", main.counts);
    assert!(main.counts.completed > 0);
}

#[test]
fn one_bad_connection_does_not_disturb_the_others() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = Server::start(move |client| {
        let stalls = first.swap(false, std::sync::atomic::Ordering::SeqCst);
        while client.read_request() {
            if stalls {
                std::thread::sleep(Duration::from_secs(5));
                return;
            }
            client.answer_ok();
        }
    });
    let mut spec = stream(4, open(100.0));
    spec.timeout = Duration::from_millis(300);
    let main = drive_one(&server, spec, phases(0, 600, 300));
    assert_eq!(main.counts.errors.get(ErrorClass::Timeout), 1, "{:?}", main.counts);
    assert_eq!(main.counts.errors.failed_requests(), 1, "{:?}", main.counts);
    assert!(main.counts.completed >= 20, "{:?}", main.counts);
}
