//! Server-sent events: subscriptions whose answers are streams of events.
//!
//! A request of such a stream is a subscription; it is answered by its first event, so its response time is the time to the
//! first event. What comes after that is counted as a stream of its own, until the server ends it or the window does.

pub mod outcome;
pub mod parser;
pub(crate) mod subscription;

/// What is asked of the events of a stream; its steps are the subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventsSpec {
    /// Most bytes of one event.
    pub event_bytes_max: u64,
}

impl Default for EventsSpec {
    /// A megabyte an event.
    fn default() -> Self {
        Self { event_bytes_max: 1 << 20 }
    }
}
