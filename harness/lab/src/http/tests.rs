//! The client with servers of a few lines, right ones and wrong ones.

use std::io::{ErrorKind, Read};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::*;

/// Serves the given answers, each on a connection of its own, and gives the port.
fn serving(answers: &'static [&'static str]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a client comes");
            let _ = stream.read(&mut [0; 1024]);
            // Byte by byte, so that the reader meets every border.
            for byte in answer.bytes() {
                stream.write_all(&[byte]).expect("the client reads");
            }
        }
    });
    port
}

fn ask(port: u16) -> Result<Answer, HttpError> {
    Client::new(port, Duration::from_secs(2)).ask(&Request::get("/"))
}

#[test]
fn every_kind_of_body_is_read() {
    let port = serving(&[
        "HTTP/1.1 200 OK\r\ncontent-type: Text/Plain; charset=utf-8\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        "HTTP/1.0 404 Not Found\r\n\r\ngone",
    ]);
    let first = ask(port).expect("it answers");
    assert_eq!((first.status, first.content_type.as_deref(), &*first.body), (200, Some("text/plain"), &b"ok"[..]));
    assert_eq!(ask(port).expect("it answers").body, b"abcde");
    let last = ask(port).expect("it answers");
    assert_eq!((last.status, last.content_type, last.headers.len(), &*last.body), (404, None, 0, &b"gone"[..]));
}

#[test]
fn what_is_not_http_is_an_error_and_not_a_wait() {
    assert!(matches!(ask(serving(&["SSH-2.0-OpenSSH\r\n\r\n"])), Err(HttpError::Answer(_))));
    assert!(matches!(ask(serving(&["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"])), Err(HttpError::Io(_))));
}

#[test]
fn a_connection_closed_between_requests_is_replaced() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let port = serving(Box::leak(Box::new([answer, answer])));
    let mut client = Client::new(port, Duration::from_secs(2));
    assert_eq!(client.ask(&Request::get("/")).expect("it answers").body, b"ok");
    assert_eq!(client.ask(&Request::get("/")).expect("it answers again").body, b"ok");
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Serves one connection at a time by a function, and gives the port and how many requests came.
fn counting(serve: fn(&mut TcpStream, usize)) -> (u16, &'static AtomicUsize) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let came: &'static AtomicUsize = Box::leak(Box::default());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            while matches!(stream.read(&mut [0; 1024]), Ok(1..)) {
                let number = came.fetch_add(1, Ordering::Relaxed);
                serve(&mut stream, number);
            }
        }
    });
    (port, came)
}

/// Asks twice over one connection; the second answer, and how many requests came.
fn asked_twice((port, came): (u16, &AtomicUsize)) -> (Result<Answer, HttpError>, usize) {
    let mut client = Client::new(port, Duration::from_millis(300));
    client.ask(&Request::get("/")).expect("it answers at first");
    let second = client.ask(&Request::get("/"));
    (second, came.load(Ordering::Relaxed))
}

#[test]
fn a_server_that_falls_silent_is_not_asked_again() {
    let silent = counting(|stream, number| {
        if number == 0 {
            let _ = stream.write_all(OK.as_bytes());
        }
    });
    let (second, came) = asked_twice(silent);
    assert!(matches!(second, Err(HttpError::Io(error)) if error.kind() == ErrorKind::TimedOut));
    assert_eq!(came, 2);
}

#[test]
fn an_answer_that_is_wrong_or_breaks_off_is_not_asked_for_again() {
    let wrong = counting(|stream, number| {
        let _ = stream.write_all(if number == 0 { OK.as_bytes() } else { b"SSH-2.0-OpenSSH\r\n\r\n" });
    });
    let (second, came) = asked_twice(wrong);
    assert!(matches!(second, Err(HttpError::Answer(_))) && came == 2);
    let breaking = counting(|stream, number| {
        let _ =
            stream.write_all(if number == 0 { OK.as_bytes() } else { b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n" });
        if number == 1 {
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    let (second, came) = asked_twice(breaking);
    assert!(matches!(second, Err(HttpError::Io(error)) if error.kind() == ErrorKind::UnexpectedEof));
    assert_eq!(came, 2);
}

#[test]
fn an_answer_that_drips_has_no_more_time_than_another() {
    let dripping = counting(|stream, _| {
        for byte in OK.bytes().cycle() {
            if stream.write_all(&[byte]).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let began = Instant::now();
    let answer = Client::new(dripping.0, Duration::from_millis(300)).ask(&Request::get("/"));
    assert!(matches!(answer, Err(HttpError::Io(error)) if error.kind() == ErrorKind::TimedOut));
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
}

#[test]
fn a_body_without_length_ends_with_its_connection_only() {
    // It stays open, so that what came is not all.
    let open = counting(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nall?");
    });
    let answer = Client::new(open.0, Duration::from_millis(300)).ask(&Request::get("/"));
    assert!(matches!(answer, Err(HttpError::Io(error)) if error.kind() == ErrorKind::TimedOut));
}

#[test]
fn chunks_are_as_long_as_they_say() {
    let body = "x".repeat(CHUNK_BYTES + 1);
    let request = Request { body: Some(&body), framing: Framing::Chunked, ..Request::get("/") };
    let sent = String::from_utf8(request.bytes(80)).expect("it is text");
    let (head, chunks) = sent.split_once("\r\n\r\n").expect("a head");
    assert!(head.ends_with("transfer-encoding: chunked"), "{head}");
    assert_eq!(chunks, format!("4000\r\n{}\r\n1\r\nx\r\n0\r\n\r\n", "x".repeat(CHUNK_BYTES)));
}

#[test]
fn an_answer_that_comes_before_the_end_of_a_body_is_read() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client comes");
        let _ = stream.read(&mut [0; 1024]);
        // It closes with most of the body unread, which resets the connection.
        let _ = stream.write_all(b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n");
    });
    let body = "x".repeat(16 * 1024 * 1024);
    let request = Request { body: Some(&body), ..Request::get("/") };
    let answer = Client::new(port, Duration::from_secs(10)).ask(&request).expect("it answers");
    assert_eq!(answer.status, 413);
}
