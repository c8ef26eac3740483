//! One subscription at work: from the bytes of its answer to events, counted.

use super::outcome::Events;
use super::parser::{EventError, EventParser};
use crate::http1::response::Sink;
use crate::verify::{Seen, Verifier};
use crate::window::Window;

/// The stream of events on one connection.
#[derive(Debug)]
pub(crate) struct Subscription {
    parser: EventParser,
    /// When the last event came.
    pub(crate) last_ns: Option<u64>,
    last_id: Option<u64>,
}

impl Subscription {
    pub(crate) fn new(event_bytes_max: u64) -> Self {
        Self { parser: EventParser::new(event_bytes_max), last_ns: None, last_id: None }
    }

    fn feed(&mut self, bytes: &[u8], events: &mut Events, window: Window, now_ns: u64) -> Result<(), EventError> {
        let Self { parser, last_ns, last_id } = self;
        parser.feed(bytes, |event| {
            let before_ns = last_ns.replace(now_ns);
            let before_id = std::mem::replace(last_id, event.id);
            if !window.contains(now_ns) {
                return;
            }
            events.received += 1;
            if let Some(before_ns) = before_ns {
                events.gaps.saturating_record(now_ns.saturating_sub(before_ns));
            }
            if let (Some(before), Some(id)) = (before_id, event.id) {
                events.follows(before, id);
            }
        })
    }
}

/// Hands what the parser of the answer finds to the verifier and the subscription.
pub(crate) struct Subscribing<'a> {
    pub(crate) verifier: &'a Verifier,
    pub(crate) seen: &'a mut Seen,
    pub(crate) subscription: &'a mut Subscription,
    pub(crate) events: &'a mut Events,
    pub(crate) window: Window,
    pub(crate) now_ns: u64,
    pub(crate) error: Option<EventError>,
}

impl Sink for Subscribing<'_> {
    fn head(&mut self, status: u16, content_type: Option<&[u8]>) {
        self.verifier.head(self.seen, status, content_type);
    }

    fn body(&mut self, bytes: &[u8]) {
        self.verifier.body(self.seen, bytes);
        // The answer of another status or type bears no events.
        if self.error.is_none() && self.verifier.head_is_right(self.seen) {
            self.error = self.subscription.feed(bytes, self.events, self.window, self.now_ns).err();
        }
    }
}
