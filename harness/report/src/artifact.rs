//! Artifacts: what a run is shown by, as bytes with a path; whoever calls writes them.

/// The record itself, compressed; the pages link to it, and whoever publishes them writes it beside them.
pub const RECORD_FILE: &str = "record.ndjson.gz";

/// One file of a run's output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The path under the site's root, with `/` between its parts.
    pub path: String,
    /// The media type.
    pub media_type: &'static str,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Artifact {
    pub(crate) fn text(path: impl Into<String>, media_type: &'static str, text: String) -> Self {
        Self { path: path.into(), media_type, bytes: text.into_bytes() }
    }
}
