//! From an arm to a running process: placeholders filled in, a clean environment, a folder for its state.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use model::define::server::{Language, placeholders};
use model::plan::Arm;
use tempfile::TempDir;

use super::state::{Room, state_folder};
use super::{Port, ServerError};
use crate::dependencies::Prepared;
use crate::processes::ProcessGroup;
use crate::services::Addresses;

/// What an upstream's address is where none runs: the discard port, where nobody listens.
const NO_UPSTREAM: &str = "http://127.0.0.1:9";
/// Connections to the database that a server's processes share out among themselves: the same total for every stack and mode, and
/// twice what one core of PostgreSQL can work on at once with room for waiting.
const DATABASE_CONNECTIONS: u32 = 16;
/// The key of the tokens in CONTRACT.md and in workloads. It protects nothing but made-up rows on loopback.
const JWT_SECRET: &str = "claimbench signs tokens for made-up users with this";
/// Variables of the harness's own environment that servers see: where an interpreter finds its libraries.
const PASSED_ON: [&str; 1] = ["LD_LIBRARY_PATH"];

/// Where and with what a server runs.
#[derive(Debug)]
pub struct ServerPlace<'a> {
    /// Its runtime and dependencies.
    pub prepared: &'a Prepared,
    /// The processors it may use.
    pub cpus: &'a [u16],
    /// The port it shall listen on.
    pub port: Port,
    /// Where the services beside it are.
    pub services: Addresses,
    /// How long it may take to be ready; usually [`START_UP_LIMIT`](super::START_UP_LIMIT).
    pub start_up_limit: Duration,
}

/// A server that was spawned and may not answer yet.
#[derive(Debug)]
pub struct StartedServer {
    pub(super) process: ProcessGroup,
    /// Removed once the processes are stopped: fields are dropped in this order.
    _state: TempDir,
    pub(super) arm: Arm,
    pub(super) port: u16,
    pub(super) services: Addresses,
    pub(super) began: Instant,
    pub(super) limit: Duration,
}

/// Starts an arm's server.
///
/// # Errors
/// When its port is in use, or its program cannot be run.
pub fn start(arm: &Arm, place: &ServerPlace<'_>) -> Result<StartedServer, ServerError> {
    let port = place.port.choose()?;
    let failed = |detail: String| ServerError::Start { program: arm.command.join(" "), detail };
    let state = state_folder(Room::LITTLE).map_err(|error| failed(format!("no folder for its state: {error}")))?;
    let mut values = values(place, port, state.path());
    if arm.command.iter().any(|word| word == "{nginx}") {
        // What needs it is not planned where there is none.
        values.extend(crate::services::nginx().map(|program| ("nginx", program.to_string_lossy().into_owned())));
    }
    let mut words =
        arm.command.iter().map(|text| fill(text, &values)).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    if words.is_empty() {
        return Err(failed("its command is empty".to_owned()));
    }
    let mut command = Command::new(words.remove(0));
    command.args(words).current_dir(&place.prepared.folder).env_clear();
    command.envs(environment(arm, place, &values));
    for (name, text) in &arm.env {
        command.env(name, fill(text, &values).map_err(failed)?);
    }
    let began = Instant::now();
    let process = ProcessGroup::spawn(command, Some(place.cpus)).map_err(|error| failed(error.to_string()))?;
    let (services, limit) = (place.services, place.start_up_limit);
    Ok(StartedServer { process, _state: state, arm: arm.clone(), port, services, began, limit })
}

fn values(place: &ServerPlace<'_>, port: u16, state: &Path) -> BTreeMap<&'static str, String> {
    let upstream =
        place.services.upstream.map_or_else(|| NO_UPSTREAM.to_owned(), |port| format!("http://127.0.0.1:{port}"));
    let program = place.prepared.program.to_string_lossy().into_owned();
    BTreeMap::from([
        ("python", program.clone()),
        ("node", program.clone()),
        ("binary", program),
        ("port", port.to_string()),
        ("upstream", upstream),
        ("state", state.to_string_lossy().into_owned()),
    ])
}

/// Fills in what stands in braces; what is not known is an error, never passed on.
fn fill(text: &str, values: &BTreeMap<&'static str, String>) -> Result<String, String> {
    if let Some(unknown) = placeholders(text).find(|name| !values.contains_key(name)) {
        return Err(format!("`{{{unknown}}}` in `{text}` stands for nothing"));
    }
    Ok(values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value)))
}

/// The environment that every server gets, and nothing of the user's.
fn environment(
    arm: &Arm,
    place: &ServerPlace<'_>,
    values: &BTreeMap<&'static str, String>,
) -> BTreeMap<String, String> {
    let mut set = BTreeMap::from([
        ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("HOME".to_owned(), values["state"].clone()),
        ("TMPDIR".to_owned(), values["state"].clone()),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ("TZ".to_owned(), "UTC".to_owned()),
        ("CLAIMBENCH_STATE".to_owned(), values["state"].clone()),
    ]);
    set.extend(place.services.environment().map(|(name, value)| (name.to_owned(), value)));
    set.insert("DATABASE_POOL_SIZE".to_owned(), (DATABASE_CONNECTIONS / arm.processes.max(1)).max(1).to_string());
    set.insert("JWT_SECRET".to_owned(), JWT_SECRET.to_owned());
    let language = match place.prepared.language {
        Language::Python => vec![("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONUNBUFFERED", "1")],
        Language::Javascript => vec![("NODE_ENV", "production")],
        Language::Rust => Vec::new(),
    };
    set.extend(language.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    if place.prepared.free_threaded {
        // An extension that is not marked safe would silently bring the GIL back.
        set.insert("PYTHON_GIL".to_owned(), "0".to_owned());
    }
    for name in PASSED_ON {
        set.extend(std::env::var(name).ok().map(|value| (name.to_owned(), value)));
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_or_refused() {
        let values = BTreeMap::from([("port", "80".to_owned())]);
        assert_eq!(fill("127.0.0.1:{port}", &values).expect("known"), "127.0.0.1:80");
        assert!(fill("{prot}", &values).is_err_and(|error| error.contains("`{prot}`")));
    }
}
