//! Short trials of every workload that needs a service or speaks more than HTTP/1.1, on every server that offers its routes: each answer
//! is right, both sides count the same, and a service that dies is a failure with its last words, whenever it does.

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lab::contract::Contract;
use lab::server::Port;
use lab::session::{Serving, Session, SessionSpec, TrialEnd};
use model::define::claim::{ArmChoice, Limit};
use model::define::protocol::Protocol;
use model::define::server::Server;
use model::define::workload::{ClosedLoad, Load, Service, Stream, Workload, is_on};
use model::machine::{Layout, lay_out};
use model::names::{ModeName, ServerName};
use model::plan::{Arm, Plan, Profile, ProfileName, Trial, resolve};
use model::record::{Observation, Stage, TrialFailure, TrialOutcome};
use model::units::{PerSecond, Span};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use support::{Laboratory, NOT_INTERRUPTED, say, wanted};

/// Enough for some requests on each of several connections.
const SHORT: Span = Span::from_millis(300);
const LONGER: Span = Span::from_secs(3);
/// So few answers show nothing.
const FEW: u64 = 10;
/// Enough for ten answers in a short window.
const FEW_MESSAGES_PER_S: f64 = 60.0;
/// Connections of each stream.
const CONNECTIONS: u32 = 4;
/// How long a server may take to start one process more under load, on a host that is slow just now; the trial ends when it has.
const GROWS_WITHIN: Span = Span::from_secs(25);
/// How long the database may take to appear in a trial.
const APPEARS_WITHIN: Duration = Duration::from_secs(30);
/// How long serving may go on without a service.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

fn has_jobs(workload: &Workload) -> bool {
    workload.streams.iter().flat_map(Stream::paths).any(|path| is_on(path, "/jobs"))
}

/// Whether a workload is no attack: what those are answered is a result, and the claims about them show that they are answered at all.
fn honest(workload: &&Workload) -> bool {
    workload.streams.iter().all(|stream| stream.attacks.is_empty())
}

/// Held by each test with services: one that kills some must not meet another's.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Trials {
    laboratory: Laboratory,
    contract: Contract,
    layout: Layout,
}

impl Trials {
    fn prepare() -> Option<Self> {
        let laboratory = Laboratory::open()?;
        let contract = Contract::read(&laboratory.project.join("reference-servers/CONTRACT.md")).expect("it is right");
        let layout = lay_out(&lab::machine::look(), 1).expect("there is a core");
        Some(Self { laboratory, contract, layout })
    }

    /// A server's arm with all defaults, where its runtime is present and it offers a workload's routes; of jobs, which modes do in
    /// ways of their own, all others that offer them too.
    fn arms(&self, server: &Server, workload: &Workload) -> Vec<Arm> {
        let others = server.modes.keys().filter(|mode| **mode != server.default_mode);
        let modes = [&server.default_mode].into_iter().chain(others);
        let offering = modes.filter_map(|mode| self.arm_in(server, mode)).filter(|arm| {
            let routes = server.routes_on(&arm.mode, &arm.runtime);
            let mut paths = workload.streams.iter().flat_map(Stream::paths);
            paths.all(|path| routes.iter().any(|route| is_on(path, route)))
        });
        offering.take(if has_jobs(workload) { usize::MAX } else { 1 }).collect()
    }

    /// A workload of several streams has rates that leave a certain server time for all of them: it is for the arms that claims compare
    /// under it. Any other is for all.
    fn is_meant_for(&self, workload: &Workload, arm: &Arm) -> bool {
        let claims = self.laboratory.catalog.claims.values().map(|registered| &registered.claim);
        let mut compared = claims.filter(|claim| claim.workload == workload.name);
        let is_this = |choice: &ArmChoice| {
            choice.server == arm.server && choice.mode.as_ref().is_none_or(|mode| *mode == arm.mode)
        };
        workload.streams.len() == 1 || compared.any(|claim| is_this(&claim.baseline) || is_this(&claim.treatment))
    }

