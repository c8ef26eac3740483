//! Real servers, from lock file to contract. They install things, so they run only where that is asked for:
//! `CLAIMBENCH_TEST_SERVERS=flask,express cargo test -p lab --test real_servers`. With `CLAIMBENCH_TEST_TRIALS=1` as well,
//! every arm of every claim on these servers is run for one short trial.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use lab::cache::Cache;
use lab::contract::Contract;
use lab::dependencies::{Sources, prepare};
use lab::runtimes::{Settings, look};
use lab::server::{Port, START_UP_LIMIT, ServerPlace, start};
use lab::session::{Session, SessionSpec, TrialEnd};
use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};
use model::define::claim::{ArmChoice, Limit};
use model::plan::resolve;
use model::record::TrialOutcome;

static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

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

#[derive(Debug)]
struct All;

impl model::plan::Wanted for All {
    fn wants(&self, _: &model::define::claim::Claim) -> bool {
        true
    }
}

#[test]
fn every_arm_of_every_claim_is_observed() {
    let Ok(named) = std::env::var("CLAIMBENCH_TEST_SERVERS") else { return };
    if std::env::var_os("CLAIMBENCH_TEST_TRIALS").is_none() {
        return;
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project");
    let catalog = catalog(&project);
    let cache = Cache::from_environment().expect("a cache");
    let runtimes = look(&catalog, &cache, &Settings::from_environment()).expect("no setting is wrong");
    let contract = Contract::read(&project.join("reference-servers/CONTRACT.md")).expect("it is right");
    let machine = lab::machine::look();
    let plan = model::plan::plan(&model::plan::PlanRequest {
        catalog: &catalog,
        machine: &machine,
        runtimes: &runtimes.facts,
        wanted: &All,
        profile: model::plan::Profile::of(model::plan::ProfileName::Smoke),
        seed: 1,
    })
    .expect("a plan");
    println!("not testable: {:?}", plan.not_testable);
    let session = Session::begin(SessionSpec {
        project: &project,
        cache: &cache,
        runtimes: &runtimes,
        servers: &catalog.servers,
        contract: &contract,
        interrupted: &NOT_INTERRUPTED,
    });
    session.prepare_all(&plan, |server, runtime| println!("preparing {server} {runtime}"));
    for (cores, layout) in &plan.layouts {
        println!("{layout:?} {:?}", session.calibrate(*cores, layout).expect("it calibrates"));
    }
    let mut failures = 0;
    for trial in &plan.trials {
        let arm = plan.arm(trial).expect("it is in the plan");
        if !named.split(',').any(|name| name == arm.server.as_str()) {
            continue;
        }
        let workload = &plan.experiments[trial.experiment].workload.name;
        match session.run_trial(&plan, trial, None) {
            TrialEnd::Done(TrialOutcome::Observed(seen)) => {
                let main = &seen.streams[0];
                println!(
                    "{workload} {}: {:.0}/s, errors {:?}, counted {} answered {}, {:?}, cores {:?}, search {:?}",
                    arm.id,
                    main.completed as f64 / main.window_s,
                    main.errors,
                    seen.server.requests_counted,
                    seen.server.requests_answered,
                    seen.phases,
                    seen.samples.server_cores.iter().map(|c| (c * 10.0).round() / 10.0).collect::<Vec<_>>(),
                    seen.search.as_ref().map(|search| (search.steps.len(), search.greatest_per_s)),
                );
                println!("   generator {:?}", seen.generator);
                println!("   hiccups {:?}", seen.hiccups);
            }
            other => {
                failures += 1;
                println!("{workload} {}: {other:?}", arm.id);
            }
        }
    }
    assert_eq!(failures, 0);
}
