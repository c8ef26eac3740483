//! Whole trials against the toy server.

use model::define::workload::{ClosedLoad, Load, Role, Workload};
use model::machine::Machine;
use model::names::{RuntimeName, ServerName, StreamName};
use model::plan::{Experiment, Plan, Profile, ProfileName, Trial};
use model::record::{Observation, TrialFailure, TrialOutcome};
use model::units::Span;

use super::*;
use crate::testing;

static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn contract() -> Contract {
    let text = "## GET /plain\n```toml\n[[case]]\nname = \"plain\"\npath = \"/plain\"\nexpect = { body = \"Hello, World!\" }\n```";
    Contract::parse("CONTRACT.md", text).expect("it is right")
}

fn workload(load: &str) -> Workload {
    let text = format!(
        "name = \"toy\"\ntitle = \"t\"\nabout = \"a\"\n[[stream]]\nname = \"main\"\nload = {load}\n[[stream.step]]\n\
         path = \"/plain\"\nexpect = {{ body = \"Hello, World!\" }}\n"
    );
    toml::from_str(&text).expect("a workload")
}

fn plan(machine: &Machine, workload: Workload, arguments: &[&str]) -> Plan {
    let arm = testing::arm(arguments);
    let trial = Trial { index: 0, experiment: 0, block: 0, position: 0, arm: arm.id.clone(), seed: 7 };
    let layout = model::machine::lay_out(machine, 1).expect("one core");
    Plan {
        seed: 1,
        profile: Profile::of(ProfileName::Smoke),
        experiments: vec![Experiment {
            workload,
            warm_up: Span::from_millis(300),
            measure: Span::from_millis(300),
            blocks: 1,
            arms: vec![arm],
            claims: Vec::new(),
        }],
        trials: vec![trial],
        layouts: [(1, layout)].into(),
        not_testable: Vec::new(),
        expected: Span::from_secs(1),
        controls: Vec::new(),
        adaptive: None,
    }
}

fn run(workload: Workload, arguments: &[&str], interrupted: &AtomicBool) -> TrialEnd {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::in_folder(folder.path().to_owned());
    let (runtimes, contract) = (RuntimesFound::default(), contract());
    let toy: Server = toml::from_str(testing::TOY).expect("a server");
    let servers = BTreeMap::from([(toy.name.clone(), toy)]);
    let session = Session::begin(SessionSpec {
        project: folder.path(),
        cache: &cache,
        runtimes: &runtimes,
        servers: &servers,
        contract: &contract,
        interrupted,
    });
    let lock = servers["toy"].lock.clone();
    let key = (ServerName::new("toy").expect("a name"), RuntimeName::new("python").expect("a name"), lock);
    session.prepared.lock().expect("unused").insert(key, Ok(testing::prepared()));
    let plan = plan(&crate::machine::look(), workload, arguments);
    session.run_trial(&plan, &plan.trials[0], None)
}

fn observed(load: &str) -> Observation {
    seen(workload(load))
}

fn seen(workload: Workload) -> Observation {
    match run(workload, &[], &NOT_INTERRUPTED) {
        TrialEnd::Done(TrialOutcome::Observed(observation)) => *observation,
        other => panic!("{other:?}"),
    }
}

fn failed(arguments: &[&str]) -> TrialFailure {
    match run(workload("{ closed = { connections = 2 } }"), arguments, &NOT_INTERRUPTED) {
        TrialEnd::Done(TrialOutcome::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_closed_loop_is_observed_and_both_sides_count_the_same() {
    let observation = observed("{ closed = { connections = 2 } }");
    let stream = &observation.streams[0];
    assert!(stream.completed > 10 && stream.errors.is_empty(), "{stream:?}");
    assert_eq!(observation.server.requests_counted, observation.server.requests_answered);
    assert!(observation.server.requests_answered > stream.completed, "the warm-up counts too");
    assert!((0.28..0.5).contains(&observation.phases.measure_s), "{:?}", observation.phases);
    assert!(observation.samples.at_s.first().is_some_and(|at| *at < 0.0), "warm-up is sampled");
    assert!(observation.samples.server_cores.iter().any(|cores| *cores > 0.0));
    assert!(!observation.hiccups.is_empty() && observation.hiccups.iter().all(|cpu| cpu.wakes > 0));
    assert!(observation.generator.wall_s > 0.2 && observation.search.is_none() && observation.alone.is_empty());
}

#[test]
fn beside_a_background_the_measured_streams_go_on_alone() {
    let mut workload = workload("{ open = { rate = 100, connections = 2 } }");
    let mut background = workload.streams[0].clone();
    background.name = StreamName::new("background").expect("a name");
    background.role = Role::Background;
    background.load = Load::Closed(ClosedLoad { connections: 1, think: Span::from_millis(0) });
    workload.streams.push(background);
    let observation = seen(workload);
    assert_eq!(observation.streams.len(), 2);
    let [alone] = observation.alone.as_slice() else { panic!("{:?}", observation.alone) };
    assert_eq!(alone.stream, observation.streams[0].stream);
    assert!(alone.completed > 25 && alone.errors.is_empty(), "{alone:?}");
    assert_eq!(observation.server.requests_counted, observation.server.requests_answered, "both runs count");
}

#[test]
fn a_search_finds_a_rate_that_holds() {
    let observation = observed(
        "{ search = { connections = 4, step = '200ms', objective = { quantile = 0.5, at_most = '1s', errors_at_most = 0.5 } } }",
    );
    let search = observation.search.expect("it was searched");
    assert!(search.steps.len() >= 3, "{search:?}");
    assert_eq!(observation.server.requests_counted, observation.server.requests_answered);
    assert_eq!(observation.streams.len(), 1);
}

#[test]
fn a_server_that_dies_under_load_is_a_failure_with_its_last_words() {
    let failure = failed(&["dies-under-load"]);
    assert_eq!(failure.stage, Stage::Drive, "{failure:?}");
    assert!(failure.log_tail.contains("toy server dies"), "{failure:?}");
}

#[test]
fn each_failure_names_its_stage() {
    assert_eq!(failed(&["exits"]).stage, Stage::StartUp);
    assert_eq!(failed(&["two-processes"]).stage, Stage::StartUp);
    assert_eq!(failed(&["wrong"]).stage, Stage::ContractCheck);
}

#[test]
fn an_interrupted_trial_is_no_fact() {
    let interrupted = AtomicBool::new(true);
    assert_eq!(run(workload("{ closed = { connections = 2 } }"), &[], &interrupted), TrialEnd::Interrupted);
}
