//! HTTP/2 with prior knowledge: many requests at once over each connection. The protocol is `h2`'s; sockets, waiting and time
//! are ours.

pub(crate) mod io;
pub(crate) mod session;
pub(crate) mod slot;
pub(crate) mod template;
pub(crate) mod wake;

/// Most requests at once over one connection.
pub const STREAMS_MAX: u32 = 1_024;

/// How HTTP/2 is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Http2Spec {
    /// The most requests at once over each connection; fewer where the server allows fewer.
    pub streams_per_connection: u32,
}

impl Http2Spec {
    pub(crate) fn check(self) -> Result<(), String> {
        match self.streams_per_connection {
            1..=STREAMS_MAX => Ok(()),
            other => Err(format!("give each connection 1 to {STREAMS_MAX} streams, not {other}")),
        }
    }
}
