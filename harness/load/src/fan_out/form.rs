//! What a message is to the server: a room's, passed on as it is, or an edit of a document, which comes back with the server's number.
//!
//! Documents are those of CONTRACT.md, `/ws/documents`. Every edit puts its text at the document's beginning, so that all have one prefix.

use super::stamp::STAMP_BYTES;

/// What an edit begins with: at place 0, nothing is taken away.
const EDIT: &[u8] = b"0 0 ";
/// What the server puts before an edit that it passes on, before and behind the number's ten digits.
const PASSED_ON: [&[u8]; 2] = [b"edit ", b" "];
/// What the server says to a new member, before the number of the last edit.
const AS_IT_IS: &[u8] = b"document ";
/// Digits of a number.
const DIGITS: usize = 10;
/// Bytes before the stamp of an edit that was passed on.
const BEFORE_STAMP: usize = PASSED_ON[0].len() + DIGITS + PASSED_ON[1].len() + EDIT.len();
/// The most bytes from a message's beginning to its stamp's end.
pub(crate) const HEAD_BYTES: usize = BEFORE_STAMP + STAMP_BYTES;

/// What a message is to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A room's: everyone gets it as it is.
    #[default]
    Message,
    /// An edit of a document: everyone gets it with its number.
    Edit,
}

/// What a server's message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard<'h> {
    /// A message that bears a stamp, and the number that the server gave it, where it gives any.
    Stamped {
        /// From the stamp on.
        stamp: &'h [u8],
        number: Option<u64>,
        /// Bytes of the message before the stamp.
        before_stamp: u64,
    },
    /// A document as it is, with the number of the last edit.
    AsItIs { number: u64 },
    /// Something else.
    Other,
}

impl Form {
    /// What stands before a message's stamp when it is sent.
    pub(crate) const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Message => &[],
            Self::Edit => EDIT,
        }
    }

    /// What a message was, by its first bytes.
    pub(crate) fn hear(self, head: &[u8]) -> Heard<'_> {
        match self {
            Self::Message => Heard::Stamped { stamp: head, number: None, before_stamp: 0 },
            Self::Edit => edit(head).or_else(|| as_it_is(head)).unwrap_or(Heard::Other),
        }
    }
}

fn edit(head: &[u8]) -> Option<Heard<'_>> {
    let (number, rest) = number(head.strip_prefix(PASSED_ON[0])?)?;
    let stamp = rest.strip_prefix(PASSED_ON[1])?.strip_prefix(EDIT)?;
    Some(Heard::Stamped { stamp, number: Some(number), before_stamp: BEFORE_STAMP as u64 })
}

fn as_it_is(head: &[u8]) -> Option<Heard<'_>> {
    Some(Heard::AsItIs { number: number(head.strip_prefix(AS_IT_IS)?)?.0 })
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(DIGITS)?;
    let and = |value: u64, digit: &u8| digit.is_ascii_digit().then(|| value * 10 + u64::from(digit - b'0'));
    Some((digits.iter().try_fold(0, and)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_s_message_is_taken_as_it_is() {
        assert_eq!(Form::Message.prefix(), b"");
        let heard = Form::Message.hear(b"edit 0000000001 0 0 x");
        assert_eq!(heard, Heard::Stamped { stamp: b"edit 0000000001 0 0 x", number: None, before_stamp: 0 });
    }

    #[test]
    fn edits_and_documents_bear_numbers() {
        let heard = Form::Edit.hear(b"edit 0000000042 0 0 stamp");
        assert_eq!(heard, Heard::Stamped { stamp: b"stamp", number: Some(42), before_stamp: 20 });
        assert_eq!(Form::Edit.hear(b"document 0000000007 text"), Heard::AsItIs { number: 7 });
        for other in ["", "edit 42 0 0 x", "edit 000000004x 0 0 x", "edit 0000000042 1 0 x", "document 7 x", "hello"] {
            assert_eq!(Form::Edit.hear(other.as_bytes()), Heard::Other, "{other}");
        }
    }
}
