//! Large bodies: first byte and last byte apart, verified as they come, shared among the readers, and sent from one place.

use std::io::{Read, Write};
use std::time::Duration;

use load::error::ErrorClass;
use load::request::RequestSpec;
use load::stream::StreamSpec;
use load::verify::{BodyCheck, Expect};
use sha2::{Digest, Sha256};

use crate::support::{Client, Server, closed, drive_one, open, phases, stream};

const BODY_BYTES: usize = 1 << 20;

fn body() -> Vec<u8> {
    (0..=250).cycle().take(BODY_BYTES).collect()
}

fn download(check: BodyCheck, connections: u32) -> StreamSpec {
    let mut spec = stream(connections, closed());
    spec.steps[0].expect = Expect { body: check, ..Expect::default() };
    spec
}

/// Sends the head and the first half of the body at once, and the rest a while later.
fn in_two_halves(pause: Duration) -> Server {
    let body = body();
    Server::start(move |client: &mut Client| {
        while client.read_request() {
            client.send(&format!("HTTP/1.1 200 OK\r\ncontent-length: {BODY_BYTES}\r\n\r\n"));
            let mut stream = client.stream();
            let (first, second) = body.split_at(BODY_BYTES / 2);
            let _ = stream.write_all(first);
            std::thread::sleep(pause);
            let _ = stream.write_all(second);
        }
    })
}

#[test]
fn the_first_byte_and_the_last_are_apart_and_readers_share() {
    let hash = BodyCheck::Sha256(Sha256::digest(body()).into());
    let main = drive_one(&in_two_halves(Duration::from_millis(50)), download(hash, 3), phases(0, 600, 2_000));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed >= 3, "{:?}", main.counts);
    assert!(main.service_time.min() >= main.first_byte.min() + 45_000_000);
    assert!(main.transfer.received_bytes >= main.counts.completed * BODY_BYTES as u64, "{:?}", main.transfer);
    assert!(main.transfer.fairness().is_some_and(|fairness| (0.6..=1.0).contains(&fairness)), "{:?}", main.transfer);
}

#[test]
fn one_wrong_byte_is_found_by_the_hash_but_not_by_the_length() {
    let mut wrong = body();
    wrong[BODY_BYTES - 1] ^= 1;
    let hash = BodyCheck::Sha256(Sha256::digest(wrong).into());
    let server = in_two_halves(Duration::ZERO);
    let main = drive_one(&server, download(hash, 1), phases(0, 200, 1_000));
    assert!(main.counts.errors.get(ErrorClass::WrongBody) > 0 && main.counts.completed == 0, "{:?}", main.counts);
    let main = drive_one(&server, download(BodyCheck::Length(BODY_BYTES as u64), 1), phases(0, 200, 1_000));
    assert!(main.counts.errors.failed_requests() == 0 && main.counts.completed > 0, "{:?}", main.counts);
}

#[test]
fn a_reader_that_gets_less_makes_it_unfair() {
    // The connection with an odd port gets one answer and then nothing.
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = Server::start(move |client: &mut Client| {
        let starves = first.swap(false, std::sync::atomic::Ordering::SeqCst);
        while client.read_request() && !starves {
            client.answer_ok();
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_secs(1));
    });
    let main = drive_one(&server, stream(4, closed()), phases(50, 200, 100));
    let fairness = main.transfer.fairness().unwrap();
    assert!((0.6..0.8).contains(&fairness), "three of four share: {fairness}");
}

#[test]
fn a_big_request_arrives_whole() {
    let expected = body();
    let server = Server::start(move |client: &mut Client| {
        let mut stream = client.stream();
        let mut head = Vec::new();
        loop {
            head.clear();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read_exact(&mut byte).is_err() {
                    return;
                }
                head.push(byte[0]);
            }
            let mut body = vec![0; BODY_BYTES];
            stream.read_exact(&mut body).unwrap();
            let status = if body == expected { "200 OK" } else { "500 Wrong" };
            client.send(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"));
        }
    });
    let request = RequestSpec { method: "POST".to_owned(), body: body(), ..RequestSpec::get("/upload") };
    let spec = StreamSpec::new("main", 2, open(20.0), vec![request]);
    let main = drive_one(&server, spec, phases(0, 400, 2_000));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed >= 4, "{:?}", main.counts);
    assert!(main.transfer.sent_bytes >= main.counts.completed * BODY_BYTES as u64, "{:?}", main.transfer);
}
