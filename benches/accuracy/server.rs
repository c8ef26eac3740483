//! The server that is driven: epoll and one fixed answer, as cheap as a server can be, so that the generator is what is measured.
//!
//! It answers every head that ends with an empty line, whatever it asks for, and is no server for anything else. It ends when its
//! standard input does, so that it cannot outlive the bench.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::Context;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use crate::echo;
use crate::manner::{Arrivals, Freezing, Manner, NOW};

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

/// Serves until standard input ends; where arrivals are counted, it then says how regular they were.
pub(crate) fn serve(manner: &[OsString]) -> anyhow::Result<()> {
    let ended = Arc::new(AtomicBool::new(false));
    let manner = Manner::parse(manner);
    let (told, counting) = (Arc::clone(&ended), manner == Manner::Counting);
    thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        told.store(true, Ordering::Relaxed);
        if !counting {
            std::process::exit(0);
        }
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    claimbench::print::result(&listener.local_addr()?.port().to_string())?;
    listener.set_nonblocking(true)?;
    match manner {
        Manner::Echo => echo::serve(&listener),
        manner => Server::new(listener)?.run(&manner, &ended),
    }
}

struct Server {
    epoll: std::os::fd::OwnedFd,
    listener: TcpListener,
    connections: HashMap<u64, Connection>,
    arrivals: Option<Arrivals>,
    buffer: Vec<u8>,
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
        let connections = HashMap::new();
        Ok(Self { epoll, listener, connections, arrivals: None, buffer: vec![0; BUFFER_BYTES] })
    }

    fn run(mut self, manner: &Manner, ended: &AtomicBool) -> anyhow::Result<()> {
        let mut events = vec![Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; EVENTS_MAX];
        let own = token(&self.listener);
        let mut freezing = Freezing::of(manner);
        self.arrivals = Arrivals::of(manner);
        while !ended.load(Ordering::Relaxed) {
            // One that counts spins, so that it sees arrivals when they come and not when it wakes.
            let at_most = match &mut freezing {
                Some(freezing) => Some(freezing.freeze_if_due()),
                None => self.arrivals.is_some().then_some(NOW),
            };
            let ready = epoll::wait(&self.epoll, &mut *events, at_most.as_ref())?;
            for event in &events[..ready] {
                match event.data.u64() {
                    listener if listener == own => self.accept()?,
                    connection => self.answer(connection),
                }
            }
        }
        let fano_factor = self.arrivals.and_then(|arrivals| arrivals.fano_factor());
        claimbench::print::result(&fano_factor.map_or_else(String::new, |fano_factor| fano_factor.to_string()))
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
                let heads = connection.heads_in(&self.buffer[..count]);
                if let Some(arrivals) = &mut self.arrivals {
                    arrivals.count(heads);
                }
                (0..heads).all(|_| connection.stream.write_all(ANSWER).is_ok())
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
