//! Waits for readiness of sockets with nanosecond timeouts: epoll. Another system's call would go here.

use std::os::fd::OwnedFd;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::time::Timespec;

use crate::error::RunError;
use crate::pacer::Wait;

/// Most events taken at once; the others are there the next time.
const EVENTS_MAX: usize = 256;

/// What to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    Readable,
    /// As `Readable`, but told once for what has come, and not again: half the work in the kernel. Who asks for it reads until a read
    /// was short, and until the end where the other side [has ended](Ready::ended) (epoll(7), *Level-triggered and edge-triggered*).
    Arrivals,
    /// Also when there is room to send.
    Both,
}

/// A socket that is ready, or whose other side has gone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    pub(crate) token: Token,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// The other side sends no more, or is gone.
    pub(crate) ended: bool,
}

/// Which socket of which connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) connection: u32,
    pub(crate) generation: u32,
}

/// Watches sockets.
pub(crate) struct Poller {
    epoll: OwnedFd,
    events: Box<[Event]>,
}

impl Poller {
    pub(crate) fn new() -> Result<Self, RunError> {
        let epoll = epoll::create(CreateFlags::CLOEXEC).map_err(refused("an epoll instance"))?;
        let none = Event { flags: EventFlags::empty(), data: EventData::new_u64(0) };
        Ok(Self { epoll, events: vec![none; EVENTS_MAX].into_boxed_slice() })
    }

    /// Watches a socket until it is closed.
    pub(crate) fn add(&self, socket: &OwnedFd, token: Token, interest: Interest) -> Result<(), Errno> {
        epoll::add(&self.epoll, socket, token.data(), interest.flags())
    }

    pub(crate) fn modify(&self, socket: &OwnedFd, token: Token, interest: Interest) -> Result<(), Errno> {
        epoll::modify(&self.epoll, socket, token.data(), interest.flags())
    }

    /// Waits as told; how many sockets are ready.
    #[inline]
    pub(crate) fn wait(&mut self, wait: Wait) -> Result<usize, RunError> {
        let timeout = match wait {
            Wait::Poll => timespec(0),
            Wait::Sleep { at_most_ns } => timespec(at_most_ns),
        };
        match epoll::wait(&self.epoll, &mut *self.events, Some(&timeout)) {
            Ok(count) => Ok(count),
            Err(Errno::INTR) => Ok(0),
            Err(error) => Err(refused("to wait for sockets")(error)),
        }
    }

    /// One of the sockets that the last wait found.
    #[inline]
    pub(crate) fn ready(&self, index: usize) -> Ready {
        let Event { flags, data } = self.events[index];
        Ready {
            token: Token::from(data),
            readable: flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR | EventFlags::RDHUP),
            writable: flags.intersects(EventFlags::OUT | EventFlags::HUP | EventFlags::ERR),
            ended: flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR),
        }
    }
}

impl Interest {
    const fn flags(self) -> EventFlags {
        match self {
            Self::Readable => EventFlags::IN,
            Self::Arrivals => EventFlags::IN.union(EventFlags::RDHUP).union(EventFlags::ET),
            Self::Both => EventFlags::IN.union(EventFlags::OUT),
        }
    }
}

impl Token {
    const fn data(self) -> EventData {
        EventData::new_u64((self.generation as u64) << 32 | self.connection as u64)
    }

    #[expect(clippy::cast_possible_truncation, reason = "two halves of one word")]
    fn from(data: EventData) -> Self {
        let bits = data.u64();
        Self { connection: bits as u32, generation: (bits >> 32) as u32 }
    }
}

fn timespec(time_ns: u64) -> Timespec {
    Timespec { tv_sec: (time_ns / 1_000_000_000).cast_signed(), tv_nsec: (time_ns % 1_000_000_000).cast_signed() }
}

fn refused(what: &'static str) -> impl Fn(Errno) -> RunError {
    move |errno| RunError::System { what, source: errno.into() }
}
