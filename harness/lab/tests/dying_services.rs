//! A service that dies is a failure with its last words, whenever it does, and no fault of its server's.

mod support;
#[path = "support/trials.rs"]
mod trials;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lab::server::Port;
use lab::session::Serving;
use model::define::workload::{Service, Workload};
use model::names::ServerName;
use model::record::Stage;
use model::units::Span;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use support::{say, wanted};
use trials::{Trials, honest};

/// How long a server may take to appear in a trial.
const APPEARS_WITHIN: Duration = Duration::from_secs(30);
/// How long serving may go on without a service.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

/// Held by each test: one that kills services must not meet another's.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The process of this test's own service or server, told by its program and the folder of its state; of several, the first.
fn process_of(program: &str) -> Option<i32> {
    let own_state = format!("claimbench-server-{}-", std::process::id());
    let found = Path::new("/proc").read_dir().expect("readable").flatten().filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let read = |file: &str| {
            let text = std::fs::read(entry.path().join(file)).ok()?;
            Some(String::from_utf8_lossy(&text).replace('\0', " "))
        };
        let command = read("cmdline")?;
        let folder = std::fs::read_link(entry.path().join("cwd")).ok()?;
        let is_own = command.contains(&own_state)
            || folder.to_string_lossy().contains(&own_state)
            || read("environ")?.contains(&own_state);
        (command.contains(program) && is_own).then_some(pid)
    });
    found.min()
}

fn kill_now(program: &str) {
    kill(Pid::from_raw(process_of(program).expect("it runs")), Signal::SIGKILL).expect("it runs");
}

/// Waits until a program runs; not for ever, since its trial may have failed.
fn appears(program: &str) -> bool {
    let deadline = Instant::now() + APPEARS_WITHIN;
    while Instant::now() < deadline {
        if process_of(program).is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

/// A service of a trial, and how its death is told.
#[derive(Clone, Copy)]
struct Victim {
    service: Service,
    /// Of its command.
    program: &'static str,
    told: &'static str,
    last_words: &'static str,
}

const POSTGRES: Victim = Victim {
    service: Service::Postgres,
    program: "/postgres -D",
    told: "PostgreSQL ended (signal: 9",
    last_words: "ready to accept connections",
};
const REDIS: Victim = Victim {
    service: Service::Redis,
    program: "redis-server",
    told: "Redis ended (signal: 9",
    last_words: "Ready to accept connections",
};
/// It has nothing to say as long as all goes well.
const UPSTREAM: Victim = Victim {
    service: Service::Upstream,
    program: "calibration --port",
    told: "the upstream ended (signal: 9",
    last_words: "",
};

/// The server beside them, of its command.
const SERVER: &str = "server.js --mode";

/// When a service is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// While its server starts.
    StartUp,
    /// Within the measurement.
    Load,
}

fn kill_service(program: &str, when: When) {
    if appears(SERVER) {
        if when == When::Load {
            // After start-up and contract check.
            std::thread::sleep(Duration::from_secs(4));
        }
        kill_now(program);
    }
}

impl Trials {
    /// A trial whose service is killed fails with the service's last words, and its server is not blamed.
    fn fails_with_its_service(&self, victim: Victim, when: When) {
        let catalog = &self.laboratory.catalog;
        let express = &catalog.servers["express"];
        let needs = |workload: &&Workload| {
            workload.services == [victim.service] && honest(workload) && !self.arms(express, workload).is_empty()
        };
        // There is none where Node is not.
        let Some(workload) = catalog.workloads.values().find(needs).filter(|_| wanted(express)) else { return };
        let arm = self.arms(express, workload).remove(0);
        let killer = std::thread::spawn(move || kill_service(victim.program, when));
        let failure = self.run(workload, arm, Span::from_secs(8)).expect_err("its service is killed");
        killer.join().expect("it killed the service");
        if failure.reason.contains("is missing") {
            say(&failure.reason);
        } else {
            assert_eq!(failure.stage == Stage::Drive, when == When::Load, "{failure:?}");
            assert!(failure.reason.starts_with(victim.told), "{failure:?}");
            assert!(failure.log_tail.contains(victim.last_words), "{failure:?}");
        }
    }
}

#[test]
fn a_trial_whose_service_dies_fails_with_the_service() {
    let Some(trials) = Trials::prepare() else { return };
    let _alone = alone();
    for victim in [POSTGRES, REDIS, UPSTREAM] {
        for when in [When::StartUp, When::Load] {
            trials.fails_with_its_service(victim, when);
        }
    }
}

#[test]
fn serving_ends_with_a_service_that_dies() {
    let Some(trials) = Trials::prepare() else { return };
    let _alone = alone();
    let server = ServerName::new("express").expect("a name");
    if !wanted(&trials.laboratory.catalog.servers[&server]) {
        return;
    }
    let serving = Serving { server, mode: None, runtime: None, parameters: [].into(), port: Port::Free };
    let mut has_postgres = true;
    let given_up = Arc::new(AtomicBool::new(false));
    let served = trials.session(&given_up).serve(&serving, |_, missing| {
        let given_up = Arc::clone(&given_up);
        std::thread::spawn(move || {
            std::thread::sleep(NOTICED_WITHIN);
            given_up.store(true, Ordering::Relaxed);
        });
        has_postgres = !missing.iter().any(|missing| missing.contains("PostgreSQL"));
        kill_now(if has_postgres { POSTGRES.program } else { UPSTREAM.program });
    });
    let told = served.expect_err("its service is killed").to_string();
    let victim = if has_postgres { POSTGRES } else { UPSTREAM };
    assert!(told.starts_with(victim.told) && told.contains(victim.last_words), "{told}");
}
