//! Real servers, from lock file to contract: every mode on every runtime that is present on this machine. They are installed from
//! their registries; `CLAIMBENCH_TEST_OFFLINE=1` leaves this out.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use lab::cache::Cache;
use lab::contract::Contract;
use lab::dependencies::{Sources, prepare};
use lab::runtimes::{RuntimesFound, Settings, install_missing, look};
use lab::server::{Port, START_UP_LIMIT, ServerPlace, Stopped, start};
use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};
use model::define::claim::{ArmChoice, Limit};
use model::define::server::Server;
use model::names::{ModeName, RuntimeName};
use model::plan::{Arm, resolve};

static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

#[expect(clippy::print_stdout, reason = "what was tested depends on the machine, so the test says it")]
fn say(text: &str) {
    println!("{text}");
}

fn definitions(folder: &Path) -> Vec<DefinitionFile> {
    let files = folder.read_dir().expect("the folder").flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files
        .map(|path| DefinitionFile {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).expect("readable"),
            path: path.display().to_string(),
        })
        .collect()
}

fn catalog(project: &Path) -> Catalog {
    let workloads = definitions(&project.join("workloads"));
    let claims = definitions(&project.join("workloads/claims"));
    let mut servers = Vec::new();
    for entry in project.join("reference-servers").read_dir().expect("the folder").flatten() {
        let path = entry.path().join("server.toml");
        if let Ok(text) = std::fs::read_to_string(&path) {
            let name = entry.file_name().to_string_lossy().into_owned();
            servers.push(DefinitionFile { path: path.display().to_string(), name, text });
        }
    }
    Catalog::define(&DefinitionFiles { workloads, servers, claims }).expect("the definitions are right")
}

/// What all servers of the test share.
struct Laboratory {
    project: PathBuf,
    catalog: Catalog,
    cache: Cache,
    runtimes: RuntimesFound,
    contract: Contract,
    cpus: Vec<u16>,
}

impl Laboratory {
    fn open() -> Self {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project");
        let catalog = catalog(&project);
        let cache = Cache::from_environment().expect("a cache");
        let settings = Settings::from_environment();
        let found = look(&catalog, &cache, &settings).expect("no setting is wrong");
        let runtimes = install_missing(&catalog, &cache, &settings, found, &NOT_INTERRUPTED).expect("it installs");
        let contract = Contract::read(&project.join("reference-servers/CONTRACT.md")).expect("it is right");
        let cpus = lab::machine::look().cpus.iter().map(|cpu| cpu.id).collect();
        Self { project, catalog, cache, runtimes, contract, cpus }
    }

    /// Every mode of a server on every runtime that it may run on and that is present.
    fn arms(&self, server: &Server) -> Vec<(RuntimeName, Arm)> {
        let pairs = server.modes.iter().flat_map(|(name, mode)| {
            let runtimes = mode.runtimes.clone().unwrap_or_else(|| server.runtimes.keys().cloned().collect());
            runtimes.into_iter().map(move |runtime| (name, runtime))
        });
        pairs.filter_map(|(mode, runtime)| Some((runtime.clone(), self.arm(server, mode, &runtime)?))).collect()
    }

    fn arm(&self, server: &Server, mode: &ModeName, runtime: &RuntimeName) -> Option<Arm> {
        let choice = ArmChoice {
            server: server.name.clone(),
            mode: Some(mode.clone()),
            runtime: Some(runtime.clone()),
            parameters: [].into(),
            cores: 1,
            limit: Limit::None,
        };
        let arm = resolve(&choice, server, &self.runtimes.facts);
        arm.inspect_err(|missing| say(&format!("{} {mode} {runtime}: missing {missing:?}", server.name))).ok()
    }

    fn keeps_the_contract(&self, server: &Server, runtime: &RuntimeName, arm: &Arm) {
        let sources = Sources { project: &self.project, cache: &self.cache, runtimes: &self.runtimes };
        let prepared =
            prepare(server, runtime, &sources, &NOT_INTERRUPTED).unwrap_or_else(|e| panic!("{}: {e}", arm.id));
        let place = ServerPlace {
            prepared: &prepared,
            cpus: &self.cpus,
            port: Port::Free,
            upstream: None,
            start_up_limit: START_UP_LIMIT,
        };
        let started = start(arm, &place).unwrap_or_else(|e| panic!("{}: {e}", arm.id));
        let ready = started.ready(&NOT_INTERRUPTED).unwrap_or_else(|e| panic!("{}: {e}\n{}", arm.id, e.log_tail()));
        let verified = ready.verify(&self.contract, &server.routes);
        let verified = verified.unwrap_or_else(|e| panic!("{}: {e}\n{}", arm.id, e.log_tail()));
        let (start_up_s, check_s) = (verified.start_up_s, verified.contract_check_s);
        say(&format!("{}: started in {start_up_s:.2} s, checked in {check_s:.3} s", arm.id));
        assert_eq!(verified.stop(), Stopped::Asked, "{}: it did not end when it was asked to", arm.id);
    }
}

#[test]
fn every_mode_of_every_server_keeps_the_contract() {
    if std::env::var_os("CLAIMBENCH_TEST_OFFLINE").is_some_and(|set| set == "1") {
        say("left out: real servers need their registries, and CLAIMBENCH_TEST_OFFLINE=1 is set");
        return;
    }
    let laboratory = Laboratory::open();
    for server in laboratory.catalog.servers.values() {
        let arms = laboratory.arms(server);
        assert!(!arms.is_empty(), "{}: none of its runtimes is on this machine", server.name);
        for (runtime, arm) in arms {
            laboratory.keeps_the_contract(server, &runtime, &arm);
        }
    }
}
