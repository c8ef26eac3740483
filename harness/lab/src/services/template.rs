//! The seeded database: made once for a version of PostgreSQL and a seed, kept in the cache, copied for every trial. So that
//! all stacks meet the same rows, and no trial waits for them to be made.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::postgres::{DATA, NAME, Postgres};
use super::running::copy;
use super::{SEED, ServiceError, ServicePlace};
use crate::cache::Key;
use crate::processes::run_tool;
use crate::server::state_folder;

/// The recipe below; another number makes the database anew.
const RECIPE: &str = "seeded database 1";
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
    let state = state_folder().map_err(file("a folder for PostgreSQL's data"))?;
    let inner = state.path().to_owned();
    std::fs::write(inner.join("password"), NAME).map_err(file("writing the password"))?;
    std::fs::write(inner.join("seed.sql"), seed).map_err(file("writing the seed"))?;
    postgres.account.owns(&inner)?;
    let mut initdb = postgres.command("initdb", &inner);
    initdb.args(["--username", NAME, "--pwfile", "password", "--auth", "scram-sha-256"]);
    initdb.args(["--encoding", "UTF8", "--locale", "C", "--no-sync", "--pgdata", DATA]);
    run_tool(initdb, STEP_LIMIT, place.interrupted).map_err(ServiceError::tool("initdb"))?;
    // SIGINT closes the database in order, so that what is copied needs no recovery.
    let mut running = postgres.serve(state, place, Signal::SIGINT)?;
    let create = format!("CREATE DATABASE {NAME}");
    for (database, further) in [("postgres", ["--command", &create]), (NAME, ["--file", "seed.sql"])] {
        let mut psql = postgres.command("psql", &inner);
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--host", "127.0.0.1", "--username", NAME]);
        psql.args(["--port", &running.port().to_string(), "--dbname", database]).args(further);
        run_tool(psql, STEP_LIMIT, place.interrupted).map_err(ServiceError::tool("seeding the database"))?;
    }
    running.stop();
    copy(&inner.join(DATA), to).map_err(file("keeping the seeded database"))
}
