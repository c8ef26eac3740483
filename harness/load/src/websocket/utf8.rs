//! Whether bytes that arrive in any portions are UTF-8. Keeps at most the beginning of one character.

/// They are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotUtf8;

/// Validates one text; [`reset`](Self::reset) makes it ready for the next.
#[derive(Clone, Copy, Debug, Default)]
pub struct Utf8 {
    /// The beginning of a character whose rest has not come.
    begun: [u8; 4],
    length: usize,
}

impl Utf8 {
    /// Makes it ready for another text.
    pub const fn reset(&mut self) {
        self.length = 0;
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// As soon as no continuation could make it UTF-8.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), NotUtf8> {
        let mut rest = bytes;
        while self.length > 0 {
            let Some((byte, after)) = rest.split_first() else { return Ok(()) };
            self.begun[self.length] = *byte;
            self.length += 1;
            rest = after;
            match std::str::from_utf8(&self.begun[..self.length]) {
                Ok(_) => self.length = 0,
                Err(error) if error.error_len().is_some() => return Err(NotUtf8),
                Err(_) => {}
            }
        }
        let Err(error) = std::str::from_utf8(rest) else { return Ok(()) };
        if error.error_len().is_some() {
            return Err(NotUtf8);
        }
        let begun = &rest[error.valid_up_to()..];
        self.begun[..begun.len()].copy_from_slice(begun);
        self.length = begun.len();
        Ok(())
    }

    /// The text is over.
    ///
    /// # Errors
    /// When it ends within a character.
    pub const fn end(&self) -> Result<(), NotUtf8> {
        if self.length == 0 { Ok(()) } else { Err(NotUtf8) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn in_parts(bytes: &[u8], part: usize) -> bool {
        let mut utf8 = Utf8::default();
        bytes.chunks(part).all(|part| utf8.feed(part).is_ok()) && utf8.end().is_ok()
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library_however_it_is_cut(text: String, noise: Vec<u8>, part in 1_usize..9) {
            prop_assert!(in_parts(text.as_bytes(), part));
            let mixed = [text.as_bytes(), &noise, text.as_bytes()].concat();
            prop_assert_eq!(in_parts(&mixed, part), std::str::from_utf8(&mixed).is_ok());
        }
    }

    #[test]
    fn hard_cases_byte_by_byte() {
        for wrong in [&b"\xc0\x80"[..], b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"a\xe2\x82", b"\x80"] {
            assert!(!in_parts(wrong, 1), "{wrong:x?}");
        }
        assert!(in_parts("a€𐍈".as_bytes(), 1));
    }
}
