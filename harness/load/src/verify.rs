//! Verifies answers: status, media type and body, as they arrive, without keeping what need not be kept.

use model::define::workload::{JsonType, json_contains};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::ErrorClass;

/// What a right answer is; every part must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// The status code.
    pub status: u16,
    /// The media type, without its parameters; any where nothing is given.
    pub content_type: Option<String>,
    /// What the body must be.
    pub body: BodyCheck,
}

impl Default for Expect {
    fn default() -> Self {
        Self { status: 200, content_type: None, body: BodyCheck::Any }
    }
}

/// What the body must be.
#[derive(Clone, Debug, PartialEq)]
pub enum BodyCheck {
    /// Anything.
    Any,
    /// Exactly these bytes.
    Exact(Vec<u8>),
    /// This many bytes.
    Length(u64),
    /// Bytes of this SHA-256. Hashing costs the generator time for each byte: see the README.
    Sha256([u8; 32]),
    /// JSON that satisfies all of these.
    Json(Vec<JsonCheck>),
}

/// What a JSON body must have.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonCheck {
    /// All members of this value, with their values.
    Contains(Value),
    /// A member of this name and type.
    Member {
        /// The member's name.
        name: String,
        /// The type of its value.
        is: JsonType,
    },
    /// A length in bytes, beside what else must hold.
    Length(u64),
}

/// Verifies the answers to one request of a stream.
#[derive(Debug)]
pub(crate) struct Verifier {
    expect: Expect,
    /// The last body that was found right: most answers repeat it, and then nothing is parsed.
    last_right: Vec<u8>,
}

/// What of one answer was seen so far. Reused from answer to answer, so that it allocates only while it grows.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    status: u16,
    type_right: bool,
    bytes: u64,
    differs: bool,
    kept: Vec<u8>,
    hash: Sha256,
}

impl Seen {
    /// A message of another kind than expected.
    pub(crate) const fn is_of_wrong_kind(&mut self) {
        self.type_right = false;
    }
}

impl Verifier {
    pub(crate) fn new(expect: Expect) -> Self {
        Self { expect, last_right: Vec::new() }
    }

    /// The head of an answer has come.
    pub(crate) fn head(&self, seen: &mut Seen, status: u16, content_type: Option<&[u8]>) {
        seen.status = status;
        seen.type_right = self.expect.content_type.as_deref().is_none_or(|wanted| {
            content_type.is_some_and(|value| media_type(value).eq_ignore_ascii_case(wanted.as_bytes()))
        });
        seen.bytes = 0;
        seen.differs = false;
        seen.kept.clear();
        if matches!(self.expect.body, BodyCheck::Sha256(_)) {
            seen.hash.reset();
        }
    }

    /// A message begins: what has no status and no media type of its own.
    pub(crate) fn message_begins(&self, seen: &mut Seen) {
        self.head(seen, self.expect.status, None);
        seen.type_right = true;
    }

    /// The next part of the body has come.
    pub(crate) fn body(&self, seen: &mut Seen, bytes: &[u8]) {
        let from = usize::try_from(seen.bytes).unwrap_or(usize::MAX);
        seen.bytes += bytes.len() as u64;
        match &self.expect.body {
            BodyCheck::Any | BodyCheck::Length(_) => {}
            BodyCheck::Exact(wanted) => {
                let part = wanted.get(from..from.saturating_add(bytes.len()));
                seen.differs |= part != Some(bytes);
            }
            BodyCheck::Sha256(_) => seen.hash.update(bytes),
            BodyCheck::Json(_) => seen.kept.extend_from_slice(bytes),
        }
    }

    /// Whether status and media type are as expected.
    pub(crate) fn head_is_right(&self, seen: &Seen) -> bool {
        seen.status == self.expect.status && seen.type_right
    }

    /// Whether bodies are kept whole until they are verified.
    pub(crate) fn keeps_body(&self) -> bool {
        matches!(self.expect.body, BodyCheck::Json(_))
    }

    /// The answer is whole: is it right?
    pub(crate) fn verdict(&mut self, seen: &mut Seen) -> Result<(), ErrorClass> {
        if seen.status != self.expect.status {
            return Err(ErrorClass::WrongStatus);
        }
        let body_right = match &self.expect.body {
            BodyCheck::Any => true,
            BodyCheck::Length(wanted) => seen.bytes == *wanted,
            BodyCheck::Exact(wanted) => !seen.differs && seen.bytes == wanted.len() as u64,
            BodyCheck::Sha256(wanted) => seen.hash.finalize_reset()[..] == wanted[..],
            BodyCheck::Json(checks) => {
                let known = !self.last_right.is_empty() && self.last_right == seen.kept;
                let right = known || json_right(&seen.kept, checks);
                if right && !known {
                    std::mem::swap(&mut self.last_right, &mut seen.kept);
                }
                right
            }
        };
        if body_right && seen.type_right { Ok(()) } else { Err(ErrorClass::WrongBody) }
    }
}

/// Whether a whole answer is right, verified as the load verifies each.
///
/// # Errors
/// With what is wrong with it.
pub fn verify(expect: &Expect, status: u16, content_type: Option<&[u8]>, body: &[u8]) -> Result<(), ErrorClass> {
    let (mut verifier, mut seen) = (Verifier::new(expect.clone()), Seen::default());
    verifier.head(&mut seen, status, content_type);
    verifier.body(&mut seen, body);
    verifier.verdict(&mut seen)
}

