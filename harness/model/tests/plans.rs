//! Plans: every default filled in, what is missing said before any data, and the same seed the same order.

use std::collections::{BTreeMap, BTreeSet};

use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};
use model::define::claim::Claim;
use model::define::untestable::Untestable;
use model::define::workload::Service;
use model::machine::{Cpu, Machine, MissingServices, RuntimeFacts, RuntimeFound, RuntimeMissing, Runtimes};
use model::names::{RuntimeName, ServerName};
use model::plan::{
    Controls, Design, Effort, LoadKind, Plan, PlanError, PlanRequest, Profile, ProfileName, Wanted, plan,
};

const SERVER: &str = r#"
name = "toy"
title = "Toy"
about = "A toy."
language = "python"
colour = "orange"
marker = "circle"
lock = "requirements.lock"
default_mode = "threads"
default_runtime = "python"
routes = ["/health", "/stats", "/cpu"]
runtimes.python = { kind = "cpython", version = ">=3.11" }
runtimes.free = { kind = "cpython", version = ">=3.13", free_threaded = true }
[modes.threads]
about = "Threads."
processes = "{workers}"
command = ["{python}", "app.py", "{port}", "{threads}", "{workers}"]
parameters.threads = { about = "Threads.", default = 3, min = 1, max = 8 }
parameters.workers = { about = "Workers.", default = 2, min = 1, max = 8 }
"#;

const WORKLOAD: &str = r#"
name = "work"
title = "Work"
about = "Work."
measure = "2s"
[[stream]]
name = "main"
load.closed = { connections = 4 }
[[stream.step]]
path = "/cpu/sieve?n=10"
"#;

fn claim_text(id: &str, more: &str) -> String {
    format!(
        r#"
id = "{id}"
family = "toys"
statement = "Four threads do more."
article = "Threads scale."
section = "None"
reading = "As it says."
workload = "work"
metric.throughput = {{}}
factors = [{{ parameter = "threads" }}]
{more}
[decision]
region = "greater"
margin = 0.5
reason = "Half again."
"#
    )
}

const THREADS: &str = r#"
baseline = { server = "toy", parameters = { threads = 1 } }
treatment = { server = "toy", parameters = { threads = 4 } }
levels = { parameter = "threads", values = [4, 1, 2] }
"#;
const FREE: &str = r#"
baseline = { server = "toy", runtime = "free", parameters = { threads = 1 } }
treatment = { server = "toy", runtime = "free", parameters = { threads = 4 } }
"#;
const WIDE: &str = r#"
baseline = { server = "toy", parameters = { threads = 1 } }
treatment = { server = "toy", parameters = { threads = 1 }, cores = 16 }
"#;

const MANY: &str = r#"
baseline = { server = "toy", parameters = { connections = 800 } }
treatment = { server = "toy", parameters = { connections = 900 } }
"#;

const UNTESTABLE: &str = r#"
id = "fame"
family = "fame"
statement = "The toy is famous."
article = "The toy is famous."
section = "Toys"
reason = "fame is no property of a server"
remedy = "ask around"
"#;

#[derive(Debug)]
struct All;

impl Wanted for All {
    fn wants(&self, _: &Claim) -> bool {
        true
    }

    fn wants_untestable(&self, _: &Untestable) -> bool {
        true
    }
}

#[derive(Debug)]
struct Nothing;

impl Wanted for Nothing {
    fn wants(&self, _: &Claim) -> bool {
        false
    }

    fn wants_untestable(&self, _: &Untestable) -> bool {
        false
    }
}

fn definition(path: &str, name: &str, text: &str) -> DefinitionFile {
    DefinitionFile { path: path.to_owned(), name: name.to_owned(), text: text.to_owned() }
}

fn catalog() -> Catalog {
    catalog_of(&[("threads", THREADS), ("free", FREE), ("wide", WIDE)])
}

