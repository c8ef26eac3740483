//! `verdicts.schema.json`: the JSON Schema of `verdicts.json`, made from the types themselves.

use model::define::schema::verdicts_schema;

use crate::exporters::Exporter;
use crate::joined::Run;

pub(crate) struct VerdictsSchema;

impl Exporter for VerdictsSchema {
    fn path(&self) -> &'static str {
        "verdicts.schema.json"
    }

    fn media_type(&self) -> &'static str {
        "application/schema+json"
    }

    fn export(&self, _: &Run<'_>) -> String {
        verdicts_schema().text
    }
}
