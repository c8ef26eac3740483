//! A run on disk: its folder, its append-only record, and the artifacts beside it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};
use model::record::{Line, RunRecord, read_record};
use report::{Artifact, RECORD_FILE};

use crate::failure::{Exit, Failure, Means};

/// The record's name in a run's folder.
pub const RECORD: &str = "record.ndjson";

/// Appends to a run's record; each line is on disk before the next trial begins.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
    file: File,
}

impl RecordFile {
    /// Begins a record in a new folder.
    ///
    /// # Errors
    /// When the folder holds a record already, or cannot be written.
    pub fn begin(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(RECORD);
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))
            .means(Exit::BadInput)?;
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)
            .with_context(|| {
                format!(
                    "cannot begin a record at {}; name another folder with --out, or go on with --resume",
                    path.display()
                )
            })
            .means(Exit::BadInput)?;
        Ok(Self { path, file })
    }

    /// Goes on with a record: a last line that was cut off is taken away first.
    ///
    /// # Errors
    /// When it cannot be opened or written.
    pub fn resume(path: &Path) -> anyhow::Result<Self> {
        let wrong = || format!("cannot go on with {}", path.display());
        let mut file = OpenOptions::new().read(true).append(true).open(path).with_context(wrong)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).with_context(wrong)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        file.set_len(whole as u64).with_context(wrong)?;
        file.seek(SeekFrom::End(0)).with_context(wrong)?;
        Ok(Self { path: path.to_path_buf(), file })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// When it cannot be written whole, as on a full disk; what stood before stays readable.
    pub fn append(&mut self, line: &Line) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec(line).context("a line of the record is not serialisable")?;
        text.push(b'\n');
        self.file.write_all(&text).and_then(|()| self.file.sync_data()).with_context(|| {
            format!(
                "cannot write to {}: free some space and go on with --resume; what was measured is kept",
                self.path.display()
            )
        })
    }

    /// Where the record is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The record of a run that was named by its folder or its file, compressed or not.
///
/// # Errors
/// When there is none.
pub fn record_path(run: &Path) -> Result<PathBuf, Failure> {
    let candidates = if run.is_dir() { vec![run.join(RECORD), run.join(RECORD_FILE)] } else { vec![run.to_path_buf()] };
    candidates
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| anyhow!("{} is no run: name a run's folder, or its {RECORD}", run.display()))
        .means(Exit::BadInput)
}

/// Reads the record of a run.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn read_run(run: &Path) -> Result<(PathBuf, RunRecord), Failure> {
    let path = record_path(run)?;
    let text = text_of(&path).with_context(|| format!("cannot read {}", path.display())).means(Exit::BadInput)?;
    let record = read_record(&text).with_context(|| path.display().to_string()).means(Exit::BadInput)?;
    Ok((path, record))
}

fn text_of(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let mut file = File::open(path)?;
    if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        file.read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Appends a line to the record of a run that is over, compressed or not.
///
/// # Errors
/// When it cannot be read or written; it is then as it was.
pub fn append_to(record: &Path, line: &Line) -> anyhow::Result<()> {
    if record.extension().is_none_or(|extension| extension != "gz") {
        return RecordFile::resume(record)?.append(line);
    }
    let text = text_of(record).with_context(|| format!("cannot read {}", record.display()))?;
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let beside = record.with_extension("part");
    let line = serde_json::to_string(line).context("a line of the record is not serialisable")?;
    let put = || -> anyhow::Result<()> {
        fs::write(&beside, compressed(&format!("{whole}{line}\n"))?)?;
        Ok(fs::rename(&beside, record)?)
    };
    put().with_context(|| format!("cannot write {}", record.display()))
}

/// The same bytes for the same text.
fn compressed(text: &str) -> std::io::Result<Vec<u8>> {
    let mut compressed = GzBuilder::new().write(Vec::new(), Compression::best());
    compressed.write_all(text.as_bytes())?;
    compressed.finish()
}

/// Compresses a record beside itself, the same bytes for the same record.
///
/// # Errors
/// When it cannot be read or written.
pub fn compress(record: &Path, to: &Path) -> anyhow::Result<()> {
    let text = text_of(record).with_context(|| format!("cannot read {}", record.display()))?;
    fs::write(to, compressed(&text)?).with_context(|| format!("cannot write {}", to.display()))
}

/// Writes artifacts into a folder, all or none: into a new folder beside it first, which then takes its place.
///
/// # Errors
/// When something cannot be written; the folder is then as it was.
pub fn publish(artifacts: &[Artifact], record: &Path, folder: &Path) -> anyhow::Result<()> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = folder.with_file_name(format!("{name}.part"));
    let written = write_all(artifacts, record, &beside);
    if written.is_err() {
        // The folder's own state is the message; what is left of the half site is of no use to anyone.
        let _ = fs::remove_dir_all(&beside);
        return written;
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot replace {}", folder.display()))?;
    }
    fs::rename(&beside, folder).with_context(|| format!("cannot move the site to {}", folder.display()))
}

fn write_all(artifacts: &[Artifact], record: &Path, folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        let inside = path.parent().unwrap_or(folder);
        fs::create_dir_all(inside).with_context(|| format!("cannot make {}", inside.display()))?;
        fs::write(&path, &artifact.bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    compress(record, &folder.join(RECORD_FILE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::record::{Finished, PhaseTimes};

    fn line(wall_s: f64) -> Line {
        Line::Finished(Finished { wall_s, set_up_s: 0.0, calibration_s: 0.0, phases: PhaseTimes::default() })
    }

    #[test]
    fn a_full_disk_is_said_with_the_remedy() {
        let file = OpenOptions::new().append(true).open("/dev/full").expect("Linux has a full disk to test with");
        let mut record = RecordFile { path: PathBuf::from("/dev/full"), file };
        let error = record.append(&line(1.0)).expect_err("the disk is full");
        assert!(format!("{error:#}").contains("free some space and go on with --resume"), "{error:#}");
    }

    #[test]
    fn going_on_takes_a_cut_off_line_away() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut record = RecordFile::begin(folder.path()).expect("a new record");
        record.append(&line(1.0)).expect("room for a line");
        let path = record.path().to_path_buf();
        let whole = fs::read_to_string(&path).expect("the record");
        fs::write(&path, format!("{whole}{{\"finished\":{{\"wall")).expect("a cut-off line");
        RecordFile::resume(&path).expect("it goes on").append(&line(2.0)).expect("room for a line");
        let lines: Vec<String> = fs::read_to_string(&path).expect("the record").lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[1].contains("2.0"), "{lines:?}");
    }

    #[test]
    fn a_record_that_is_there_is_not_begun_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        RecordFile::begin(folder.path()).expect("a new record");
        let failure = RecordFile::begin(folder.path()).expect_err("it is there already");
        assert_eq!(failure.exit, Exit::BadInput);
    }
}
