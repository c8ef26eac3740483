//! `proxies.json`: the proxies of a record that has them, in the form of `claimbench proxies --json`, with what installing took.

use serde_json::json;

use crate::artifact::Artifact;
use crate::joined::Run;

/// The file's path under the site's root.
pub(crate) const PATH: &str = "proxies.json";

/// The file; none where the record has no proxies.
pub(crate) fn export(run: &Run<'_>) -> Option<Artifact> {
    let proxies = &run.record.header.proxies;
    let listing = json!({ "version": 1, "proxies": proxies });
    (!proxies.is_empty()).then(|| Artifact::text(PATH, "application/json", format!("{listing:#}\n")))
}
