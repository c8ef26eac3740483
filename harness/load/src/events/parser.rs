//! Parses an event stream (WHATWG HTML, section 9.2) from bytes that arrive in any portions. Does not keep the data.

use crate::error::ErrorClass;
use crate::websocket::utf8::{NotUtf8, Utf8};

/// What a stream may begin with, and what then means nothing.
const BYTE_ORDER_MARK: &[u8; 3] = b"\xef\xbb\xbf";
/// Longest field name that matters, and one more, so that a longer one is known.
const NAME_BYTES: usize = 5;

/// An event that was dispatched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id, where it has one that is a whole number: the sender's counter.
    pub id: Option<u64>,
}

/// Why bytes are no events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventError {
    /// They are not UTF-8.
    BadUtf8,
    /// One event goes on beyond its bound.
    TooLarge,
}

/// Parses one stream.
#[derive(Debug)]
pub struct EventParser {
    utf8: Utf8,
    /// Bytes of the byte order mark that have come; all of it, once anything else has.
    mark: usize,
    place: Place,
    after_return: bool,
    name: [u8; NAME_BYTES],
    name_length: usize,
    value: Counter,
    id: Option<u64>,
    has_data: bool,
    event_bytes: u64,
    event_bytes_max: u64,
}

/// Where in a line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Name,
    /// Behind the colon, where one space means nothing.
    Colon,
    Value,
}

/// A value that may be a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counter {
    Empty,
    Number(u64),
    Other,
}

impl EventParser {
    /// A parser of a stream whose events may have this many bytes each.
    #[must_use]
    pub fn new(event_bytes_max: u64) -> Self {
        Self {
            utf8: Utf8::default(),
            mark: 0,
            place: Place::Name,
            after_return: false,
            name: [0; NAME_BYTES],
            name_length: 0,
            value: Counter::Empty,
            id: None,
            has_data: false,
            event_bytes: 0,
            event_bytes_max,
        }
    }

    /// Takes the next bytes, and tells of each event that they complete.
    ///
    /// # Errors
    /// When they are not UTF-8, or an event is too long.
    pub fn feed(&mut self, bytes: &[u8], mut event: impl FnMut(Event)) -> Result<(), EventError> {
        self.utf8.feed(bytes)?;
        for byte in bytes {
            if self.mark < BYTE_ORDER_MARK.len() {
                if *byte == BYTE_ORDER_MARK[self.mark] {
                    self.mark += 1;
                    continue;
                }
                self.mark = BYTE_ORDER_MARK.len();
            }
            self.event_bytes += 1;
            if self.event_bytes > self.event_bytes_max {
                return Err(EventError::TooLarge);
            }
            let after_return = std::mem::replace(&mut self.after_return, *byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => self.end_line().into_iter().for_each(&mut event),
                _ => self.take(*byte),
            }
        }
        Ok(())
    }

    fn take(&mut self, byte: u8) {
        match self.place {
            Place::Name if byte == b':' => self.place = Place::Colon,
            Place::Name => {
                if let Some(place) = self.name.get_mut(self.name_length) {
                    *place = byte;
                    self.name_length += 1;
                }
            }
            Place::Colon if byte == b' ' => self.place = Place::Value,
            Place::Colon | Place::Value => {
                self.place = Place::Value;
                self.value = self.value.and(byte);
            }
        }
    }

    fn end_line(&mut self) -> Option<Event> {
        let is_empty = self.name_length == 0 && self.place == Place::Name;
        match &self.name[..self.name_length] {
            b"data" => self.has_data = true,
            b"id" => {
                self.id = match self.value {
                    Counter::Number(number) => Some(number),
                    _ => None,
                }
            }
            _ => {}
        }
        self.place = Place::Name;
        self.name_length = 0;
        self.value = Counter::Empty;
        if !is_empty {
            return None;
        }
        self.event_bytes = 0;
        let id = self.id.take();
        std::mem::take(&mut self.has_data).then_some(Event { id })
    }
}

impl Counter {
    fn and(self, byte: u8) -> Self {
        let before = match self {
            Self::Empty => 0,
            Self::Number(number) => number,
            Self::Other => return Self::Other,
        };
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
        let number = digit.and_then(|digit| before.checked_mul(10)?.checked_add(digit));
        number.map_or(Self::Other, Self::Number)
    }
}

impl From<NotUtf8> for EventError {
    fn from(_: NotUtf8) -> Self {
        Self::BadUtf8
    }
}

impl From<EventError> for ErrorClass {
    fn from(error: EventError) -> Self {
        match error {
            EventError::BadUtf8 => Self::BadUtf8,
            EventError::TooLarge => Self::TooLarge,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(bytes: &[u8], part: usize) -> Result<Vec<Option<u64>>, EventError> {
        let (mut parser, mut found) = (EventParser::new(1_000), Vec::new());
        for part in bytes.chunks(part) {
            parser.feed(part, |event| found.push(event.id))?;
        }
        Ok(found)
    }

    proptest! {
        #[test]
        fn events_come_out_however_they_are_cut(
            events in prop::collection::vec((any::<Option<u64>>(), "[a-z é:]{0,20}"), 0..20),
            newline in prop::sample::select(vec!["\n", "\r", "\r\n"]),
            part in 1_usize..60,
        ) {
            let mut text = String::from("\u{feff}: a comment");
            text.push_str(newline);
            for (id, data) in &events {
                let id = id.map_or(String::new(), |id| format!("id: {id}{newline}"));
                text.push_str(&format!("event:x{newline}{id}data: {data}{newline}data{newline}{newline}"));
            }
            let expected: Vec<_> = events.iter().map(|(id, _)| *id).collect();
            prop_assert_eq!(ids(text.as_bytes(), part), Ok(expected));
        }

        #[test]
        fn the_cut_makes_no_difference_to_any_bytes(bytes: Vec<u8>, part in 1_usize..9) {
            prop_assert_eq!(ids(&bytes, part).ok(), ids(&bytes, 1_000).ok());
        }
    }

    #[test]
    fn what_is_no_event_is_none() {
        for none in ["data: x\n", "\n\n\n", ": ping\n\n", "id: 3\n\n", "date: x\n\n", "datadata: x\n\n", " data: x\n\n"]
        {
            assert_eq!(ids(none.as_bytes(), 1), Ok(Vec::new()), "{none:?}");
        }
        assert_eq!(ids(b"id: 3\n\ndata: x\n\n", 1), Ok(vec![None]), "an id belongs to its own event here");
        assert_eq!(ids(b"data\nid:007\n\n", 1), Ok(vec![Some(7)]));
        for id in ["x", "1x", "-1", "99999999999999999999", ""] {
            assert_eq!(ids(format!("data\nid: {id}\n\n").as_bytes(), 3), Ok(vec![None]), "{id}");
        }
    }

    #[test]
    fn what_has_no_end_or_is_no_text_is_refused() {
        assert_eq!(ids(&b"data: x\n".repeat(1_000), 7), Err(EventError::TooLarge));
        assert_eq!(ids(&[b'x'; 1_001], 100), Err(EventError::TooLarge));
        assert_eq!(ids(b"data: \xff\n\n", 1), Err(EventError::BadUtf8));
        assert_eq!(ids(&b"data: x\n\n".repeat(1_000), 7).unwrap().len(), 1_000, "many short ones are fine");
    }
}
