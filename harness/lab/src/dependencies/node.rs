//! Node.js: `npm ci` from the lock file and the `package.json` beside it into one cache entry, the sources beside a link to it in another.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::define::server::Language;

use super::{PrepareError, Prepared, Purpose, Step, read};
use crate::cache::{CacheError, Key, Making};
use crate::runtimes::Node;

/// The recipe of the packages; another number installs them anew.
const PACKAGES_RECIPE: &str = "node packages 1";
/// The recipe of the app's folder.
const APP_RECIPE: &str = "node app 1";
/// What npm calls a lock file, wherever it lies.
const LOCK: &str = "package-lock.json";
/// What a lock file locks.
const MANIFEST: &str = "package.json";
/// Where npm puts packages.
const PACKAGES: &str = "node_modules";
/// How deep a server's own folders may lie in each other.
const DEPTH_MAX: usize = 8;

pub(super) fn prepare(step: &Step<'_>, node: &Node) -> Result<Prepared, PrepareError> {
    let lock = step.lock()?;
    let manifest = read(&step.folder().join(step.lock).with_file_name(MANIFEST))?;
    let key = Key::of(PACKAGES_RECIPE).and(&lock).and(&manifest).and(node.version.to_string()).and(&node.build);
    let key = if step.purpose == Purpose::Testing { key.and("with what tests need") } else { key };
    let kind = format!("node-packages-{}", step.server.name);
    let cache = step.sources.cache;
    let packages = cache.entry(&kind, key.clone(), step.interrupted, |folder| {
        write(&folder.join(MANIFEST), &manifest)?;
        write(&folder.join(LOCK), &lock)?;
        step.run("installing the packages", npm_ci(node, folder, step.purpose))?;
        Ok::<(), PrepareError>(())
    })?;
    let sources = sources(&step.folder())?;
    let key = sources
        .iter()
        .fold(key.and(APP_RECIPE), |key, (name, bytes)| key.and(name.to_string_lossy().as_bytes()).and(bytes));
    let kind = format!("node-app-{}", step.server.name);
    let folder = cache.entry(&kind, key, step.interrupted, |folder| lay_out(folder, &sources, &packages))?;
    let (program, installed) = (node.executable.clone(), Making::of(&packages));
    Ok(Prepared { language: Language::Javascript, program, folder, free_threaded: false, installed })
}

fn npm_ci(node: &Node, folder: &Path, purpose: Purpose) -> Command {
    let mut command = Command::new(&node.executable);
    command.arg(&node.npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    if purpose == Purpose::Serving {
        command.arg("--omit=dev");
    }
    command.args(["--no-update-notifier", "--loglevel=error"]).current_dir(folder);
    // npm starts further programs by the name `node`: it must be this one.
    let own = node.executable.parent().map(Path::to_owned);
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = own.into_iter().chain(std::env::split_paths(&rest)).collect();
    command.env("PATH", std::env::join_paths(path).unwrap_or_else(|_| OsString::from(&rest)));
    command
}

/// Every file of the app with its path in the folder, in order; without packages and hidden files.
fn sources(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, PrepareError> {
    let mut found = Vec::new();
    collect(folder, Path::new(""), 0, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, inner: &Path, depth: usize, found: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<(), PrepareError> {
    let here = folder.join(inner);
    let entries = here.read_dir().map_err(|error| PrepareError::File { file: here.clone(), error })?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") || name == PACKAGES {
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

fn lay_out(folder: &Path, sources: &[(PathBuf, Vec<u8>)], packages: &Path) -> Result<(), PrepareError> {
    for (name, bytes) in sources {
        let file = folder.join(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(|error| CacheError::Io { folder: folder.to_owned(), error })?;
        }
        write(&file, bytes)?;
    }
    std::os::unix::fs::symlink(packages.join(PACKAGES), folder.join(PACKAGES))
        .map_err(|error| CacheError::Io { folder: folder.to_owned(), error }.into())
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), PrepareError> {
    fs::write(file, bytes).map_err(|error| CacheError::Io { folder: file.to_owned(), error }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_folder_has_its_sources_and_a_link_to_its_packages() {
        let (source, cache) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        for (name, text) in [("app.js", "1"), ("lib/inner.js", "2"), ("node_modules/x.js", "3"), (".git/x", "4")] {
            let file = source.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
            fs::write(file, text).expect("writable");
        }
        let sources = sources(source.path()).expect("readable");
        let names: Vec<&str> = sources.iter().filter_map(|(name, _)| name.to_str()).collect();
        assert_eq!(names, ["app.js", "lib/inner.js"]);
        fs::create_dir(cache.path().join("app")).expect("writable");
        lay_out(&cache.path().join("app"), &sources, cache.path()).expect("writable");
        assert_eq!(fs::read_to_string(cache.path().join("app/lib/inner.js")).expect("it is there"), "2");
        assert!(cache.path().join("app/node_modules").is_symlink());
    }
}
