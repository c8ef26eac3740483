//! Finds programs by name in every folder of PATH; that one is found does not mean that it works.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The most candidates of one kind that are tried; each may cost a process.
const CANDIDATES_MAX: usize = 48;

/// Every file in the folders, in their order, whose name is wanted; each file once, however many links lead to it.
pub(crate) fn in_folders(folders: impl IntoIterator<Item = PathBuf>, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for folder in folders {
        let Ok(entries) = folder.read_dir() else { continue };
        let named = |entry: std::fs::DirEntry| entry.file_name().to_str().is_some_and(&wanted).then(|| entry.path());
        let mut here: Vec<PathBuf> = entries.flatten().filter_map(named).collect();
        here.sort();
        found.extend(here.into_iter().filter(|path| is_program(path) && seen.insert(identity(path))));
    }
    found.truncate(CANDIDATES_MAX);
    found
}

/// The folders of PATH.
pub(crate) fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// The first program of a name on PATH.
pub(crate) fn first_on_path(name: &str) -> Option<PathBuf> {
    path_folders().into_iter().map(|folder| folder.join(name)).find(|path| is_program(path))
}

/// Whether a name is that of a Python interpreter: `python`, `python3`, `python3.13`, `python3.13t`.
pub(crate) fn is_python(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("python") else { return false };
    let rest = rest.strip_suffix('t').unwrap_or(rest);
    match rest.split_once('.') {
        Some((major, minor)) => major == "3" && !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()),
        None => rest.is_empty() || rest == "3",
    }
}

/// Whether a name is that of Node.js.
pub(crate) fn is_node(name: &str) -> bool {
    matches!(name, "node" | "nodejs")
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

/// What makes two candidates the same: the file that they lead to, and where that is a version manager (which acts on the
/// name it is called by) the name as well.
fn identity(path: &Path) -> (PathBuf, Option<OsString>) {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let target_name = target.file_name().unwrap_or_default().to_string_lossy();
    let is_itself = target_name.starts_with("python") || target_name.starts_with("node");
    let called = path.file_name().filter(|_| !is_itself).map(Into::into);
    (target, called)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpreters_are_known_by_their_names() {
        for name in ["python", "python3", "python3.13", "python3.14t", "python3t"] {
            assert!(is_python(name), "{name}");
        }
        for name in ["python2", "python2.7", "python3-config", "python3.13-config", "pythonw", "python3.", "ipython3"] {
            assert!(!is_python(name), "{name}");
        }
    }

    #[test]
    fn every_folder_is_searched_and_links_count_once() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        for (folder, name, mode) in [(&one, "node", 0o755), (&two, "node", 0o755), (&two, "nodejs", 0o644)] {
            let path = folder.path().join(name);
            std::fs::write(&path, "").expect("writable");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("ours");
        }
        symlink(one.path().join("node"), one.path().join("nodejs")).expect("writable");
        let folders = [one.path().to_owned(), two.path().to_owned()];
        assert_eq!(in_folders(folders, is_node), [one.path().join("node"), two.path().join("node")]);
    }
}
