//! `claimbench schema`: writes the JSON Schemas of the definitions and of the verdicts, or checks that they are up to date.

use std::fs;

use anyhow::{Context, anyhow};
use model::define::schema::{history_schema, schemas, verdicts_schema};

use crate::cli::SchemaArgs;
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::print;

/// Where the schemas are checked in, below the root.
const FOLDER: &str = "harness/model/schemas";

/// Writes or checks the schemas.
///
/// # Errors
/// When one is stale under `--check`, or cannot be written.
pub fn schema(args: &SchemaArgs, root: &Root) -> Result<(), Failure> {
    let folder = root.path().join(FOLDER);
    let mut stale = Vec::new();
    for schema in schemas().into_iter().chain([verdicts_schema(), history_schema()]) {
        let path = folder.join(schema.file);
        if fs::read_to_string(&path).is_ok_and(|text| text == schema.text) {
            continue;
        }
        stale.push(format!("{FOLDER}/{}", schema.file));
        if !args.check {
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            fs::write(&path, schema.text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    match (stale.is_empty(), args.check) {
        (true, _) => print::result("the schemas are up to date")?,
        (false, false) => print::result(&format!("written: {}", stale.join(", ")))?,
        (false, true) => {
            let error = anyhow!("stale: {}; run `claimbench schema` and commit the result", stale.join(", "));
            return Err(error).means(Exit::BadInput);
        }
    }
    Ok(())
}