fn catalog_of(claims: &[(&str, &str)]) -> Catalog {
    Catalog::define(&DefinitionFiles {
        workloads: vec![definition("workloads/work.toml", "work", WORKLOAD)],
        servers: vec![definition("reference-servers/toy/server.toml", "toy", SERVER)],
        claims: claims.iter().map(|(id, arms)| definition(id, id, &claim_text(id, arms))).collect(),
        untestable: vec![definition("untestable/fame.toml", "fame", UNTESTABLE)],
    })
    .unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn machine() -> Machine {
    Machine {
        cpus: (0..2).map(|id| Cpu { id, core: id, socket: 0 }).collect(),
        cpu_model: "test".to_owned(),
        memory_bytes: 1 << 30,
        os: "test".to_owned(),
        virtual_machine: false,
        open_files_limit: 1024,
        doubts: Vec::new(),
    }
}

fn runtimes() -> Runtimes {
    let python = RuntimeFacts {
        kind: model::define::server::RuntimeKind::Cpython,
        version: "3.13.1".to_owned(),
        free_threaded: false,
        source: "PATH".to_owned(),
    };
    let missing = RuntimeMissing { reason: "no free-threaded CPython".to_owned(), remedy: "install one".to_owned() };
    let name = |text: &str| RuntimeName::new(text).expect("a name");
    let of_toy = BTreeMap::from([
        (name("python"), RuntimeFound::Present(python)),
        (name("free"), RuntimeFound::Missing(missing)),
    ]);
    BTreeMap::from([(ServerName::new("toy").expect("a name"), of_toy)])
}

fn planned(wanted: &dyn Wanted, seed: u64, profile: ProfileName) -> Result<Plan, PlanError> {
    designed(wanted, seed, profile, Design::PLAIN)
}

fn designed(wanted: &dyn Wanted, seed: u64, profile: ProfileName, design: Design) -> Result<Plan, PlanError> {
    let catalog = catalog();
    requested(&catalog, &MissingServices::new(), wanted, seed, profile, design)
}

fn requested(
    catalog: &Catalog,
    missing_services: &MissingServices,
    wanted: &dyn Wanted,
    seed: u64,
    profile: ProfileName,
    design: Design,
) -> Result<Plan, PlanError> {
    let (machine, runtimes) = (machine(), runtimes());
    let profile = Profile::of(profile);
    plan(&PlanRequest {
        catalog,
        machine: &machine,
        runtimes: &runtimes,
        missing_services,
        wanted,
        profile,
        seed,
        design,
    })
}

#[test]
fn every_default_is_filled_in() {
    let plan = planned(&All, 1, ProfileName::Quick).expect("a plan");
    let experiment = &plan.experiments[0];
    let arm = experiment.arms.iter().find(|arm| arm.id == experiment.claims[0].treatment).expect("the treatment");
    assert_eq!(arm.id.0, "toy:threads(threads=4,workers=2)@python/1-cores");
    assert_eq!(arm.command, ["{python}", "app.py", "{port}", "4", "2"]);
    assert_eq!((arm.processes, arm.runtime_version.as_str()), (2, "3.13.1"));
    assert_eq!(experiment.claims[0].sha256.len(), 64);
}

#[test]
fn equal_arms_are_one_and_levels_rise() {
    let plan = planned(&All, 1, ProfileName::Quick).expect("a plan");
    assert_eq!(plan.experiments[0].arms.len(), 3);
    let levels: Vec<u32> = plan.experiments[0].claims[0].levels.iter().map(|level| level.value).collect();
    assert_eq!(levels, [1, 2, 4]);
}

#[test]
fn what_the_machine_cannot_test_is_said_with_the_remedy() {
    let plan = planned(&All, 1, ProfileName::Quick).expect("a plan");
    let why: BTreeMap<&str, (&str, &str)> =
        plan.not_testable.iter().map(|why| (why.claim.as_str(), (why.reason.as_str(), why.remedy.as_str()))).collect();
    assert_eq!(why["free"], ("no free-threaded CPython", "install one"));
    assert!(why["wide"].0.contains("16 cores"), "{why:?}");
    assert_eq!(why["fame"], ("fame is no property of a server", "ask around"));
    assert_eq!(why.len(), 3);
}

#[test]
fn a_missing_service_is_said_before_any_data_and_only_of_what_needs_it() {
    let mut catalog = catalog();
    let absent = RuntimeMissing { reason: "no Redis".to_owned(), remedy: "install Redis".to_owned() };
    let missing = MissingServices::from([(Service::Redis, absent)]);
    let plan =
        |catalog: &Catalog| requested(catalog, &missing, &All, 1, ProfileName::Quick, Design::PLAIN).expect("a plan");
    let threads = |plan: &Plan| plan.not_testable.iter().find(|why| why.claim.as_str() == "threads").cloned();
    assert_eq!(threads(&plan(&catalog)), None);
    for workload in catalog.workloads.values_mut() {
        workload.services = vec![Service::Redis];
    }
    let without = plan(&catalog);
    let why = threads(&without).expect("it needs Redis");
    assert_eq!((why.reason.as_str(), why.remedy.as_str()), ("no Redis", "install Redis"));
    assert!(without.trials.is_empty());
}

#[test]
fn each_block_holds_each_compared_arm_once_and_every_second_one_a_level_between() {
    let first = planned(&All, 7, ProfileName::Quick).expect("a plan");
    assert_eq!(first, planned(&All, 7, ProfileName::Quick).expect("a plan"));
    assert_ne!(first.trials, planned(&All, 8, ProfileName::Quick).expect("a plan").trials);
    for block in 0..first.profile.blocks {
        let arms: BTreeSet<_> =
            first.trials.iter().filter(|trial| trial.block == block).map(|trial| &trial.arm).collect();
        let in_block = first.trials.iter().filter(|trial| trial.block == block).count();
        let wanted = if block % 2 == 0 { 3 } else { 2 };
        assert_eq!((arms.len(), in_block), (wanted, wanted), "block {block}");
        let planned = &first.experiments[0].claims[0];
        assert!(arms.contains(&planned.baseline) && arms.contains(&planned.treatment), "block {block}");
    }
    let indices: Vec<u32> = first.trials.iter().map(|trial| trial.index).collect();
    assert_eq!(indices, (0..15).collect::<Vec<_>>());
}

#[test]
fn a_greater_profile_takes_longer_and_an_empty_selection_is_refused() {
    let quick = planned(&All, 1, ProfileName::Quick).expect("a plan");
    let full = planned(&All, 1, ProfileName::Full).expect("a plan");
    assert!(full.expected > quick.expected && full.experiments[0].measure > quick.experiments[0].measure);
    assert!(matches!(planned(&Nothing, 1, ProfileName::Quick), Err(PlanError::NothingSelected)));
}

#[test]
fn a_session_has_one_pair_of_controls_for_each_load_and_layout() {
    let design = Design { controls: Controls::OfSession, ..Design::PLAIN };
    let plan = designed(&All, 1, ProfileName::Quick, design).expect("a plan");
    let [control] = plan.controls.as_slice() else { panic!("{:?}", plan.controls) };
    assert_eq!((control.load, control.cores, control.experiment), (LoadKind::Closed, 1, 0));
    let experiment = &plan.experiments[0];
    assert_eq!(experiment.arms.len(), 5);
    let arm = |id: &model::plan::ArmId| experiment.arms.iter().find(|arm| arm.id == *id).expect("it is planned");
    for copy in [&control.again, &control.delayed] {
        assert_eq!(copy.copied(), control.plain);
        assert_eq!(arm(copy).command, arm(&control.plain).command);
        assert_eq!(experiment.lost_share_max(copy), experiment.lost_share_max(&control.plain));
        assert!((0..6).all(|block| plan.trials.iter().filter(|trial| trial.block == block && trial.arm == *copy).count() == 1));
    }
    let plain = planned(&All, 1, ProfileName::Quick).expect("a plan");
    assert!(plan.expected > plain.expected, "they take time");
    let smoke = designed(&All, 1, ProfileName::Smoke, design).expect("a plan");
    assert!(smoke.controls.is_empty(), "one block gives no verdict");
}

#[test]
fn the_known_delay_stands_on_a_tail_and_never_on_a_median() {
    let open = WORKLOAD.replace("load.closed = { connections = 4 }", "load.open = { rate = 500, connections = 4 }");
    let controls_at = |quantile: &str| {
        let metric = format!("metric.response-time = {{ quantile = {quantile} }}");
        let claim = claim_text("threads", THREADS).replace("metric.throughput = {}", &metric);
        let catalog = Catalog::define(&DefinitionFiles {
            workloads: vec![definition("workloads/work.toml", "work", &open)],
            servers: vec![definition("reference-servers/toy/server.toml", "toy", SERVER)],
            claims: vec![definition("threads", "threads", &claim)],
            untestable: Vec::new(),
        });
        let catalog = catalog.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let design = Design { controls: Controls::OfSession, ..Design::PLAIN };
        let none = MissingServices::new();
        requested(&catalog, &none, &All, 1, ProfileName::Quick, design).expect("a plan").controls.len()
    };
    assert_eq!([controls_at("0.5"), controls_at("0.99")], [0, 1]);
}

#[test]
fn adaptive_effort_plans_its_extra_blocks_last() {
    let design = Design { effort: Effort::Adaptive, ..Design::PLAIN };
    let plan = designed(&All, 1, ProfileName::Standard, design).expect("a plan");
    let adaptive = plan.adaptive.expect("fifteen blocks leave some to save");
    assert_eq!((adaptive.first_look, adaptive.blocks, adaptive.blocks_max()), (6, 15, 22));
    assert_eq!((plan.experiments[0].blocks, plan.trials.len()), (22, 22 + 22 + 11));
    assert!(
        plan.trials.iter().map(|trial| trial.block).collect::<Vec<_>>().is_sorted(),
        "one experiment, block by block"
    );
    let fixed = planned(&All, 1, ProfileName::Standard).expect("a plan");
    assert_eq!(plan.expected, fixed.expected, "it takes as long as the profile at most");
    assert!(
        designed(&All, 1, ProfileName::Quick, design).expect("a plan").adaptive.is_none(),
        "six blocks are the fewest"
    );
}

#[test]
fn connections_are_a_parameter_of_every_mode_and_need_open_files() {
    let machine = Machine { open_files_limit: 1_100, ..machine() };
    let (catalog, runtimes) = (catalog_of(&[("threads", THREADS), ("many", MANY)]), runtimes());
    let request = PlanRequest {
        catalog: &catalog,
        machine: &machine,
        runtimes: &runtimes,
        missing_services: &MissingServices::new(),
        wanted: &All,
        profile: Profile::of(ProfileName::Smoke),
        seed: 1,
        design: Design::PLAIN,
    };
    let planned = plan(&request).expect("a plan");
    let arms: Vec<_> = planned.experiments.iter().flat_map(|experiment| &experiment.arms).collect();
    let of = |connections| arms.iter().find(|arm| arm.connections() == Some(connections)).expect("an arm");
    assert_eq!(of(900).id.0, "toy:threads(connections=900,threads=3,workers=2)@python/1-cores");
    assert!(of(800).label.contains("800 connections"), "{}", of(800).label);
    assert!(arms.iter().any(|arm| arm.connections().is_none()), "the others leave them to the workload");
    let fewer = Machine { open_files_limit: 1_050, ..machine.clone() };
    let planned = plan(&PlanRequest { machine: &fewer, ..request }).expect("a plan");
    let why = planned.not_testable.iter().find(|why| why.claim.as_str() == "many").expect("900 are too many");
    assert!(why.reason.contains("1100 open files") && why.remedy.contains("ulimit -n 1100"), "{why:?}");
}
