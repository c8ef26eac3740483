//! The port that a server gets.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use super::ServerError;

/// Ports that are tried: below every usual range of ephemeral ports, so that no outgoing connection takes one between
/// the choice and the server's own bind.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Which port a server shall listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Any free one.
    Free,
    /// This one.
    Fixed(u16),
}

impl Port {
    /// Chooses the port, which is free at this moment.
    pub(crate) fn choose(self) -> Result<u16, ServerError> {
        match self {
            Self::Fixed(port) if is_free(port) => Ok(port),
            Self::Fixed(port) => Err(ServerError::PortInUse { port }),
            Self::Free => candidates().find(|&port| is_free(port)).ok_or(ServerError::PortInUse { port: FIRST }),
        }
    }
}

/// Every port of the range, beginning after the last one given; two harnesses at once begin at different places.
fn candidates() -> impl Iterator<Item = u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id().wrapping_mul(61) % u32::from(COUNT)).unwrap_or(0);
    (0..COUNT).map(move |_| {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        FIRST + (process + step) % COUNT
    })
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_refused_when_named_and_passed_over_when_not() {
        let taken = Port::Free.choose().expect("some port is free");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, taken)).expect("it was free");
        assert!(matches!(Port::Fixed(taken).choose(), Err(ServerError::PortInUse { port }) if port == taken));
        assert_ne!(Port::Free.choose().expect("some port is free"), taken);
        drop(listener);
        assert_eq!(Port::Fixed(taken).choose().expect("it is free again"), taken);
    }
}
