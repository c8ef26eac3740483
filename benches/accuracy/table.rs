//! The table of what was measured against what it is held to; in Markdown, which a terminal shows well enough.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use claimbench::print;

use crate::options::{Effort, Options};
use crate::place::Place;

/// Between these two lines of a file stands the table.
const MARKS: [&str; 2] = ["<!-- accuracy: begin -->", "<!-- accuracy: end -->"];

/// One thing that was measured.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) measured: String,
    pub(crate) bound: Bound,
}

/// What a figure is held to.
pub(crate) enum Bound {
    /// Nothing.
    None,
    /// It may be at most this.
    AtMost {
        /// The figure.
        value: f64,
        /// The target.
        most: f64,
    },
}

/// All that was measured.
pub(crate) struct Table {
    from: String,
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Table {
    pub(crate) fn new(place: &Place, options: &Options) -> Self {
        let how = format!("{} rounds of {:?} each", options.rounds(), options.measure());
        let cores = if place.is_shared() { "; generator and server share a core" } else { "" };
        let when = claimbench::clock::now_rfc3339();
        Self {
            from: format!("{}; {when}; {how}{cores}.", place.machine.in_words()),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(crate) fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    /// Prints it, and writes it where it was asked for.
    pub(crate) fn show(&self, options: &Options) -> anyhow::Result<()> {
        let text = self.in_markdown(options.effort());
        print::result(&text)?;
        options.write.as_deref().map_or(Ok(()), |file| replace(file, &text))
    }

    fn in_markdown(&self, effort: Effort) -> String {
        let mut text = String::from("| what | measured | target | |\n|---|---|---|---|\n");
        for Row { what, measured, bound } in &self.rows {
            let (target, verdict) = bound.in_words(effort);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "| {what} | {measured} | {target} | {verdict} |");
        }
        let _ = write!(text, "\n{}\n", self.from);
        for note in &self.notes {
            let _ = writeln!(text, "{note}");
        }
        text
    }
}

impl Bound {
    fn in_words(&self, effort: Effort) -> (String, String) {
        match *self {
            Self::None => (String::new(), String::new()),
            Self::AtMost { most, .. } if effort == Effort::Tiny => {
                (format!("≤ {most}"), "too short to judge".to_owned())
            }
            Self::AtMost { value, most } if value <= most => (format!("≤ {most}"), "reached".to_owned()),
            Self::AtMost { value, most } => {
                (format!("≤ {most}"), format!("missed by {:.0} %", (value / most - 1.0) * 100.0))
            }
        }
    }
}

/// Replaces what stands between the marks.
fn replace(file: &Path, table: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let [begin, end] = MARKS;
    let parts = text.split_once(begin).and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
    let (before, after) = parts.ok_or_else(|| anyhow!("{} has no lines `{begin}` and `{end}`", file.display()))?;
    std::fs::write(file, format!("{before}{begin}\n{table}{end}{after}"))
        .with_context(|| format!("cannot write {}", file.display()))
}
