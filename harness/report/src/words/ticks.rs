//! Code inside texts: what an author or the judge wrote between backticks. Pages set it as code; where nothing can be set as code the
//! backticks are left away.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    Plain(&'t str),
    Code(&'t str),
}

/// The parts of a text in their order; a backtick without its other half stays what it is.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, code, after)) = first_code(rest) {
        if !before.is_empty() {
            parts.push(Part::Plain(before));
        }
        parts.push(Part::Code(code));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Plain(rest));
    }
    parts
}

/// What stands before the first code of a text, the code, and what stands after it.
fn first_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`').filter(|(code, _)| !code.is_empty())?;
    Some((before, code, after))
}

/// The text without the backticks around its code.
pub(crate) fn unticked(text: &str) -> String {
    let plain = |part: Part<'_>| match part {
        Part::Plain(text) | Part::Code(text) => text.to_owned(),
    };
    parts(text).into_iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_stands_between_two_ticks() {
        use Part::{Code, Plain};
        assert_eq!(parts("a `b c` d `e`"), [Plain("a "), Code("b c"), Plain(" d "), Code("e")]);
        assert_eq!(parts("plain"), [Plain("plain")]);
        assert_eq!(parts("`b` `"), [Code("b"), Plain(" `")]);
        assert_eq!(parts("`` b"), [Plain("`` b")]);
        assert!(parts("").is_empty());
        assert_eq!(unticked("Its control `gil-processes`, a ` alone."), "Its control gil-processes, a ` alone.");
    }
}
