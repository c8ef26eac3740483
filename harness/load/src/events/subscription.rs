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

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// What a subscription counts of texts that come at these times, in ms, where the window is from 100 to 200 ms.
    fn counted(texts: &[(u64, &str)]) -> Events {
        let (mut subscription, mut events) = (Subscription::new(1_024), Events::new());
        let window = Window { start_ns: 100 * MS, end_ns: 200 * MS };
        for (at_ms, text) in texts {
            subscription.feed(text.as_bytes(), &mut events, window, at_ms * MS).unwrap();
        }
        events
    }

    fn gaps_ms(events: &Events) -> Vec<u64> {
        let recorded = events.gaps.iter_recorded();
        recorded
            .flat_map(|step| {
                let times = usize::try_from(step.count_since_last_iteration()).unwrap();
                std::iter::repeat_n((step.value_iterated_to() + MS / 2) / MS, times)
            })
            .collect()
    }

    #[test]
    fn gaps_are_those_between_the_events_of_the_window_to_the_millisecond() {
        let events = counted(&[
            (90, "id: 1\ndata: x\n\n"),
            (105, "id: 2\ndata: x\n\n"),
            (112, "id: 3\nda"),
            (125, "ta: x\n\n"),
            (155, "id: 4\ndata: x\n\n"),
            (205, "id: 5\ndata: x\n\n"),
        ]);
        assert_eq!(
            gaps_ms(&events),
            [15, 20, 30],
            "an event has come with its last byte; those beyond the window do not count"
        );
        assert_eq!((events.received, events.lost, events.duplicates, events.out_of_order), (3, 0, 0, 0));
    }

    #[test]
    fn events_that_come_at_once_have_no_gap_and_the_first_of_all_has_none_to_have() {
        let events = counted(&[(110, "data: a\n\n"), (130, "data: b\n\ndata: c\n\n")]);
        assert_eq!((gaps_ms(&events), events.received), (vec![0, 20], 3));
    }
}
