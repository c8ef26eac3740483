//! Node.js: `npm ci` from the lock file and the `package.json` beside it into one cache entry, the sources beside a link to it in another.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::define::server::Language;

use super::app_files::{AppFiles, write};
use super::{PrepareError, Prepared, Purpose, Step, read};
use crate::cache::{CacheError, Key, Making};
use crate::runtimes::Node;

/// The recipe of the packages; another number installs them anew.
const PACKAGES_RECIPE: &str = "node packages 1";
/// The recipe of the app's folder.
const APP_RECIPE: &str = "node app 2";
/// What npm calls a lock file, wherever it lies.
const LOCK: &str = "package-lock.json";
/// What a lock file locks.
const MANIFEST: &str = "package.json";
/// Where npm puts packages.
const PACKAGES: &str = "node_modules";

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
    let files = AppFiles::of(&step.folder())?;
    let key = files.added_to(key.and(APP_RECIPE));
    let kind = format!("node-app-{}", step.server.name);
    let folder = cache.entry(&kind, key, step.interrupted, |folder| lay_out(folder, &files, &packages))?;
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

fn lay_out(folder: &Path, files: &AppFiles, packages: &Path) -> Result<(), PrepareError> {
    files.lay_out(folder)?;
    std::os::unix::fs::symlink(packages.join(PACKAGES), folder.join(PACKAGES))
        .map_err(|error| CacheError::Io { folder: folder.to_owned(), error }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_folder_has_its_sources_and_a_link_to_its_packages() {
        let (source, cache) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        std::fs::write(source.path().join("app.js"), "1").expect("writable");
        let files = AppFiles::of(source.path()).expect("readable");
        std::fs::create_dir(cache.path().join("app")).expect("writable");
        lay_out(&cache.path().join("app"), &files, cache.path()).expect("writable");
        assert_eq!(std::fs::read_to_string(cache.path().join("app/app.js")).expect("it is there"), "1");
        assert!(cache.path().join("app/node_modules").is_symlink());
    }
}
