//! The sender's stamp at the beginning of each message of a room: who sent it, as which, and when it was due.

/// Bytes of a stamp: five fields of hexadecimal digits, each with a space behind it.
pub const STAMP_BYTES: usize = 5 * 9 + 8;

/// What a message says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The run, so that messages of an earlier one are known.
    pub run: u32,
    /// The room.
    pub room: u32,
    /// The sender, by its number in the room.
    pub sender: u32,
    /// The number of the message among the sender's, from 1.
    pub sequence: u32,
    /// The number of the message among all of the stream.
    pub number: u64,
}

impl Stamp {
    /// Writes it to the beginning of a message.
    ///
    /// # Panics
    /// When the message is shorter than [`STAMP_BYTES`].
    pub fn write(&self, message: &mut [u8]) {
        let fields = [
            (u64::from(self.run), 8),
            (u64::from(self.room), 8),
            (u64::from(self.sender), 8),
            (u64::from(self.sequence), 8),
            (self.number, 16),
        ];
        let mut at = 0;
        for (value, digits) in fields {
            for place in (0..digits).rev() {
                message[at] = b"0123456789abcdef"[((value >> (4 * place)) & 15) as usize];
                at += 1;
            }
            message[at] = b' ';
            at += 1;
        }
    }

    /// Reads it from the beginning of a message; nothing where there is none.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut rest = message.get(..STAMP_BYTES)?;
        let mut field = |digits: usize| {
            let (text, after) = rest.split_at_checked(digits)?;
            let (space, after) = after.split_first()?;
            rest = after;
            let value = text.iter().try_fold(0_u64, |value, digit| Some(value << 4 | hex(*digit)?))?;
            (*space == b' ').then_some(value)
        };
        let mut word = || u32::try_from(field(8)?).ok();
        let (run, room, sender, sequence) = (word()?, word()?, word()?, word()?);
        Some(Self { run, room, sender, sequence, number: field(16)? })
    }
}

fn hex(digit: u8) -> Option<u64> {
    match digit {
        b'0'..=b'9' => Some(u64::from(digit - b'0')),
        b'a'..=b'f' => Some(u64::from(digit - b'a') + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::define::protocol;
    use proptest::prelude::*;

    #[test]
    fn definitions_know_how_long_it_is() {
        assert_eq!(STAMP_BYTES, protocol::STAMP_BYTES as usize);
    }

    proptest! {
        #[test]
        fn a_stamp_is_read_as_it_was_written(run: u32, room: u32, sender: u32, sequence: u32, number: u64) {
            let stamp = Stamp { run, room, sender, sequence, number };
            let mut message = [b'x'; STAMP_BYTES + 3];
            stamp.write(&mut message);
            prop_assert_eq!(Stamp::read(&message), Some(stamp));
            prop_assert_eq!(Stamp::read(&message[..STAMP_BYTES - 1]), None);
        }

        #[test]
        fn any_other_bytes_are_no_stamp(message: Vec<u8>) {
            // Five fields of random bytes are digits with a chance of less than 1 in 10^40.
            prop_assert_eq!(Stamp::read(&message), None);
        }
    }
}
