//! `claimbench report`: the site of a run, from its record alone.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::cli::ReportArgs;
use crate::definitions::Root;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::registration::mark_exploratory;
use crate::stored_run::{publish, read_run};

/// The site's folder beside the record, where none is named.
const SITE: &str = "site";
/// The variable that names the file of a step's summary.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Draws the site and prints where it is.
///
/// # Errors
/// When the record cannot be read or the site not be written.
pub fn report(args: &ReportArgs, root: Option<&Root>) -> Result<(), Failure> {
    let index = write_site(&args.run, args.out.as_deref(), args.history.as_deref(), root)?;
    if args.step_summary {
        step_summary(&args.run)?;
    }
    print::result(&format!("{}", index.display()))?;
    Ok(())
}

/// Appends the verdicts to the summary of the step that runs this.
fn step_summary(run: &Path) -> Result<(), Failure> {
    let file = env::var_os(STEP_SUMMARY)
        .ok_or_else(|| {
            anyhow!("{STEP_SUMMARY} is not set: leave --step-summary out where no GitHub Actions step runs this")
        })
        .means(Exit::BadInput)?;
    let (_, record) = read_run(run)?;
    let verdicts = judge::verdicts(&record, &judge::analyse(&record));
    let wrong = || format!("cannot write to {}", Path::new(&file).display());
    let mut summary =
        OpenOptions::new().append(true).create(true).open(&file).with_context(wrong).means(Exit::BadInput)?;
    let text = report::summary_markdown(&record, &verdicts);
    summary.write_all(text.as_bytes()).with_context(wrong).means(Exit::BadInput)
}

/// Draws the site of a run, with the trends of a history if one is named, and gives the path of its first page.
///
/// # Errors
/// When the record cannot be read or the site not be written.
pub fn write_site(
    run: &Path,
    out: Option<&Path>,
    history: Option<&Path>,
    root: Option<&Root>,
) -> Result<PathBuf, Failure> {
    let (path, record) = read_run(run)?;
    let analysis = judge::analyse(&record);
    let mut verdicts = judge::verdicts(&record, &analysis);
    mark_exploratory(&mut verdicts, &record, root);
    let trends = history.map(super::history::read).transpose()?.map(|lines| judge::trends(&lines)).unwrap_or_default();
    let artifacts = report::render(&record, &analysis, &verdicts, &trends);
    let folder = out.map_or_else(|| path.with_file_name(SITE), Path::to_path_buf);
    publish(&artifacts, &path, &folder).means(Exit::BadInput)?;
    Ok(folder.join("index.html"))
}
