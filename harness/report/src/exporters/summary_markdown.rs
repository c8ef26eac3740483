//! `summary.md`: the verdicts as a table, for the summary of a CI step and for a README.

use model::record::RunRecord;
use model::verdict::{Outcome, Verdict};

use crate::exporters::Exporter;
use crate::joined::Run;
use crate::words::{self, Part};

pub(crate) struct SummaryMarkdown;

impl Exporter for SummaryMarkdown {
    fn path(&self) -> &'static str {
        "summary.md"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown"
    }

    fn export(&self, run: &Run<'_>) -> String {
        summary_markdown(run.record, run.verdicts)
    }
}

/// The verdicts as a Markdown table under a line that counts them.
#[must_use]
pub fn summary_markdown(record: &RunRecord, verdicts: &[Verdict]) -> String {
    let header = &record.header;
    let rows: String = verdicts.iter().map(row).collect();
    format!(
        "**{}**\n\n| verdict | claim | effect, with its interval |\n| --- | --- | --- |\n{rows}\n{}; profile {}, {} blocks, seed {}; {}.\n",
        words::tally(verdicts),
        escaped(&header.machine.in_words()),
        words::profile(header.plan.profile.name),
        header.plan.profile.blocks,
        header.plan.seed,
        escaped(&header.began),
    )
}

fn row(verdict: &Verdict) -> String {
    let (symbol, outcome) = (words::symbol(verdict.outcome), verdict.outcome.in_words());
    let effect = match (words::effect(verdict), verdict.outcome) {
        (Some(effect), Outcome::Supported | Outcome::Refuted) => effect,
        (Some(effect), _) => format!("{effect}; {}", brief(verdict)),
        (None, _) => brief(verdict),
    };
    format!("| {symbol} {outcome} | `{}` {} | {} |\n", verdict.claim, prose(&verdict.statement), prose(&effect))
}

/// The reason in so few words that a table of many claims can be read; `verdicts.txt` and the claim's page have it whole.
fn brief(verdict: &Verdict) -> String {
    let failed = verdict.gates.iter().filter(|found| !found.pass);
    let failed: Vec<String> = failed.map(|found| format!("{:?} ({})", found.gate, found.gate.title())).collect();
    if !failed.is_empty() {
        let noun = if failed.len() == 1 { "check" } else { "checks" };
        return format!("withheld by the {noun} {}", failed.join(", "));
    }
    match (verdict.low, verdict.high, verdict.outcome) {
        (Some(low), Some(high), Outcome::Inconclusive) if straddles(verdict, low, high) => {
            "on both sides of the border".to_owned()
        }
        _ => verdict.reason.clone(),
    }
}

fn straddles(verdict: &Verdict, low: f64, high: f64) -> bool {
    let borders = [verdict.region.above, verdict.region.below];
    borders.into_iter().flatten().any(|border| low < border && border < high)
}

/// A text in a Markdown table, with what stands between backticks as code.
fn prose(text: &str) -> String {
    let part = |part: Part<'_>| match part {
        Part::Plain(plain) => escaped(plain),
        // In a code span all signs mean themselves, but for the one that would end the table's cell.
        Part::Code(code) => format!("`{}`", words::printable(code).replace(['\n', '\t'], " ").replace('|', "\\|")),
    };
    words::parts(text).into_iter().map(part).collect()
}

/// Text that means nothing but itself in a Markdown table.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in words::printable(text).chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