    fn arm(&self, server: &Server, workload: &Workload) -> Option<Arm> {
        self.arms(server, workload).into_iter().next()
    }

    fn arm_in(&self, server: &Server, mode: &ModeName) -> Option<Arm> {
        let choice = ArmChoice {
            server: server.name.clone(),
            mode: Some(mode.clone()),
            runtime: None,
            parameters: [].into(),
            cores: 1,
            limit: Limit::None,
        };
        resolve(&choice, server, &self.laboratory.runtimes.facts).ok()
    }

    fn run(&self, workload: &Workload, arm: Arm, measure: Span) -> Result<Observation, TrialFailure> {
        let mut workload = workload.clone();
        let simple = |stream: &&mut Stream| matches!(stream.protocol, Protocol::Http1 | Protocol::WebsocketEcho(_));
        // Jobs beside other requests keep their rate: heavy work in a closed loop would leave nothing to the others.
        let alone = workload.streams.len() == 1 || !has_jobs(&workload);
        for stream in workload.streams.iter_mut().filter(simple).filter(|_| alone) {
            stream.load = Load::Closed(ClosedLoad { connections: CONNECTIONS, think: Span::from_millis(0) });
        }
        // Right answers are asked for, not how many: Channels does not keep up with the claims' rates of messages.
        for stream in workload
            .streams
            .iter_mut()
            .filter(|stream| !matches!(stream.protocol, Protocol::Http1 | Protocol::WebsocketEcho(_)))
        {
            if let Load::Open(open) = &mut stream.load {
                open.rate = PerSecond::new(open.rate.get().min(FEW_MESSAGES_PER_S)).expect("a rate");
            }
        }
        let trial = Trial { index: 0, experiment: 0, block: 0, position: 0, arm: arm.id.clone(), seed: 7 };
        let arms = vec![arm];
        // Read like a recorded one: what plans have beside this has its default.
        let plan: Plan = serde_json::from_value(serde_json::json!({
            "seed": 1,
            "profile": Profile::of(ProfileName::Smoke),
            "experiments": [
                { "workload": workload, "warm_up": SHORT, "measure": measure, "blocks": 1, "arms": arms, "claims": [] },
            ],
            "trials": [trial],
            "layouts": { "1": self.layout },
            "not_testable": [],
            "expected": measure,
        }))
        .expect("a plan");
        match self.session(&NOT_INTERRUPTED).run_trial(&plan, &trial, None) {
            TrialEnd::Done(TrialOutcome::Observed(observation)) => Ok(*observation),
            TrialEnd::Done(TrialOutcome::Failed(failure)) => Err(failure),
            TrialEnd::Interrupted => panic!("nobody interrupted it"),
        }
    }

    fn session<'a>(&'a self, interrupted: &'a AtomicBool) -> Session<'a> {
        let sources = self.laboratory.sources();
        Session::begin(SessionSpec {
            project: sources.project,
            cache: sources.cache,
            runtimes: sources.runtimes,
            servers: &self.laboratory.catalog.servers,
            contract: &self.contract,
            interrupted,
        })
    }

    fn answers_rightly(&self, workload: &Workload, arm: Arm) {
        let name = format!("{} on {}", workload.name, arm.id);
        let short = self.run(workload, arm.clone(), SHORT);
        // A host that takes a few tenths of a second for itself leaves nothing of so short a window.
        let is_empty = short.as_ref().is_ok_and(|observation| observation.streams[0].completed <= FEW);
        match if is_empty { self.run(workload, arm, LONGER) } else { short } {
            Ok(observation) => {
                let stream = &observation.streams[0];
                assert!(
                    stream.completed > FEW && stream.errors.is_empty(),
                    "{name}: {} answers, {:?}",
                    stream.completed,
                    stream.errors
                );
                let server = &observation.server;
                assert_eq!(server.requests_counted, server.requests_answered, "{name}");
                let per_s = stream.completed as f64 / stream.window_s;
                let (check_s, start_s) = (observation.phases.contract_check_s, observation.phases.start_up_s);
                say(&format!("{name}: {per_s:.0}/s; started in {start_s:.2} s, both checks {check_s:.3} s"));
            }
            Err(failure) if failure.reason.contains("is missing") => say(&format!("{name}: {}", failure.reason)),
            Err(failure) => panic!("{name}: {failure:?}"),
        }
    }
}

