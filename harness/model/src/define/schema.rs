//! JSON Schemas, generated from the types: of the definitions, so that an editor completes them, and of the verdicts, so that whoever
//! reads them knows what stands there.

use schemars::{JsonSchema, schema_for};

use crate::define::claim::Claim;
use crate::define::server::Server;
use crate::define::untestable::Untestable;
use crate::define::workload::Workload;
use crate::history::HistoryLine;
use crate::verdict::Verdict;

/// One schema and the name of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionSchema {
    /// The file's name in `harness/model/schemas`.
    pub file: &'static str,
    /// The schema as indented JSON with a newline at its end.
    pub text: String,
}

/// The schemas of all kinds of definitions.
#[must_use]
pub fn schemas() -> Vec<DefinitionSchema> {
    vec![
        of::<Workload>("workload.json"),
        of::<Claim>("claim.json"),
        of::<Server>("server.json"),
        of::<Untestable>("untestable.json"),
    ]
}

/// The schema of `verdicts.json`. Members are only ever added, so a reader passes over what it does not know.
#[must_use]
pub fn verdicts_schema() -> DefinitionSchema {
    of::<Vec<Verdict>>("verdicts.json")
}

/// The schema of a line of `results/history.ndjson`.
#[must_use]
pub fn history_schema() -> DefinitionSchema {
    of::<HistoryLine>("history-line.json")
}

fn of<T: JsonSchema>(file: &'static str) -> DefinitionSchema {
    // A `Schema` is JSON already, so the alternate form of its value is its text.
    let text = format!("{:#}\n", schema_for!(T).to_value());
    DefinitionSchema { file, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_forbids_unknown_members() {
        for schema in schemas() {
            let value: serde_json::Value = serde_json::from_str(&schema.text).expect("a schema is JSON");
            assert_eq!(value["additionalProperties"], false, "{}", schema.file);
        }
    }
}
