//! What can go wrong: with a request or connection (counted, the run goes on), and with a run (returned).

use std::net::SocketAddr;

use crate::http1::response::ParseError;

/// What went wrong with a request or a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// No byte of the answer within the time allowed.
    Timeout,
    /// Part of the answer within the time allowed, but not all of it.
    TooSlow,
    /// The connection broke while the request was under way.
    Reset,
    /// The server closed the connection before the first byte of the answer.
    Closed,
    /// The server closed the connection before the answer was whole.
    Truncated,
    /// The answer is not what the protocol allows.
    Malformed,
    /// The announced length is no number, or there are two of them.
    BadLength,
    /// A chunk of the body is not framed as the protocol wants it.
    BadChunk,
    /// The head of the answer goes on beyond its bound.
    HeadTooLarge,
    /// The body, message or event is larger than allowed.
    TooLarge,
    /// More came than was announced.
    Surplus,
    /// Another status than expected.
    WrongStatus,
    /// Another body or media type than expected.
    WrongBody,
    /// The server reset one request of an HTTP/2 connection, and the connection went on.
    StreamReset,
    /// A frame that WebSocket (RFC 6455) does not allow.
    BadFrame,
    /// A text that is not UTF-8.
    BadUtf8,
    /// A kept-alive connection turned out to be closed when the next request was sent; the request is sent once more.
    IdleReset,
    /// A connection could not be opened; requests wait for another attempt.
    ConnectFailed,
    /// A connection was opened, but the server did not agree to the protocol that was offered on it.
    BadHandshake,
    /// The server spoke without having been asked; the connection is replaced.
    Unsolicited,
}

impl ErrorClass {
    /// All classes.
    pub const ALL: [Self; 20] = [
        Self::Timeout,
        Self::TooSlow,
        Self::Reset,
        Self::Closed,
        Self::Truncated,
        Self::Malformed,
        Self::BadLength,
        Self::BadChunk,
        Self::HeadTooLarge,
        Self::TooLarge,
        Self::Surplus,
        Self::WrongStatus,
        Self::WrongBody,
        Self::StreamReset,
        Self::BadFrame,
        Self::BadUtf8,
        Self::IdleReset,
        Self::ConnectFailed,
        Self::BadHandshake,
        Self::Unsolicited,
    ];

    /// The class's name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::TooSlow => "too-slow",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::BadLength => "bad-length",
            Self::BadChunk => "bad-chunk",
            Self::HeadTooLarge => "head-too-large",
            Self::TooLarge => "too-large",
            Self::Surplus => "surplus",
            Self::WrongStatus => "wrong-status",
            Self::WrongBody => "wrong-body",
            Self::StreamReset => "stream-reset",
            Self::BadFrame => "bad-frame",
            Self::BadUtf8 => "bad-utf8",
            Self::IdleReset => "idle-reset",
            Self::ConnectFailed => "connect-failed",
            Self::BadHandshake => "bad-handshake",
            Self::Unsolicited => "unsolicited",
        }
    }

    /// Whether it ends a request; if not, the request it met goes on, or there was none.
    #[must_use]
    pub const fn ends_request(self) -> bool {
        !matches!(self, Self::IdleReset | Self::ConnectFailed | Self::BadHandshake | Self::Unsolicited)
    }

    /// Whether it says that the time allowed was over: the request took at least that long.
    #[must_use]
    pub const fn is_timeout(self) -> bool {
        matches!(self, Self::Timeout | Self::TooSlow)
    }
}

impl From<ParseError> for ErrorClass {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Malformed => Self::Malformed,
            ParseError::BadLength => Self::BadLength,
            ParseError::BadChunk => Self::BadChunk,
            ParseError::HeadTooLarge => Self::HeadTooLarge,
            ParseError::TooLarge => Self::TooLarge,
            ParseError::Truncated => Self::Truncated,
        }
    }
}

/// How often each class occurred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorCounts([u64; ErrorClass::ALL.len()]);

impl ErrorCounts {
    /// How often a class occurred.
    #[must_use]
    pub const fn get(&self, class: ErrorClass) -> u64 {
        self.0[class as usize]
    }

    /// Requests that were not answered in the time allowed.
    #[must_use]
    pub fn timeouts(&self) -> u64 {
        self.iter().filter(|(class, _)| class.is_timeout()).map(|(_, count)| count).sum()
    }

    /// Requests that ended in an error.
    #[must_use]
    pub fn failed_requests(&self) -> u64 {
        self.iter().filter(|(class, _)| class.ends_request()).map(|(_, count)| count).sum()
    }

    /// The classes that occurred, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (ErrorClass, u64)> {
        ErrorClass::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }

    pub(crate) const fn add(&mut self, class: ErrorClass) {
        self.0[class as usize] += 1;
    }

    /// Adds the counts of another worker.
    pub(crate) fn add_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A stream's definition makes no sense.
    #[error("stream `{stream}`: {detail}")]
    BadStream {
        /// The stream's name.
        stream: String,
        /// What is wrong and what to write instead.
        detail: String,
    },
    /// Not one connection could be opened before the start.
    #[error(
        "cannot connect to {address}: {failed} of {asked} connections failed or hung; is the server listening there?"
    )]
    NoConnection {
        /// The server's address.
        address: SocketAddr,
        /// Connections that were wanted.
        asked: usize,
        /// Connections that failed.
        failed: usize,
    },
    /// A system call failed that has no reason to.
    #[error("the system refused {what}: {source}; if it ran out of files, raise `ulimit -n`")]
    System {
        /// What was asked of it.
        what: &'static str,
        /// Its answer.
        source: std::io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_own_counter_and_name() {
        let mut counts = ErrorCounts::default();
        for (index, class) in ErrorClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, index);
            counts.add(class);
        }
        assert!(ErrorClass::ALL.iter().all(|class| counts.get(*class) == 1));
        assert_eq!(counts.failed_requests(), ErrorClass::ALL.len() as u64 - 4);
        assert_eq!(counts.timeouts(), 2);
        let names: std::collections::HashSet<_> = ErrorClass::ALL.map(ErrorClass::name).into();
        assert_eq!(names.len(), ErrorClass::ALL.len());
    }
}
