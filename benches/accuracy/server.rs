//! The server that is driven: epoll and one fixed answer, as cheap as a server can be, so that the generator is what is measured.
//!
//! It answers every head that ends with an empty line, whatever it asks for, and is no server for anything else. It ends when its
//! standard input does, so that it cannot outlive the bench. Told two numbers of milliseconds, it freezes every so often for so long.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::time::Timespec;

use crate::place::Place;
use crate::role::Role;

/// The body of every answer.
pub(crate) const BODY: &str = "Hello, World!";
/// Every answer.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!";
/// What ends the head of a request.
const HEAD_END: &[u8; 4] = b"\r\n\r\n";
/// Most events taken at once.
const EVENTS_MAX: usize = 256;
/// Read at once from a connection.
const BUFFER_BYTES: usize = 16 * 1024;

/// A server in a process of its own, which ends with this.
pub(crate) struct Running {
    child: Child,
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts the server on the server's core: freezing as told, or not at all.
    pub(crate) fn start(place: &Place, freezing_ms: &[String]) -> anyhow::Result<Self> {
        place.go_to_server()?;
        let mut command = Role::Server.command()?;
        command.args(freezing_ms).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start the server")?;
        let mut line = String::new();
        let said = child.stdout.take().map(|output| BufReader::new(output).read_line(&mut line));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, line.trim().parse().unwrap_or_default()));
        let running = Self { child, url: format!("http://{address}/plain"), address };
        said.context("the server has no output")?.context("the server said nothing")?;
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until standard input ends.
pub(crate) fn serve(freezing_ms: &[OsString]) -> anyhow::Result<()> {
    let freezing = Freezing::parse(freezing_ms);
    thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    claimbench::print::result(&listener.local_addr()?.port().to_string())?;
    listener.set_nonblocking(true)?;
    Server::new(listener)?.run(freezing)
}

struct Server {
    epoll: std::os::fd::OwnedFd,
    listener: TcpListener,
    connections: HashMap<u64, Connection>,
    buffer: Vec<u8>,
}

/// When the server freezes next.
struct Freezing {
    every: Duration,
    length: Duration,
    next: Instant,
}

impl Freezing {
    fn parse(freezing_ms: &[OsString]) -> Option<Self> {
        let time = |text: &OsString| text.to_str()?.parse().ok().map(Duration::from_millis);
        let (every, length) = (time(freezing_ms.first()?)?, time(freezing_ms.get(1)?)?);
        Some(Self { every, length, next: Instant::now() + every })
    }

    /// Freezes where that is due; how long there is until the next time. The times do not drift.
    fn freeze_if_due(&mut self) -> Timespec {
        if Instant::now() >= self.next {
            thread::sleep((self.next + self.length).saturating_duration_since(Instant::now()));
            self.next += self.every;
        }
        let left = self.next.saturating_duration_since(Instant::now());
        Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() }
    }
}

struct Connection {
    stream: TcpStream,
    /// How many bytes of [`HEAD_END`] the last bytes were.
    matched: usize,
}

impl Server {
    fn new(listener: TcpListener) -> anyhow::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(token(&listener)), EventFlags::IN)?;
        Ok(Self { epoll, listener, connections: HashMap::new(), buffer: vec![0; BUFFER_BYTES] })
    }

    fn run(mut self, mut freezing: Option<Freezing>) -> anyhow::Result<()> {
        let mut events = vec![Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; EVENTS_MAX];
        let own = token(&self.listener);
        loop {
            let at_most = freezing.as_mut().map(Freezing::freeze_if_due);
            let ready = epoll::wait(&self.epoll, &mut *events, at_most.as_ref())?;
            for event in &events[..ready] {
                match event.data.u64() {
                    listener if listener == own => self.accept()?,
                    connection => self.answer(connection),
                }
            }
        }
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        while let Ok((stream, _)) = self.listener.accept() {
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let token = token(&stream);
            epoll::add(&self.epoll, &stream, EventData::new_u64(token), EventFlags::IN)?;
            self.connections.insert(token, Connection { stream, matched: 0 });
        }
        Ok(())
    }

    /// Answers what a connection asks; one that has ended, or takes no answer, is closed.
    fn answer(&mut self, token: u64) {
        let Some(connection) = self.connections.get_mut(&token) else { return };
        let goes_on = match connection.stream.read(&mut self.buffer) {
            Ok(0) => false,
            Ok(count) => {
                (0..connection.heads_in(&self.buffer[..count])).all(|_| connection.stream.write_all(ANSWER).is_ok())
            }
            Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
        };
        if !goes_on {
            self.connections.remove(&token);
        }
    }
}

impl Connection {
    /// How many heads end in these bytes.
    fn heads_in(&mut self, bytes: &[u8]) -> usize {
        let mut heads = 0;
        for byte in bytes {
            if *byte == HEAD_END[self.matched] {
                self.matched += 1;
            } else {
                self.matched = usize::from(*byte == HEAD_END[0]);
            }
            if self.matched == HEAD_END.len() {
                self.matched = 0;
                heads += 1;
            }
        }
        heads
    }
}

/// What stands for a socket in the poller.
fn token(socket: &impl AsRawFd) -> u64 {
    u64::try_from(socket.as_raw_fd()).unwrap_or_default()
}
