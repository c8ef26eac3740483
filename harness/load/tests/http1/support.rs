//! A small server whose behaviour a test chooses, and the check that every count adds up.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use load::arrival::{Arrival, Spacing};
use load::pacer::PacerKind;
use load::recorder::StreamOutcome;
use load::request::RequestSpec;
use load::run::{Ending, Opening, Outcome, RunSpec, Target, run};
use load::stream::StreamSpec;
use load::window::Phases;

/// A server with one thread for each connection; it stops accepting when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Requests read so far.
    pub(crate) requests: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

/// One connection as the behaviour sees it.
pub(crate) struct Client {
    stream: TcpStream,
    requests: Arc<AtomicU64>,
    carried: Vec<u8>,
}

impl Client {
    /// Reads a whole request; false when the client has gone.
    pub(crate) fn read_request(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        loop {
            if let Some(length) = request_length(&self.carried)
                && self.carried.len() >= length
            {
                self.carried.drain(..length);
                self.requests.fetch_add(1, Ordering::SeqCst);
                return true;
            }
            match self.stream.read(&mut buffer) {
                Ok(count) if count > 0 => self.carried.extend_from_slice(&buffer[..count]),
                _ => return false,
            }
        }
    }

    /// The connection itself, for what is not a request and an answer.
    pub(crate) fn stream(&self) -> TcpStream {
        self.stream.try_clone().unwrap()
    }

    /// The path of the next request, which is not taken.
    pub(crate) fn next_path(&mut self) -> Option<String> {
        let mut buffer = [0; 1024];
        let count = self.stream.peek(&mut buffer).ok()?;
        let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
        text.split(' ').nth(1).map(str::to_owned)
    }

    /// Waits for a request without reading it.
    pub(crate) fn wait_unread(&mut self) {
        let _ = self.stream.peek(&mut [0]);
    }

    /// Sends bytes; an error only means that the client has gone.
    pub(crate) fn send(&mut self, bytes: &str) {
        let _ = self.stream.write_all(bytes.as_bytes());
    }

    pub(crate) fn answer_ok(&mut self) {
        self.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    }
}

fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]);
    let body = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    Some(head + body.map_or(0, |length| length.parse().unwrap()))
}

impl Server {
    pub(crate) fn start(behave: impl Fn(&mut Client) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (behave, counter, stopped) = (Arc::new(behave), Arc::clone(&requests), Arc::clone(&stop));
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                stream.set_nodelay(true).unwrap();
                let (behave, requests) = (Arc::clone(&behave), Arc::clone(&counter));
                std::thread::spawn(move || behave(&mut Client { stream, requests, carried: Vec::new() }));
            }
        });
        Self { address, requests, stop }
    }

    /// Answers every request with `ok` after a pause.
    pub(crate) fn answering_after(pause: Duration) -> Self {
        Self::start(move |client| {
            while client.read_request() {
                std::thread::sleep(pause);
                client.answer_ok();
            }
        })
    }

    /// No further connections are taken.
    pub(crate) fn stop_listening(&self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }

    pub(crate) fn counted(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_listening();
    }
}

pub(crate) fn open(rate_per_s: f64) -> Arrival {
    Arrival::Open { rate_per_s, spacing: Spacing::Constant }
}

pub(crate) fn closed() -> Arrival {
    Arrival::Closed { think: Duration::ZERO }
}

/// A stream of GET requests.
pub(crate) fn stream(connections: u32, arrival: Arrival) -> StreamSpec {
    StreamSpec::new("main", connections, arrival, vec![RequestSpec::get("/")])
}

pub(crate) fn phases(warm_up_ms: u64, measure_ms: u64, drain_ms: u64) -> Phases {
    let ms = Duration::from_millis;
    Phases { warm_up: ms(warm_up_ms), measure: ms(measure_ms), drain: ms(drain_ms) }
}

/// Runs the streams and checks what must hold of every run.
pub(crate) fn drive(server: &Server, streams: &[StreamSpec], phases: Phases) -> Outcome {
    drive_until(server, streams, phases, &[])
}

pub(crate) fn drive_until(server: &Server, streams: &[StreamSpec], phases: Phases, stop: &[&AtomicBool]) -> Outcome {
    let target = Target { address: server.address };
    let pacer = PacerKind::shared_core();
    let outcome = run(&RunSpec {
        target,
        streams,
        phases,
        opening: Opening::AllAtOnce,
        pacer,
        seed: 1,
        stop,
        ending: Ending::Close,
    })
    .unwrap();
    outcome.streams.iter().for_each(assert_counts_add_up);
    outcome
}

/// Runs the streams with their connections opened in a way of the test's choice.
pub(crate) fn drive_opened(server: &Server, streams: &[StreamSpec], phases: Phases, opening: Opening<'_>) -> Outcome {
    let target = Target { address: server.address };
    let pacer = PacerKind::shared_core();
    let outcome =
        run(&RunSpec { target, streams, phases, opening, pacer, seed: 1, stop: &[], ending: Ending::Close }).unwrap();
    outcome.streams.iter().for_each(assert_counts_add_up);
    outcome
}

/// Runs the streams, whose connections end in a way of the test's choice.
pub(crate) fn drive_ended(server: &Server, streams: &[StreamSpec], phases: Phases, ending: Ending) -> Outcome {
    let target = Target { address: server.address };
    let (opening, pacer) = (Opening::AllAtOnce, PacerKind::shared_core());
    run(&RunSpec { target, streams, phases, opening, pacer, seed: 1, stop: &[], ending }).unwrap()
}

/// Runs one stream.
pub(crate) fn drive_one(server: &Server, stream: StreamSpec, phases: Phases) -> StreamOutcome {
    drive(server, &[stream], phases).streams.remove(0)
}

pub(crate) fn assert_counts_add_up(stream: &StreamOutcome) {
    let counts = &stream.counts;
    let failed = counts.errors.failed_requests();
    assert_eq!(counts.due, counts.sent + counts.unsent, "{counts:?}");
    assert_eq!(counts.sent, counts.completed + failed + counts.unanswered, "{counts:?}");
    let timeouts = counts.errors.timeouts();
    let censored = timeouts + counts.unsent + counts.unanswered;
    assert_eq!(stream.response_time.len(), counts.completed + censored, "{counts:?}");
    assert_eq!(stream.service_time.len(), counts.completed);
    assert_eq!(stream.first_byte.len(), counts.completed);
    assert_eq!(stream.failed_time.len(), failed - timeouts);
    assert!(stream.send_lag.len() <= counts.sent);
    let seconds: u64 = stream.seconds.iter().map(|second| second.completed).sum();
    assert_eq!(seconds, counts.completed);
    let failed_seconds: u64 = stream.seconds.iter().map(|second| second.failed).sum();
    assert_eq!(failed_seconds, failed);
    assert!(stream.totals.responses <= stream.totals.requests_sent + stream.totals.retries);
    assert!(stream.totals.requests_sent >= counts.sent);
}
