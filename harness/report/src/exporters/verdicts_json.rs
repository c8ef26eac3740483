//! `verdicts.json`: the verdicts as they are, the same bytes as `claimbench judge RUN --json` prints.

use model::verdict::Verdict;

use crate::exporters::Exporter;
use crate::joined::Run;

pub(crate) struct VerdictsJson;

impl Exporter for VerdictsJson {
    fn path(&self) -> &'static str {
        "verdicts.json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn export(&self, run: &Run<'_>) -> String {
        verdicts_json(run.verdicts)
    }
}

/// The verdicts as a JSON array, indented, with a line end; numbers that are not finite become `null`.
#[must_use]
pub fn verdicts_json(verdicts: &[Verdict]) -> String {
    let json = serde_json::to_string_pretty(verdicts).expect("verdicts have text keys only, so they always serialise");
    json + "\n"
}
