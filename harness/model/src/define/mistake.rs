//! A mistake in a definition: where it stands, what is wrong and what to write instead.

use std::fmt;
use std::ops::Range;

/// One mistake, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file, as it was named to the parser.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// How many characters of the line are meant.
    pub width: usize,
    /// The offending line.
    pub source: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Mistake {
    /// A mistake at a range of bytes of a file's text.
    #[must_use]
    pub fn at(file: &str, text: &str, range: Range<usize>, message: String, help: Option<String>) -> Self {
        let start = floor_boundary(text, range.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let end = floor_boundary(text, range.end).clamp(start, line_end);
        Self {
            file: file.to_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            width: text[start..end].chars().count().max(1),
            source: text[line_start..line_end].trim_end_matches('\r').to_owned(),
            message,
            help,
        }
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let before: String =
            self.source.chars().take(self.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        writeln!(out, "error: {}", self.message)?;
        writeln!(out, "{gutter}--> {}:{}:{}", self.file, self.line, self.column)?;
        writeln!(out, "{gutter} |")?;
        writeln!(out, "{number} | {}", self.source)?;
        write!(out, "{gutter} | {before}{}", "^".repeat(self.width))?;
        if let Some(help) = &self.help {
            write!(out, "\n{gutter} = help: {help}")?;
        }
        Ok(())
    }
}

/// "did you mean …?" for an unknown name, or the list of what there is.
#[must_use]
pub fn suggestion<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(unknown, name), *name))
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .min();
    match (nearest, known.is_empty()) {
        (Some((_, name)), _) => format!("did you mean `{name}`?"),
        (None, true) => "there is none".to_owned(),
        (None, false) => format!("there is {}", quoted(&known)),
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_counted_in_characters_from_one() {
        let text = "a = 1\nnäme = 'x'\n";
        let at = text.find('\'').expect("the quote is there");
        let mistake = Mistake::at("f.toml", text, at..at + 3, "wrong".to_owned(), None);
        assert_eq!((mistake.line, mistake.column, mistake.width), (2, 8, 3));
        assert_eq!(mistake.source, "näme = 'x'");
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(suggestion("expres", ["express", "flask"]), "did you mean `express`?");
        assert_eq!(suggestion("rocket", ["express", "flask"]), "there is `express`, `flask`");
    }
}
