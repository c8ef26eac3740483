//! The exporters: one file a format, and the list of all.

mod action_benchmark;
mod arms_csv;
mod bencher_json;
mod blocks_csv;
mod csv;
pub(crate) mod histograms;
mod junit_xml;
mod measures;
pub(crate) mod proxies_json;
mod summary_markdown;
mod terminal;
mod verdicts_json;
mod verdicts_schema;

pub use summary_markdown::summary_markdown;
pub use terminal::terminal_table;
pub use verdicts_json::verdicts_json;

use crate::artifact::Artifact;
use crate::joined::Run;

/// A format that a run is written in.
trait Exporter {
    /// The file's path under the site's root.
    fn path(&self) -> &'static str;
    /// Its media type.
    fn media_type(&self) -> &'static str;
    /// Its content.
    fn export(&self, run: &Run<'_>) -> String;
}

/// All exporters.
const EXPORTERS: &[&dyn Exporter] = &[
    &verdicts_json::VerdictsJson,
    &verdicts_schema::VerdictsSchema,
    &blocks_csv::BlocksCsv,
    &arms_csv::ArmsCsv,
    &summary_markdown::SummaryMarkdown,
    &terminal::Terminal,
    &bencher_json::BencherJson,
    &action_benchmark::ActionBenchmark { better: measures::Better::Bigger },
    &action_benchmark::ActionBenchmark { better: measures::Better::Smaller },
    &junit_xml::JunitXml,
];

/// Where the formats lie, under the site's root.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    EXPORTERS.iter().map(|exporter| exporter.path())
}

/// Writes a run in all formats.
pub(crate) fn export_all(run: &Run<'_>) -> Vec<Artifact> {
    EXPORTERS
        .iter()
        .map(|exporter| Artifact::text(exporter.path(), exporter.media_type(), exporter.export(run)))
        .chain(histograms::export(run))
        .chain(proxies_json::export(run))
        .collect()
}
