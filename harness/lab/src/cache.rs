//! The cache folder: entries named by what they were made from, each there as a whole or not at all.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

mod making;

pub use making::Making;
pub(crate) use making::size_of_folder;

/// How often a run looks whether another one has built what both need.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The cache folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    root: PathBuf,
}

/// Why there is no cache entry.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// No folder is known.
    #[error(
        "there is no cache folder, since neither CLAIMBENCH_CACHE, XDG_CACHE_HOME nor HOME is set; set one of them"
    )]
    NoFolder,
    /// A file could not be made.
    #[error("the cache folder {folder}: {error}; free space or rights there, or name another with CLAIMBENCH_CACHE")]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// The run was interrupted meanwhile.
    #[error("interrupted")]
    Interrupted,
}

/// What an entry is made from, as a SHA-256.
#[derive(Clone, Debug)]
pub(crate) struct Key(Sha256);

impl Key {
    /// A key for a kind of entry. The kind names the recipe with its version: change it when the recipe changes.
    pub(crate) fn of(recipe: &str) -> Self {
        Self(Sha256::new()).and(recipe).and(std::env::consts::OS).and(std::env::consts::ARCH)
    }

    /// Adds a part; its length goes in as well, so that no two lists of parts look alike.
    pub(crate) fn and(mut self, part: impl AsRef<[u8]>) -> Self {
        let part = part.as_ref();
        self.0.update(part.len().to_le_bytes());
        self.0.update(part);
        self
    }

    /// The key as a name, shortened to 128 bits.
    pub(crate) fn name(self) -> String {
        self.0.finalize().iter().take(16).fold(String::new(), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        })
    }
}

impl Cache {
    /// The folder that the environment names: `CLAIMBENCH_CACHE`, else `claimbench` in `XDG_CACHE_HOME`, else
    /// `~/.cache/claimbench`.
    ///
    /// # Errors
    /// When it names none.
    pub fn from_environment() -> Result<Self, CacheError> {
        Self::chosen(|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
    }

    fn chosen(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<Self, CacheError> {
        let root = variable("CLAIMBENCH_CACHE")
            .or_else(|| variable("XDG_CACHE_HOME").map(|folder| folder.join("claimbench")))
            .or_else(|| variable("HOME").map(|home| home.join(".cache/claimbench")));
        let root = root.ok_or(CacheError::NoFolder)?;
        // Servers start in other folders than the harness, so that a relative path would mean another one there.
        let root = std::path::absolute(&root).map_err(|error| CacheError::Io { folder: root, error })?;
        Ok(Self { root })
    }

    /// A cache in a folder.
    #[must_use]
    pub const fn in_folder(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// An entry if it is there already.
    pub(crate) fn existing(&self, kind: &str, key: Key) -> Option<PathBuf> {
        Some(self.path(kind, key)).filter(|path| path.is_dir())
    }

    fn path(&self, kind: &str, key: Key) -> PathBuf {
        self.root.join(format!("{kind}-{}", key.name()))
    }

    /// An entry, built by `build` in an empty folder if it is not there yet. Whoever comes second waits for the first;
    /// what was cut off half way is built anew.
    pub(crate) fn entry<E: From<CacheError>>(
        &self,
        kind: &str,
        key: Key,
        interrupted: &AtomicBool,
        build: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<PathBuf, E> {
        let io = |error| CacheError::Io { folder: self.root.clone(), error };
        let path = self.path(kind, key);
        if path.is_dir() {
            return Ok(path);
        }
        fs::create_dir_all(&self.root).map_err(io)?;
        // Held until it is dropped; the kernel lets go of it when the process ends in any way.
        let _lock = lock(&path.with_extension("lock"), interrupted, io)?;
        if path.is_dir() {
            return Ok(path);
        }
        let building = path.with_extension("building");
        if building.exists() {
            fs::remove_dir_all(&building).map_err(io)?;
        }
        fs::create_dir(&building).map_err(io)?;
        let began = Instant::now();
        build(&building)?;
        Making::since(began, &building).tell(&path).map_err(io)?;
        fs::rename(&building, &path).map_err(io)?;
        Ok(path)
    }
}

fn lock(path: &Path, interrupted: &AtomicBool, io: impl Fn(std::io::Error) -> CacheError) -> Result<File, CacheError> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(&io)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if interrupted.load(Ordering::Relaxed) => {
                return Err(CacheError::Interrupted);
            }
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOOK_EVERY),
            Err(fs::TryLockError::Error(error)) => return Err(io(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

    fn entry(cache: &Cache, build: impl FnOnce(&Path) -> Result<(), CacheError>) -> Result<PathBuf, CacheError> {
        cache.entry("thing", Key::of("test 1").and("lock"), &NOT_INTERRUPTED, build)
    }

    #[test]
    fn what_was_cut_off_half_way_is_built_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::in_folder(folder.path().to_owned());
        let failed = entry(&cache, |path| {
            fs::write(path.join("half"), "").expect("it is writable");
            Err(CacheError::NoFolder)
        });
        assert!(failed.is_err());
        let built = entry(&cache, |path| {
            assert!(!path.join("half").exists());
            fs::write(path.join("whole"), "").map_err(|error| CacheError::Io { folder: path.to_owned(), error })
        });
        assert!(built.expect("it is built").join("whole").exists());
        entry(&cache, |_| panic!("it is there already")).expect("it is found");
        assert!(cache.existing("thing", Key::of("test 1").and("lock")).is_some());
        assert!(cache.existing("thing", Key::of("test 1").and("other")).is_none());
    }

    #[test]
    fn of_two_at_once_one_builds_and_both_have_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::in_folder(folder.path().to_owned());
        let builds = AtomicU32::new(0);
        std::thread::scope(|scope| {
            let one = || {
                entry(&cache, |path| {
                    builds.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(60));
                    fs::write(path.join("whole"), "").expect("it is writable");
                    Ok(())
                })
            };
            let both = [scope.spawn(one), scope.spawn(one)];
            for path in both.map(|thread| thread.join().expect("no panic").expect("it is built")) {
                assert!(path.join("whole").exists());
            }
        });
        assert_eq!(builds.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn the_environment_chooses_the_folder() {
        let with = |set: &'static [(&str, &str)]| {
            Cache::chosen(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value)))
        };
        let all = [("CLAIMBENCH_CACHE", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")];
        let all: &'static [_] = Box::leak(Box::new(all));
        assert_eq!(with(all).expect("set").root(), Path::new("/a"));
        assert_eq!(with(&all[1..]).expect("set").root(), Path::new("/b/claimbench"));
        assert_eq!(with(&all[2..]).expect("set").root(), Path::new("/c/.cache/claimbench"));
        assert!(matches!(with(&[]), Err(CacheError::NoFolder)));
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(Key::of("r").and("ab").and("c").name(), Key::of("r").and("a").and("bc").name());
    }
}
