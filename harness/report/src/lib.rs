//! Charts, exporters and the site, from a run record, its analysis and its verdicts alone.
//!
//! Pure: bytes out, no file and no clock, so the same record always gives the same bytes. Nothing is judged here and
//! nothing is measured; what the record lacks is said to be missing.

mod artifact;
mod charts;
mod distribution;
mod draw;
mod exporters;
mod facts;
mod joined;
mod picture;
mod prices;
mod site;
mod words;

pub use artifact::{Artifact, RECORD_FILE};
pub use exporters::{summary_markdown, terminal_table, verdicts_json};
pub use picture::{PictureError, chart_name, picture};
pub use prices::Prices;

use model::analysis::Analysis;
use model::change::Change;
use model::expect::Expectations;
use model::history::Trend;
use model::record::RunRecord;
use model::verdict::Verdict;

use joined::Run;

/// The page on two runs, as one file that needs nothing beside it.
#[must_use]
pub fn compare_page(first: &RunRecord, second: &RunRecord, changes: &[Change]) -> Artifact {
    site::compare::page(first, second, changes)
}

/// Everything that a run has to show: pages, charts and data, with paths relative to the site's root, sorted by path.
///
/// `trends` is what earlier runs came to; without any there is no page on them. `expected` is what a maintainer knows to come out, for the
/// formats that tell right from wrong. `prices` are what the pages of claims about cost reckon with.
///
/// The pages link to [`RECORD_FILE`] at the root, which the caller writes: it is the record itself.
#[must_use]
pub fn render(
    record: &RunRecord,
    analysis: &Analysis,
    verdicts: &[Verdict],
    trends: &[Trend],
    expected: &Expectations,
    prices: Prices,
) -> Vec<Artifact> {
    let run = Run::join(record, analysis, verdicts, trends, expected, prices);
    let figures = charts::draw_all(&run);
    let mut artifacts = site::pages(&run, &figures);
    artifacts.extend(figures.iter().map(charts::Figure::artifact));
    artifacts.extend(exporters::export_all(&run));
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    artifacts
}
