//! The seeded database: made once for a version of PostgreSQL and a seed, kept in the cache, copied for every trial. So that
//! all stacks meet the same rows, and no trial waits for them to be made.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::postgres::{self, DATA, Login, NAME, Postgres, STACKS};
use super::running::copy;
use super::{SEED, ServiceError, ServicePlace};
use crate::cache::Key;
use crate::processes::run_tool;

/// The recipe below; another number makes the database anew.
const RECIPE: &str = "seeded database 2";
/// The role that a database cannot be made without, which may do anything. It makes the stacks' own and is then closed.
const BOOTSTRAP: &str = "bootstrap";
/// How long each step may take; on two busy cores `initdb` takes about 3 s.
const STEP_LIMIT: Duration = Duration::from_secs(60);

/// The folder with the seeded database, made if it is not there yet.
pub(super) fn seeded(postgres: &Postgres, place: &ServicePlace<'_>) -> Result<PathBuf, ServiceError> {
    let seed = place.project.join(SEED);
    let text = std::fs::read(&seed).map_err(ServiceError::file(format!("reading {}", seed.display())))?;
    let key = Key::of(RECIPE).and(&postgres.programs.version).and(&text);
    let entry = place.cache.entry("postgres-database", key, place.interrupted, |folder| {
        make(postgres, &text, place, &folder.join(DATA))
    })?;
    Ok(entry.join(DATA))
}

fn make(postgres: &Postgres, seed: &[u8], place: &ServicePlace<'_>, to: &Path) -> Result<(), ServiceError> {
    let file = |what: &str| ServiceError::file(what.to_owned());
    let state = postgres::folder()?;
    let inner = state.path().to_owned();
    let password = password().map_err(file("making up a password"))?;
    write_secret(&inner.join("password"), &password).map_err(file("writing the password"))?;
    std::fs::write(inner.join("seed.sql"), seed).map_err(file("writing the seed"))?;
    postgres.account.owns(&inner)?;
    let mut initdb = postgres.command("initdb", &inner);
    initdb.args(["--username", BOOTSTRAP, "--pwfile", "password", "--auth", "scram-sha-256"]);
    initdb.args(["--encoding", "UTF8", "--locale", "C", "--no-sync", "--pgdata", DATA]);
    run_tool(initdb, STEP_LIMIT, place.interrupted).map_err(ServiceError::tool("initdb"))?;
    // SIGINT closes the database in order, so that what is copied needs no recovery.
    let mut running = postgres.serve(state, place, Signal::SIGINT)?;
    let asks = |user: Login<'_>, database: &str, further: &[&str]| {
        let psql = postgres.psql(&inner, running.port(), user, database, further);
        run_tool(psql, STEP_LIMIT, place.interrupted).map_err(ServiceError::tool("seeding the database"))
    };
    let bootstrap = Login { user: BOOTSTRAP, password: &password };
    let role = format!("CREATE ROLE {NAME} LOGIN NOSUPERUSER PASSWORD '{NAME}'");
    let database = format!("CREATE DATABASE {NAME} OWNER {NAME}");
    asks(bootstrap, "postgres", &["--command", &role, "--command", &database])?;
    asks(STACKS, NAME, &["--file", "seed.sql"])?;
    // Nobody needs it again, so that nobody shall be able to use it.
    let closed = format!("ALTER ROLE {BOOTSTRAP} NOLOGIN PASSWORD NULL");
    asks(bootstrap, "postgres", &["--command", &closed])?;
    running.stop();
    copy(&inner.join(DATA), to).map_err(file("keeping the seeded database"))
}

/// A password that nobody can guess, and that is forgotten with the folder in which the database is made.
fn password() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// Writes what only the file's owner may read.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    File::options().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}
