//! `claimbench report`: the site of a run, from its record alone.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use report::Artifact;

use crate::cli::ReportArgs;
use crate::definitions::Root;
use crate::expected;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::registration::mark_exploratory;
use crate::selection::globs;
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
    let index = write_site(args, root)?;
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

/// Draws the site of a run, with the trends of a history and the charts as PNG where asked for, and gives the path of its first page.
///
/// # Errors
/// When the record or a named file cannot be read, or the site not be written.
pub fn write_site(args: &ReportArgs, root: Option<&Root>) -> Result<PathBuf, Failure> {
    let pictured = globs(&args.png).means(Exit::BadInput)?;
    let (path, record) = read_run(&args.run)?;
    let analysis = judge::analyse(&record);
    let mut verdicts = judge::verdicts(&record, &analysis);
    mark_exploratory(&mut verdicts, &record, root);
    let expected = expected::read(args.expect.as_deref(), &verdicts)?;
    let history = args.history.as_deref().map(super::history::read).transpose()?;
    let trends = history.map(|lines| judge::trends(&lines)).unwrap_or_default();
    let mut artifacts = report::render(&record, &analysis, &verdicts, &trends, &expected, args.prices());
    if let Some(pictured) = pictured {
        let pictures = pictures(&artifacts, |name| pictured.is_match(name))?;
        artifacts.extend(pictures);
    }
    let folder = args.out.clone().unwrap_or_else(|| path.with_file_name(SITE));
    publish(&artifacts, &path, &folder).means(Exit::BadInput)?;
    Ok(folder.join("index.html"))
}

/// The charts of these names as PNG.
fn pictures(artifacts: &[Artifact], wanted: impl Fn(&str) -> bool) -> Result<Vec<Artifact>, Failure> {
    let named = |chart: &&Artifact| report::chart_name(chart).is_some_and(&wanted);
    let drawn = artifacts.iter().filter(named).map(report::picture).collect::<Result<Vec<Artifact>, _>>();
    let pictures = drawn.means(Exit::Bug)?;
    if pictures.is_empty() {
        let error = anyhow!("no chart has a name that --png matches; the names are those of `charts/NAME.svg`");
        return Err(error).means(Exit::BadInput);
    }
    Ok(pictures)
}
