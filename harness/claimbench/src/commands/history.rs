//! `claimbench history`: appends a run's derived line to a history, once; where it stands there already, brings it up to date.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use model::history::{HistoryLine, read_history};

use crate::cli::HistoryArgs;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::stored_run::read_run;

/// Appends the line of a run, or puts it in the place of the one that the history has.
///
/// # Errors
/// When the record or the history cannot be read, or the history not be written.
pub fn history(args: &HistoryArgs) -> Result<(), Failure> {
    let (_, record) = read_run(&args.run)?;
    let verdicts = judge::verdicts(&record, &judge::analyse(&record));
    let line = HistoryLine::of(&record, &verdicts);
    let into = args.into.as_path();
    let mut lines = read(into)?;
    if let Some(known) = lines.iter_mut().find(|known| known.run == line.run) {
        let began = line.began.clone();
        if *known == line {
            print::result(&format!("{} has the run of {began} already", into.display()))?;
        } else {
            *known = line;
            replace(into, &lines).means(Exit::BadInput)?;
            print::result(&format!("{}: the run of {began}, judged anew", into.display()))?;
        }
        return Ok(());
    }
    append(into, &line).means(Exit::BadInput)?;
    print::result(&format!("{}: the run of {}", into.display(), line.began))?;
    Ok(())
}

/// The lines of a history; none where there is no file yet.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Vec<HistoryLine>, Failure> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display())).means(Exit::BadInput)?;
    read_history(&text).with_context(|| path.display().to_string()).means(Exit::BadInput)
}

/// Writes all lines anew, in a file beside it first.
fn replace(path: &Path, lines: &[HistoryLine]) -> anyhow::Result<()> {
    let texts: Vec<String> = lines.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    let beside = path.with_extension("part");
    let put = || fs::write(&beside, texts.join("\n") + "\n").and_then(|()| fs::rename(&beside, path));
    put().with_context(|| format!("cannot write to {}", path.display()))
}

/// Appends in one write, after a line end where the last line lacks its own.
fn append(path: &Path, line: &HistoryLine) -> anyhow::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let unended = fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n'));
    let text = serde_json::to_string(line).context("a line of the history is not serialisable")?;
    let text = format!("{}{text}\n", if unended { "\n" } else { "" });
    let wrong = || format!("cannot write to {}", path.display());
    let mut file = OpenOptions::new().append(true).create(true).open(path).with_context(wrong)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).with_context(wrong)
}