/// The process of this test's own service or server, told by its program and the folder of its state.
fn process_of(program: &str) -> Option<i32> {
    let own_state = format!("claimbench-server-{}-", std::process::id());
    Path::new("/proc").read_dir().expect("readable").flatten().find_map(|entry| {
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
    })
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
            workload.services == [victim.service] && honest(workload) && self.arm(express, workload).is_some()
        };
        let workload = catalog.workloads.values().find(needs).expect("there is one");
        let Some(arm) = self.arm(express, workload) else { return };
        let killer = std::thread::spawn(move || kill_service(victim.program, when));
        let failure = self.run(workload, arm, Span::from_secs(8)).expect_err("its service is killed");
        killer.join().expect("it killed the service");
        if !failure.reason.contains("is missing") {
            assert_eq!(failure.stage == Stage::Drive, when == When::Load, "{failure:?}");
            assert!(failure.reason.starts_with(victim.told), "{failure:?}");
            assert!(failure.log_tail.contains(victim.last_words), "{failure:?}");
        }
    }
}

#[test]
fn workloads_get_right_answers_from_every_server_that_offers_their_routes() {
    let Some(trials) = Trials::prepare() else { return };
    let _alone = alone();
    let catalog = &trials.laboratory.catalog;
    let special = |workload: &&Workload| {
        !workload.services.is_empty() || workload.streams.iter().any(|stream| !stream.protocol.is_default())
    };
    for workload in catalog.workloads.values().filter(special).filter(honest) {
        for server in catalog.servers.values().filter(|server| wanted(server)) {
            for arm in trials.arms(server, workload).into_iter().filter(|arm| trials.is_meant_for(workload, arm)) {
                trials.answers_rightly(workload, arm);
            }
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
    let serving = Serving {
        server: ServerName::new("express").expect("a name"),
        mode: None,
        runtime: None,
        parameters: [].into(),
        port: Port::Free,
    };
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

#[test]
fn every_mode_that_grows_adds_a_process_under_load() {
    let Some(trials) = Trials::prepare() else { return };
    let catalog = &trials.laboratory.catalog;
    let workload = catalog.workloads.values().find(|workload| workload.adds_process).expect("there is one");
    for server in catalog.servers.values().filter(|server| wanted(server)) {
        for (mode, _) in server.modes.iter().filter(|(_, mode)| mode.grows) {
            let Some(arm) = trials.arm_in(server, mode) else { continue };
            let run = trials.run(workload, arm.clone(), GROWS_WITHIN);
            let observation = run.unwrap_or_else(|failure| panic!("{failure:?}"));
            let added = observation.added.as_ref().expect("it was asked for in the window");
            let answered_s = added.answered_s.unwrap_or_else(|| panic!("{}, {mode}: it never answered", server.name));
            say(&format!("{}, {mode}: a process more in {:.2} s", server.name, answered_s - added.asked_s));
            let measured_s = observation.phases.measure_s;
            assert!(
                (answered_s..answered_s + 1.0).contains(&measured_s),
                "{}, {mode}: it answered after {answered_s} s and was measured for {measured_s}",
                server.name
            );
            let pids = |stats: &serde_json::Value| stats["pids"].as_array().map_or(0, Vec::len);
            assert_eq!(
                pids(&observation.server.after),
                pids(&observation.server.before) + 1,
                "{}, {mode}",
                server.name
            );
            assert_eq!(observation.server.requests_counted, observation.server.requests_answered, "{}", server.name);
        }
    }
}
