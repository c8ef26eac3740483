//! A server's own files: which there are, and a copy of them in a folder of the cache.

use std::fs;
use std::path::{Path, PathBuf};

use super::{PrepareError, read};
use crate::cache::{CacheError, Key};

/// Folders of what tools leave beside the sources: packages, compiled files.
const LEFT_BY_TOOLS: [&str; 2] = ["node_modules", "__pycache__"];
/// How deep a server's own folders may lie in each other.
const DEPTH_MAX: usize = 8;

/// Every file of a server with its path in the folder, in order.
pub(super) struct AppFiles(Vec<(PathBuf, Vec<u8>)>);

impl AppFiles {
    /// Reads them, without hidden files and what tools leave there.
    ///
    /// # Errors
    /// When a file or folder cannot be read.
    pub(super) fn of(folder: &Path) -> Result<Self, PrepareError> {
        let mut found = Vec::new();
        collect(folder, Path::new(""), 0, &mut found)?;
        found.sort();
        Ok(Self(found))
    }

    /// A key that changes with any of them.
    pub(super) fn added_to(&self, key: Key) -> Key {
        self.0.iter().fold(key, |key, (name, bytes)| key.and(name.to_string_lossy().as_bytes()).and(bytes))
    }

    /// Writes them into a folder.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(super) fn lay_out(&self, folder: &Path) -> Result<(), PrepareError> {
        for (name, bytes) in &self.0 {
            let file = folder.join(name);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent).map_err(|error| CacheError::Io { folder: folder.to_owned(), error })?;
            }
            write(&file, bytes)?;
        }
        Ok(())
    }
}

/// Writes a file of a cache entry.
///
/// # Errors
/// When it cannot be written.
pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<(), PrepareError> {
    fs::write(file, bytes).map_err(|error| CacheError::Io { folder: file.to_owned(), error }.into())
}

fn collect(folder: &Path, inner: &Path, depth: usize, found: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<(), PrepareError> {
    let here = folder.join(inner);
    let entries = here.read_dir().map_err(|error| PrepareError::File { file: here.clone(), error })?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let left_by_tools = LEFT_BY_TOOLS.iter().any(|left| name == *left);
        if left_by_tools || name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = inner.join(&name);
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < DEPTH_MAX => collect(folder, &path, depth + 1, found)?,
            Ok(kind) if kind.is_file() => {
                let bytes = read(&entry.path())?;
                found.push((path, bytes));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_servers_own_files_only() {
        let (source, copy) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let names = ["app.js", "lib/inner.js", "node_modules/x.js", "__pycache__/app.pyc", ".git/x"];
        for name in names {
            let file = source.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
            fs::write(file, name).expect("writable");
        }
        let files = AppFiles::of(source.path()).expect("readable");
        files.lay_out(copy.path()).expect("writable");
        assert_eq!(fs::read_to_string(copy.path().join("lib/inner.js")).expect("it is there"), "lib/inner.js");
        let there: Vec<&str> = names.into_iter().filter(|name| copy.path().join(name).exists()).collect();
        assert_eq!(there, ["app.js", "lib/inner.js"]);
    }

    #[test]
    fn the_key_changes_with_any_file_and_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = || AppFiles::of(folder.path()).expect("readable").added_to(Key::of("test")).name();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("a"), "1").expect("writable");
        let first = key();
        fs::write(file("a"), "2").expect("writable");
        let changed = key();
        fs::rename(file("a"), file("b")).expect("writable");
        let renamed = key();
        assert!(first != changed && changed != renamed && renamed != first);
    }
}
