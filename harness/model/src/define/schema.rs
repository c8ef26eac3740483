//! JSON Schemas of the definitions, generated from the types, so that an editor completes them.

use schemars::{JsonSchema, schema_for};

use crate::define::claim::Claim;
use crate::define::server::Server;
use crate::define::workload::Workload;

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
    vec![of::<Workload>("workload.json"), of::<Claim>("claim.json"), of::<Server>("server.json")]
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
