//! A connection to a port of this machine on which no wait is without end: each ends at a deadline, and soon after an interrupt.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a loopback connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
/// How often a wait looks whether the run was interrupted.
const LOOK_EVERY: Duration = Duration::from_millis(100);

static NEVER: AtomicBool = AtomicBool::new(false);

/// How long is waited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience<'a> {
    until: Option<Instant>,
    interrupted: &'a AtomicBool,
}

impl Default for Patience<'_> {
    /// For ever.
    fn default() -> Self {
        Self::until_interrupted(&NEVER)
    }
}

impl<'a> Patience<'a> {
    /// Until the flag is set.
    pub(crate) const fn until_interrupted(interrupted: &'a AtomicBool) -> Self {
        Self { until: None, interrupted }
    }

    /// The same, and no longer than this from now on.
    pub(crate) fn at_most(self, limit: Duration) -> Self {
        let until = Instant::now() + limit;
        Self { until: Some(self.until.map_or(until, |earlier| earlier.min(until))), ..self }
    }

    /// Whether its flag is set.
    pub(crate) fn is_interrupted(self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Whether its time is over.
    pub(crate) fn is_over(self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }

    /// How long a piece of a wait may be that shall not be longer than `most`.
    fn piece(self, most: Duration) -> Result<Duration> {
        if self.is_interrupted() {
            // Not `ErrorKind::Interrupted`, after which `write_all` and its like would go on.
            return Err(Error::other("interrupted"));
        }
        let left = self.until.map_or(most, |until| until.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Err(Error::new(ErrorKind::TimedOut, "it took too long"));
        }
        Ok(left.min(most))
    }
}

/// A connection that is waited on with patience.
#[derive(Debug)]
pub(crate) struct Loopback<'a> {
    stream: TcpStream,
    patience: Patience<'a>,
}

impl<'a> Loopback<'a> {
    /// Connects to a port.
    pub(crate) fn connect(port: u16, patience: Patience<'a>) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect_timeout(&address, patience.piece(CONNECT_LIMIT)?)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, patience })
    }

    /// The same connection, waited on for another time.
    pub(crate) fn with(self, patience: Patience<'a>) -> Self {
        Self { patience, ..self }
    }
}

impl Read for Loopback<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            self.stream.set_read_timeout(Some(self.patience.piece(LOOK_EVERY)?))?;
            match self.stream.read(buffer) {
                Err(error) if is_pause(&error) => {}
                done => return done,
            }
        }
    }
}

impl Write for Loopback<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        loop {
            self.stream.set_write_timeout(Some(self.patience.piece(LOOK_EVERY)?))?;
            match self.stream.write(bytes) {
                Err(error) if is_pause(&error) => {}
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> Result<()> {
        self.stream.flush()
    }
}

fn is_pause(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A port on which nobody ever answers.
    fn silent() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        (listener, port)
    }

    #[test]
    fn a_wait_ends_at_its_deadline() {
        let (_listener, port) = silent();
        let began = Instant::now();
        let patience = Patience::default().at_most(Duration::from_secs(60)).at_most(Duration::from_millis(250));
        let mut connection = Loopback::connect(port, patience).expect("it is listened to");
        let error = connection.read(&mut [0; 8]).expect_err("nobody answers");
        assert_eq!((error.kind(), patience.is_over()), (ErrorKind::TimedOut, true));
        let waited = began.elapsed();
        assert!((Duration::from_millis(250)..Duration::from_secs(30)).contains(&waited), "{waited:?}");
    }

    #[test]
    fn an_interrupt_ends_a_wait() {
        let (_listener, port) = silent();
        let interrupted = AtomicBool::new(false);
        let patience = Patience::until_interrupted(&interrupted).at_most(Duration::from_secs(60));
        let mut connection = Loopback::connect(port, patience).expect("it is listened to");
        let began = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(50));
                interrupted.store(true, Ordering::Relaxed);
            });
            assert_eq!(connection.read(&mut [0; 8]).expect_err("nobody answers").to_string(), "interrupted");
        });
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
