//! Reads one TOML text into one type and reports every mistake in it, not only the first.
//!
//! serde stops at its first error. Here the offending part is cut out of the parsed tree and reading begins
//! again, until nothing but the holes themselves is missing.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use crate::define::mistake::{Mistake, suggestion};

/// The most mistakes reported for one file; by then the file is something else.
const MOST_MISTAKES: usize = 50;

/// A parsed file, with the places of its parts.
#[derive(Debug)]
pub struct Source<'a> {
    file: &'a str,
    text: &'a str,
    tree: Spanned<DeTable<'a>>,
}

impl<'a> Source<'a> {
    /// A mistake at the part that a path of keys leads to, or as near to it as the file goes.
    #[must_use]
    pub fn mistake(&self, path: &[&str], message: String, help: Option<String>) -> Mistake {
        let mut range = 0..self.text.find('\n').unwrap_or(self.text.len());
        let mut table = Some(self.tree.get_ref());
        let mut array: Option<&DeArray<'_>> = None;
        for key in path {
            let next = match (table, array) {
                (Some(inside), _) => inside.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value),
                (None, Some(inside)) => key.parse::<usize>().ok().and_then(|at| inside.get(at)),
                (None, None) => None,
            };
            let Some(value) = next else { break };
            range = value.span();
            table = value.get_ref().as_table();
            array = value.get_ref().as_array();
        }
        Mistake::at(self.file, self.text, range, message, help)
    }
}

/// Reads a text as a `T`.
///
/// # Errors
/// Every mistake found, in the order of the file.
pub fn parse<'a, T: DeserializeOwned>(file: &'a str, text: &'a str) -> Result<(T, Source<'a>), Vec<Mistake>> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let mut mistakes: Vec<Mistake> =
        errors.iter().map(|error| reported(file, text, error.span(), error.message(), None)).collect();
    if mistakes.is_empty() {
        match read_all(file, text, &tree) {
            Ok(value) => return Ok((value, Source { file, text, tree })),
            Err(found) => mistakes = found,
        }
    }
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    mistakes.dedup();
    Err(mistakes)
}

fn read_all<T: DeserializeOwned>(file: &str, text: &str, tree: &Spanned<DeTable<'_>>) -> Result<T, Vec<Mistake>> {
    let mut rest = tree.clone();
    let mut mistakes = Vec::new();
    let mut cut: Vec<String> = Vec::new();
    while mistakes.len() < MOST_MISTAKES {
        let error = match T::deserialize(Deserializer::from(rest.clone())) {
            Ok(value) if mistakes.is_empty() => return Ok(value),
            Ok(_) => break,
            Err(error) => error,
        };
        let message = error.message().to_owned();
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        // A hole that was cut here is no news; the table around it is cut next, so that the rest is read.
        if !missing.is_some_and(|name| cut.iter().any(|gone| gone == name)) {
            mistakes.push(reported(file, text, error.span(), &message, missing));
        }
        match error.span().and_then(|span| prune(&mut rest, &span)) {
            Some(name) => cut.push(name),
            None => break,
        }
    }
    Err(mistakes)
}

/// Cuts the innermost entry whose key or value is at `span` out of the tree; gives its key.
fn prune(tree: &mut Spanned<DeTable<'_>>, span: &Range<usize>) -> Option<String> {
    prune_table(tree.get_mut(), span)
}

fn prune_table(table: &mut DeTable<'_>, span: &Range<usize>) -> Option<String> {
    for (_, value) in table.iter_mut() {
        if let Some(name) = prune_value(value, span) {
            return Some(name);
        }
    }
    let name = table
        .iter()
        .find(|(key, value)| contains(&key.span(), span) || contains(&value.span(), span))
        .map(|(key, _)| key.get_ref().to_string())?;
    table.remove(name.as_str());
    Some(name)
}

fn prune_value(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<String> {
    if value.span() == *span {
        return None;
    }
    match value.get_mut() {
        DeValue::Table(table) => prune_table(table, span),
        DeValue::Array(array) => array.iter_mut().find_map(|item| prune_value(item, span)),
        _ => None,
    }
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn reported(file: &str, text: &str, span: Option<Range<usize>>, message: &str, missing: Option<&str>) -> Mistake {
    let help = match missing {
        Some(name) => Some(format!("add `{name} = …`")),
        None => help_for_unknown(message),
    };
    let range = span.unwrap_or(0..text.find('\n').unwrap_or(text.len()));
    Mistake::at(file, text, range, message.trim_end().to_owned(), help)
}

/// serde says "unknown field `x`, expected one of `a`, `b`": turns that into a suggestion.
fn help_for_unknown(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("unknown variant `"))?;
    let (unknown, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2);
    Some(suggestion(unknown, known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        name: String,
        count: u32,
        inner: Inner,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        size: u8,
    }

    fn places(text: &str) -> Vec<(usize, String)> {
        parse::<Outer>("f.toml", text)
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|mistake| (mistake.line, mistake.message))
            .collect()
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let found = places("nmae = 'x'\ncount = 'three'\n[inner]\nsize = 300\nsise = 1\n");
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert!(lines.contains(&1) && lines.contains(&2) && lines.contains(&4) && lines.contains(&5), "{found:?}");
    }

    #[test]
    fn an_unknown_field_gets_a_suggestion() {
        let mistakes = parse::<Outer>("f.toml", "nam = 'x'\nname='y'\ncount=1\ninner={size=1}").expect_err("wrong");
        assert_eq!(mistakes[0].help.as_deref(), Some("did you mean `name`?"));
        assert_eq!((mistakes[0].line, mistakes[0].column), (1, 1));
    }

    #[test]
    fn a_file_without_mistakes_is_read() {
        assert!(parse::<Outer>("f.toml", "name = 'x'\ncount = 1\ninner = { size = 2 }").is_ok());
        assert!(parse::<Outer>("f.toml", "name = \n = 3").is_err());
    }
}
