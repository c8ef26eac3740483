//! Real servers, from lock file to contract. They install things, so they run only where that is asked for:
//! `CLAIMBENCH_TEST_SERVERS=flask,express cargo test -p lab --test real_servers`.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use lab::cache::Cache;
use lab::contract::Contract;
use lab::dependencies::{Sources, prepare};
use lab::runtimes::{Settings, look};
use lab::server::{Port, START_UP_LIMIT, ServerPlace, start};
use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};
use model::define::claim::{ArmChoice, Limit};
use model::plan::resolve;

static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn catalog(project: &Path) -> Catalog {
    let mut servers = Vec::new();
    for entry in project.join("reference-servers").read_dir().expect("the folder").flatten() {
        let path = entry.path().join("server.toml");
        if let Ok(text) = std::fs::read_to_string(&path) {
            let name = entry.file_name().to_string_lossy().into_owned();
            servers.push(DefinitionFile { path: path.display().to_string(), name, text });
        }
    }
    Catalog::define(&DefinitionFiles { servers, ..DefinitionFiles::default() }).expect("the definitions are right")
}

#[test]
fn every_mode_of_the_named_servers_keeps_the_contract() {
    let Ok(wanted) = std::env::var("CLAIMBENCH_TEST_SERVERS") else { return };
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project");
    let catalog = catalog(&project);
    let cache = Cache::from_environment().expect("a cache");
    let runtimes = look(&catalog, &cache, &Settings::from_environment()).expect("no setting is wrong");
    println!("{:#?}", runtimes.facts);
    let contract = Contract::read(&project.join("reference-servers/CONTRACT.md")).expect("it is right");
    let sources = Sources { project: &project, cache: &cache, runtimes: &runtimes };
    let cpus: Vec<u16> = lab::machine::look().cpus.iter().map(|cpu| cpu.id).collect();
    for server in catalog.servers.values().filter(|server| wanted.split(',').any(|name| name == server.name.as_str())) {
        for (mode_name, mode) in &server.modes {
            let runtimes_of_mode = mode.runtimes.clone().unwrap_or_else(|| server.runtimes.keys().cloned().collect());
            for runtime in runtimes_of_mode {
                let choice = ArmChoice {
                    server: server.name.clone(),
                    mode: Some(mode_name.clone()),
                    runtime: Some(runtime.clone()),
                    parameters: [].into(),
                    cores: 1,
                    limit: Limit::None,
                };
                let arm = match resolve(&choice, server, &runtimes.facts) {
                    Ok(arm) => arm,
                    Err(missing) => {
                        println!("{} {mode_name} {runtime}: missing {missing:?}", server.name);
                        continue;
                    }
                };
                let began = std::time::Instant::now();
                let prepared = prepare(server, &runtime, &sources, &NOT_INTERRUPTED).unwrap_or_else(|e| panic!("{e}"));
                let prepared_s = began.elapsed().as_secs_f64();
                let place = ServerPlace {
                    prepared: &prepared,
                    cpus: &cpus,
                    port: Port::Free,
                    upstream: None,
                    start_up_limit: START_UP_LIMIT,
                };
                let started = start(&arm, &place).unwrap_or_else(|e| panic!("{e}"));
                let ready =
                    started.ready(&NOT_INTERRUPTED).unwrap_or_else(|e| panic!("{}: {e}\n{}", arm.id, e.log_tail()));
                let verified = ready.verify(&contract, &server.routes);
                let verified = verified.unwrap_or_else(|e| panic!("{}: {e}\n{}", arm.id, e.log_tail()));
                let (start_up_s, check_s) = (verified.start_up_s, verified.contract_check_s);
                let stopping = std::time::Instant::now();
                let stopped = verified.stop();
                let stop_s = stopping.elapsed().as_secs_f64();
                println!(
                    "{}: prepared {prepared_s:.2} s, start {start_up_s:.2} s, check {check_s:.3} s, stop {stop_s:.2} s \
                     {stopped:?}",
                    arm.id
                );
            }
        }
    }
}
