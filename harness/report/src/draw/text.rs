//! How wide text is and where it breaks, estimated: the reader's fonts are not known when a chart is drawn.

/// The width of a text in a sans-serif face, in units of `size`, on the wide side of common system fonts.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(glyph_em).sum::<f64>() * size
}

const fn glyph_em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '|' | '!' | '\'' => 0.31,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '-' | '/' | '·' => 0.38,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.92,
        'A'..='Z' => 0.68,
        _ => 0.58,
    }
}

/// Breaks a text between words so that each line fits; a word that alone is too long is broken itself.
pub(crate) fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace().flat_map(|word| pieces(word, size, room)) {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(&word, size) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn pieces(word: &str, size: f64, room: f64) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let full =
            pieces.last().is_some_and(|piece| !piece.is_empty() && width(piece, size) + glyph_em(c) * size > room);
        if full {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces
}

/// Cuts a text so that it fits, with an ellipsis where something is lost.
pub(crate) fn cut(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if width(&short, size) + (glyph_em(c) + glyph_em('…')) * size > room {
            break;
        }
        short.push(c);
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text =
            "Under the GIL, four threads do at most a tenth more work than one aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let lines = wrap(text, 13.0, 150.0);
        assert!(lines.iter().all(|line| width(line, 13.0) <= 150.0), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert!(wrap("", 13.0, 150.0).is_empty());
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(cut("short", 10.0, 100.0), "short");
        assert!(cut("a very long label indeed", 10.0, 60.0).ends_with('…'));
    }
}
