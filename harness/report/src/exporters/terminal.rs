//! The verdicts as a table for a terminal, at most a hundred columns wide and without colours.

use model::verdict::{Outcome, Verdict};

use crate::exporters::Exporter;
use crate::joined::Run;
use crate::words;

pub(crate) struct Terminal;

/// The widest line, in columns.
const WIDEST: usize = 100;
const OUTCOME: usize = 20;
const LEAST_CLAIM: usize = 12;
const MOST_CLAIM: usize = 30;
const EFFECT: usize = 30;

impl Exporter for Terminal {
    fn path(&self) -> &'static str {
        "verdicts.txt"
    }

    fn media_type(&self) -> &'static str {
        "text/plain"
    }

    fn export(&self, run: &Run<'_>) -> String {
        terminal_table(run.verdicts)
    }
}

/// The verdict table. A claim without a definite verdict has its reason under it.
#[must_use]
pub fn terminal_table(verdicts: &[Verdict]) -> String {
    let longest = verdicts.iter().map(|verdict| verdict.claim.as_str().chars().count()).max().unwrap_or(0);
    let claim = longest.clamp(LEAST_CLAIM, MOST_CLAIM);
    let heading = format!("{:OUTCOME$}{:claim$}  {:EFFECT$}holds", "verdict", "claim", "effect (interval)");
    let rule = "─".repeat(WIDEST);
    let rows: String = verdicts.iter().map(|verdict| row(verdict, claim)).collect();
    let checks = words::failed_checks(verdicts).map_or_else(String::new, |checks| filled(&checks, 0));
    format!("{heading}\n{rule}\n{rows}{rule}\n{}\n{checks}", words::tally(verdicts))
}

fn row(verdict: &Verdict, claim: usize) -> String {
    let outcome = format!("{} {}", words::symbol(verdict.outcome), verdict.outcome.in_words());
    let name = shortened(verdict.claim.as_str(), claim);
    let effect = words::effect(verdict).unwrap_or_else(|| "–".to_owned());
    let region = match verdict.outcome {
        Outcome::NotTestable => String::new(),
        _ => words::region(verdict.region),
    };
    let line = format!("{outcome:OUTCOME$}{name:claim$}  {effect:EFFECT$}{region}");
    let line = shortened(line.trim_end(), WIDEST) + "\n";
    match verdict.outcome {
        Outcome::Supported | Outcome::Refuted => line,
        Outcome::Inconclusive | Outcome::NotTestable => line + &filled(&verdict.reason, OUTCOME),
    }
}

/// Lines of a text, each this far from the edge.
fn filled(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in words::printable(&words::unticked(text)).split_whitespace() {
        let used = lines.last().map_or(0, |line| line.chars().count());
        if used > 0 && indent + used + 1 + word.chars().count() > WIDEST {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            let gap = if line.is_empty() { "" } else { " " };
            line.push_str(gap);
            line.push_str(word);
        }
    }
    let indented = |line: &String| shortened(&format!("{:indent$}{line}", ""), WIDEST) + "\n";
    lines.iter().filter(|line| !line.is_empty()).map(indented).collect()
}

fn shortened(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    text.chars().take(columns - 1).chain(['…']).collect()
}
