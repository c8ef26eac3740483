//! `claimbench report`: the site of a run, from its record alone.

use std::path::{Path, PathBuf};

use crate::cli::ReportArgs;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::stored_run::{publish, read_run};

/// The site's folder beside the record, where none is named.
const SITE: &str = "site";

/// Draws the site and prints where it is.
///
/// # Errors
/// When the record cannot be read or the site not be written.
pub fn report(args: &ReportArgs) -> Result<(), Failure> {
    let index = write_site(&args.run, args.out.as_deref())?;
    print::result(&format!("{}", index.display()))?;
    Ok(())
}

/// Draws the site of a run and gives the path of its first page.
///
/// # Errors
/// When the record cannot be read or the site not be written.
pub fn write_site(run: &Path, out: Option<&Path>) -> Result<PathBuf, Failure> {
    let (path, record) = read_run(run)?;
    let analysis = judge::analyse(&record);
    let verdicts = judge::verdicts(&record, &analysis);
    let artifacts = report::render(&record, &analysis, &verdicts);
    let folder = out.map_or_else(|| path.with_file_name(SITE), Path::to_path_buf);
    publish(&artifacts, &path, &folder).means(Exit::BadInput)?;
    Ok(folder.join("index.html"))
}
