//! What making a cache entry took, told in a file beside it: an entry is made once, and many runs use it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// How the name of the file ends.
const ENDING: &str = "made";
/// How deep an entry's folders may lie in each other; npm's packages may hold packages that hold packages.
const DEPTH_MAX: usize = 64;

/// What making an entry took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// How long it took, downloads included, in ms.
    pub took_ms: u64,
    /// The sizes of all its files, in bytes.
    pub bytes: u64,
}

impl Making {
    /// Of a folder whose making began at a moment and has just come to its end.
    pub(super) fn since(began: Instant, folder: &Path) -> Self {
        let took: Duration = began.elapsed();
        Self { took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX), bytes: size_of_folder(folder) }
    }

    /// Tells it beside the entry.
    pub(super) fn tell(self, entry: &Path) -> std::io::Result<()> {
        let text = serde_json::to_string(&self).unwrap_or_default();
        fs::write(entry.with_extension(ENDING), text)
    }

    /// What was told beside an entry; nothing beside one from before it was.
    pub(crate) fn of(entry: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(entry.with_extension(ENDING)).ok()?).ok()
    }
}

/// The sizes of a folder's files, in bytes; links count for nothing, since what they lead to is elsewhere.
pub(crate) fn size_of_folder(folder: &Path) -> u64 {
    size_of(folder, 0)
}

fn size_of(folder: &Path, depth: usize) -> u64 {
    let Ok(entries) = folder.read_dir() else { return 0 };
    let size = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() && depth < DEPTH_MAX => size_of(&entry.path(), depth + 1),
        Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |found| found.len()),
        _ => 0,
    };
    entries.flatten().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_took_stands_beside_the_entry() {
        let folder = tempfile::tempdir().expect("a folder");
        let entry = folder.path().join("thing-0123");
        fs::create_dir_all(entry.join("inner")).expect("writable");
        fs::write(entry.join("a"), [0; 70]).expect("writable");
        fs::write(entry.join("inner/b"), [0; 7]).expect("writable");
        std::os::unix::fs::symlink(entry.join("a"), entry.join("link")).expect("writable");
        assert_eq!(Making::of(&entry), None);
        let began = Instant::now();
        std::thread::sleep(Duration::from_millis(20));
        Making::since(began, &entry).tell(&entry).expect("writable");
        let found = Making::of(&entry).expect("it was told");
        assert!(found.bytes == 77 && found.took_ms >= 20, "{found:?}");
    }
}