fn media_type(content_type: &[u8]) -> &[u8] {
    let end = content_type.iter().position(|byte| *byte == b';').unwrap_or(content_type.len());
    content_type[..end].trim_ascii()
}

/// Whether bytes are JSON that satisfies all checks.
pub(crate) fn json_right(bytes: &[u8], checks: &[JsonCheck]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return false;
    };
    checks.iter().all(|check| match check {
        JsonCheck::Contains(wanted) => json_contains(&value, wanted),
        JsonCheck::Member { name, is } => value.get(name).is_some_and(|member| is.holds(member)),
        JsonCheck::Length(wanted) => bytes.len() as u64 == *wanted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn verdict(expect: &Expect, status: u16, content_type: Option<&str>, parts: &[&[u8]]) -> Result<(), ErrorClass> {
        let (mut verifier, mut seen) = (Verifier::new(expect.clone()), Seen::default());
        // Twice, since the second answer may meet what the first left behind.
        for _ in 0..2 {
            verifier.head(&mut seen, status, content_type.map(str::as_bytes));
            parts.iter().for_each(|part| verifier.body(&mut seen, part));
            verifier.verdict(&mut seen)?;
        }
        Ok(())
    }

    fn expecting(body: BodyCheck) -> Expect {
        Expect { body, ..Expect::default() }
    }

    proptest! {
        #[test]
        fn an_exact_body_may_come_in_any_parts(body: Vec<u8>, cut: prop::sample::Index) {
            let cut = cut.index(body.len() + 1);
            let expect = expecting(BodyCheck::Exact(body.clone()));
            prop_assert_eq!(verdict(&expect, 200, None, &[&body[..cut], &body[cut..]]), Ok(()));
            prop_assert_eq!(verdict(&expect, 200, None, &[&body, b"x"]), Err(ErrorClass::WrongBody));
            if !body.is_empty() {
                prop_assert_eq!(verdict(&expect, 200, None, &[&body[1..]]), Err(ErrorClass::WrongBody));
            }
        }
    }

    #[test]
    fn a_body_is_known_by_its_hash() {
        let expect = expecting(BodyCheck::Sha256(Sha256::digest(b"hello").into()));
        assert_eq!(verdict(&expect, 200, None, &[b"he", b"llo"]), Ok(()));
        assert_eq!(verify(&expect, 200, None, b"hello"), Ok(()));
        for wrong in [&b"hello!"[..], b"hell", b"", b"hellO"] {
            assert_eq!(verdict(&expect, 200, None, &[wrong]), Err(ErrorClass::WrongBody));
            assert_eq!(verify(&expect, 200, None, wrong), Err(ErrorClass::WrongBody));
        }
    }

    #[test]
    fn json_is_compared_by_meaning() {
        let expect = expecting(BodyCheck::Json(vec![
            JsonCheck::Contains(json!({"a": {"b": 1}})),
            JsonCheck::Member { name: "n".to_owned(), is: JsonType::Integer },
        ]));
        assert_eq!(verdict(&expect, 200, None, &[b"{\"n\": 3, \"a\":", b"{\"b\":1,\"c\":2}}"]), Ok(()));
        for wrong in ["{\"n\":3}", "{\"n\":\"3\",\"a\":{\"b\":1}}", "{\"n\":3,\"a\":{\"b\":2}}", "", "{\"n\":3,"] {
            assert_eq!(verdict(&expect, 200, None, &[wrong.as_bytes()]), Err(ErrorClass::WrongBody), "{wrong}");
        }
    }

    #[test]
    fn a_right_body_does_not_excuse_the_next() {
        let mut verifier = Verifier::new(expecting(BodyCheck::Json(vec![JsonCheck::Contains(json!({"ok": true}))])));
        let mut seen = Seen::default();
        for (body, right) in [(r#"{"ok":true}"#, true), (r#"{"ok":null}"#, false), (r#"{"ok":true}"#, true)] {
            verifier.head(&mut seen, 200, None);
            verifier.body(&mut seen, body.as_bytes());
            assert_eq!(verifier.verdict(&mut seen).is_ok(), right, "{body}");
        }
    }

    #[test]
    fn status_type_and_length_are_verified() {
        let expect = Expect { content_type: Some("text/plain".to_owned()), ..expecting(BodyCheck::Length(2)) };
        assert_eq!(verdict(&expect, 200, Some("Text/Plain; charset=utf-8"), &[b"ok"]), Ok(()));
        assert_eq!(verdict(&expect, 500, Some("text/plain"), &[b"ok"]), Err(ErrorClass::WrongStatus));
        assert_eq!(verdict(&expect, 200, Some("text/html"), &[b"ok"]), Err(ErrorClass::WrongBody));
        assert_eq!(verdict(&expect, 200, None, &[b"ok"]), Err(ErrorClass::WrongBody));
        assert_eq!(verdict(&expect, 200, Some("text/plain"), &[b"okk"]), Err(ErrorClass::WrongBody));
    }
}
