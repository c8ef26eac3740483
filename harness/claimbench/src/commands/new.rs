//! `claimbench new`: commented templates of a workload, a claim and a server, each of which passes `check`.

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};
use model::names::{ClaimId, WorkloadName};

use crate::cli::{NewArgs, NewKind};
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::print;

/// A file of a template: its path below the root and its text; `NAME` stands for the name in both, `WORKLOAD` for a claim's workload.
struct Template {
    path: &'static str,
    text: &'static str,
}

const WORKLOAD: &[Template] =
    &[Template { path: "workloads/NAME.toml", text: include_str!("../templates/workload.toml") }];
const CLAIM: &[Template] =
    &[Template { path: "workloads/claims/NAME.toml", text: include_str!("../templates/claim.toml") }];
const SERVER: &[Template] = &[
    Template { path: "reference-servers/NAME/server.toml", text: include_str!("../templates/server.toml") },
    Template { path: "reference-servers/NAME/app.py", text: include_str!("../templates/app.py") },
    Template { path: "reference-servers/NAME/requirements.lock", text: include_str!("../templates/requirements.lock") },
];

/// Writes a template.
///
/// # Errors
/// When the name is none, or something of that name is there already.
pub fn new(args: &NewArgs, root: &Root) -> Result<(), Failure> {
    ClaimId::new(args.name.as_str()).means(Exit::BadInput)?;
    WorkloadName::new(args.workload.as_str()).means(Exit::BadInput)?;
    let templates = match args.kind {
        NewKind::Workload => WORKLOAD,
        NewKind::Claim => CLAIM,
        NewKind::Server => SERVER,
    };
    for template in templates {
        write(root.path(), template, args)?;
    }
    print::note("`claimbench check` passes on it as it is; edit it, and check again");
    Ok(())
}

fn write(root: &Path, template: &Template, args: &NewArgs) -> Result<(), Failure> {
    let shown = template.path.replace("NAME", &args.name);
    let path = root.join(&shown);
    if path.exists() {
        return Err(anyhow!("{shown} is there already; take another name")).means(Exit::BadInput);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let text = template.text.replace("NAME", &args.name).replace("WORKLOAD", &args.workload);
    fs::write(&path, text).with_context(|| format!("cannot write {shown}"))?;
    print::result(&shown)?;
    Ok(())
}
