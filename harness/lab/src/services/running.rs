//! A running service: waited for until it answers, watched, and stopped with all its processes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use model::define::workload::Service;
use nix::sys::signal::Signal;
use tempfile::TempDir;

use super::account::Account;
use super::postgres::NAME;
use super::remnant::{Remnant, remove_remnant};
use super::{ServiceError, ServicePlace};
use crate::cache::size_of_folder;
use crate::processes::ProcessGroup;
use crate::server::{Room, state_folder};

/// How long a service may take to answer; PostgreSQL takes about 0.1 s.
const START_UP_LIMIT: Duration = Duration::from_secs(20);
/// How often a starting service is asked.
const ASK_EVERY: Duration = Duration::from_millis(5);
/// How long the last words of a service that ended may be on their way.
const LAST_WORDS: Duration = Duration::from_millis(20);
/// How long the processes of a service that was killed may hold its memory.
const LETS_GO_WITHIN: Duration = Duration::from_secs(1);

/// A service that answers. Dropping it stops all its processes and removes what it stored.
#[derive(Debug)]
pub struct RunningService {
    process: ProcessGroup,
    /// Removed once the processes are stopped: fields are dropped in this order.
    state: TempDir,
    _programs: Option<TempDir>,
    service: Service,
    name: &'static str,
    version: String,
    port: u16,
    /// Seconds from spawning to the first answer.
    pub start_up_s: f64,
}

/// What is started, and where it shall listen.
pub(super) struct Starting {
    pub(super) service: Service,
    pub(super) name: &'static str,
    pub(super) version: String,
    pub(super) port: u16,
}

impl Starting {
    /// Starts it and asks until it answers.
    pub(super) fn start(
        self,
        command: Command,
        state: TempDir,
        place: &ServicePlace<'_>,
        how_to_stop: Signal,
        answers: impl Fn(u16) -> Result<(), String>,
    ) -> Result<RunningService, ServiceError> {
        let Self { service, name, version, port } = self;
        let began = Instant::now();
        let spawned = ProcessGroup::spawn(command, Some(place.cpus));
        let process = spawned.map_err(ServiceError::file(format!("starting {name}")))?.stopped_by(how_to_stop);
        let mut running =
            RunningService { process, state, _programs: None, service, name, version, port, start_up_s: 0.0 };
        loop {
            if let Some(status) = running.process.ended() {
                return Err(running.not_ready(format!("ended ({status}) before it answered")));
            }
            let last = match answers(port) {
                Ok(()) => break,
                Err(last) => last,
            };
            if place.interrupted.load(Ordering::Relaxed) {
                return Err(ServiceError::Interrupted);
            }
            if began.elapsed() > START_UP_LIMIT {
                let limit_s = START_UP_LIMIT.as_secs();
                return Err(running.not_ready(format!("did not answer within {limit_s} s: {last}")));
            }
            std::thread::sleep(ASK_EVERY);
        }
        running.start_up_s = began.elapsed().as_secs_f64();
        Ok(running)
    }
}

impl RunningService {
    /// Keeps a copy of its programs as long as it runs.
    pub(super) fn keeping(mut self, programs: Option<TempDir>) -> Self {
        self._programs = programs;
        self
    }

    /// Which service it is.
    #[must_use]
    pub const fn service(&self) -> Service {
        self.service
    }

    /// The loopback port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its version in its own words.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The process id of its leader.
    #[must_use]
    pub const fn leader(&self) -> i32 {
        self.process.leader()
    }

    /// How it ended, with its log's last lines; nothing while it runs.
    pub fn ended(&mut self) -> Option<ServiceError> {
        let status = self.process.ended()?;
        Some(self.not_ready(format!("ended ({status})")))
    }

    fn not_ready(&self, what: String) -> ServiceError {
        std::thread::sleep(LAST_WORDS);
        ServiceError::NotReady { service: self.name, what, log_tail: self.process.log_tail() }
    }

    /// The folder of its state.
    #[cfg(test)]
    pub(super) fn state(&self) -> &Path {
        self.state.path()
    }

    /// Stops it now.
    pub(super) fn stop(&mut self) {
        self.process.stop();
    }
}

impl Drop for RunningService {
    fn drop(&mut self) {
        self.process.stop();
        // One that was killed could not let go of its memory itself; its last processes may still be ending.
        let deadline = Instant::now() + LETS_GO_WITHIN;
        while remove_remnant(self.state.path()) == Remnant::Held && Instant::now() < deadline {
            std::thread::sleep(ASK_EVERY);
        }
    }
}

/// Where the services beside a server are, as far as they run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// The upstream's port.
    pub upstream: Option<u16>,
    /// PostgreSQL's port.
    pub postgres: Option<u16>,
    /// Redis's port.
    pub redis: Option<u16>,
}

impl Addresses {
    /// The addresses of some running services, and of the upstream.
    #[must_use]
    pub fn of(upstream: Option<u16>, running: &[RunningService]) -> Self {
        let port = |service| running.iter().find(|running| running.service == service).map(RunningService::port);
        Self { upstream, postgres: port(Service::Postgres), redis: port(Service::Redis) }
    }

    /// Whether a service runs.
    #[must_use]
    pub const fn has(&self, service: Service) -> bool {
        match service {
            Service::Upstream => self.upstream.is_some(),
            Service::Postgres => self.postgres.is_some(),
            Service::Redis => self.redis.is_some(),
            Service::Nginx => false,
        }
    }

    /// What a server sees of them in its environment.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&'static str, String)> {
        let database = |port| format!("postgresql://{NAME}:{NAME}@127.0.0.1:{port}/{NAME}");
        [
            ("UPSTREAM_URL", self.upstream.map(|port| format!("http://127.0.0.1:{port}"))),
            ("DATABASE_URL", self.postgres.map(database)),
            ("REDIS_URL", self.redis.map(|port| format!("redis://127.0.0.1:{port}/0"))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// A folder of programs where an account can run them: the folder itself, or a copy where its way there is closed to others (a
/// cache in root's home).
pub(super) fn reachable(folder: &Path, account: Account) -> Result<(PathBuf, Option<TempDir>), ServiceError> {
    use std::os::unix::fs::PermissionsExt;
    const OTHERS_MAY_PASS: u32 = 0o001;
    let passable = |path: &Path| path.metadata().is_ok_and(|facts| facts.permissions().mode() & OTHERS_MAY_PASS != 0);
    if account == Account::Own || folder.ancestors().all(passable) {
        return Ok((folder.to_owned(), None));
    }
    let place = state_folder(Room::of(size_of_folder(folder)))
        .map_err(ServiceError::file("a folder for a copy of the programs"))?;
    let to = place.path().join("programs");
    copy(folder, &to).map_err(ServiceError::file(format!("copying {}", folder.display())))?;
    account.owns(place.path())?;
    Ok((to, Some(place)))
}

/// Copies a folder with all in it; links stay links.
pub(super) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let facts = from.symlink_metadata()?;
    if facts.is_symlink() {
        return std::os::unix::fs::symlink(from.read_link()?, to);
    }
    if !facts.is_dir() {
        return std::fs::copy(from, to).map(|_| ());
    }
    std::fs::create_dir(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    std::fs::set_permissions(to, facts.permissions())
}
