//! What can go wrong: with a request or connection (counted, the run goes on), and with a run (returned).

use std::net::SocketAddr;

/// What went wrong with a request or a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// No whole answer within the time allowed.
    Timeout,
    /// The connection broke while the request was under way.
    Reset,
    /// The server closed the connection before the answer was whole.
    Closed,
    /// The answer is not HTTP/1.1, or more came than was announced.
    Malformed,
    /// The answer is larger than allowed.
    TooLarge,
    /// Another status than expected.
    WrongStatus,
    /// Another body or media type than expected.
    WrongBody,
    /// A kept-alive connection turned out to be closed when the next request was sent; the request is sent once more.
    IdleReset,
    /// A connection could not be opened; requests wait for another attempt.
    ConnectFailed,
    /// The server spoke without having been asked; the connection is replaced.
    Unsolicited,
}

impl ErrorClass {
    /// All classes.
    pub const ALL: [Self; 10] = [
        Self::Timeout,
        Self::Reset,
        Self::Closed,
        Self::Malformed,
        Self::TooLarge,
        Self::WrongStatus,
        Self::WrongBody,
        Self::IdleReset,
        Self::ConnectFailed,
        Self::Unsolicited,
    ];

    /// The class's name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::WrongStatus => "wrong-status",
            Self::WrongBody => "wrong-body",
            Self::IdleReset => "idle-reset",
            Self::ConnectFailed => "connect-failed",
            Self::Unsolicited => "unsolicited",
        }
    }

    /// Whether it ends a request; if not, the request it met goes on, or there was none.
    #[must_use]
    pub const fn ends_request(self) -> bool {
        !matches!(self, Self::IdleReset | Self::ConnectFailed | Self::Unsolicited)
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
        assert_eq!(counts.failed_requests(), 7);
        let names: std::collections::HashSet<_> = ErrorClass::ALL.map(ErrorClass::name).into();
        assert_eq!(names.len(), ErrorClass::ALL.len());
    }
}
