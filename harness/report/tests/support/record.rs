//! The canonical record: the catalog planned for a machine of two cores, with an outcome for nearly every trial.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use model::define::catalog::Catalog;
use model::define::claim::Claim;
use model::define::server::RuntimeKind;
use model::define::untestable::Untestable;
use model::define::workload::Load;
use model::machine::{Cpu, Machine, MissingServices, RuntimeFacts, RuntimeFound, RuntimeMissing, Runtimes};
use model::names::{RuntimeName, ServerName};
use model::plan::{Arm, Design, Experiment, Plan, PlanRequest, Profile, ProfileName, Trial, Wanted, plan};
use model::proxies::{DependencyCount, Installed, ServerProxies, SourceSize};
use model::record::{
    Calibration, CapacitySearch, Finished, GeneratorUse, Header, Hiccups, Observation, PhaseTimes, RunRecord, Samples,
    SearchStep, SecondPoint, ServerReport, Stage, StreamObservation, TrialFailure, TrialOutcome, TrialRecord,
};
use serde_json::json;

use super::definitions::catalog;

/// Small numbers around 1 that look like noise and are always the same.
const NOISE: [f64; 11] = [1.0, 1.012, 0.991, 1.004, 0.985, 1.021, 0.996, 1.009, 0.979, 1.016, 0.993];

/// The noise of a place.
pub(crate) fn noise(place: usize) -> f64 {
    NOISE[place * 7 % NOISE.len()]
}

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

fn machine() -> Machine {
    Machine {
        cpus: [0, 1].map(|id| Cpu { id, core: id, socket: 0 }).to_vec(),
        cpu_model: "Example EP-7 at 2.6 GHz".to_owned(),
        memory_bytes: 8 << 30,
        os: "Linux 6.12.1".to_owned(),
        virtual_machine: true,
        open_files_limit: 1_048_576,
        doubts: vec!["The kernel tells no pressure (PSI), so waiting tasks are not seen.".to_owned()],
    }
}

fn runtimes() -> Runtimes {
    let present = |kind, version: &str| {
        let source = "a name on PATH".to_owned();
        RuntimeFound::Present(RuntimeFacts { kind, version: version.to_owned(), free_threaded: false, source })
    };
    let missing = RuntimeFound::Missing(RuntimeMissing {
        reason: "no free-threaded CPython 3.14 was found on PATH".to_owned(),
        remedy: "install python3.14t, or name it with CLAIMBENCH_FREE_THREADED".to_owned(),
    });
    let server = |name: &str| ServerName::new(name).expect("a name");
    let runtime = |name: &str| RuntimeName::new(name).expect("a name");
    BTreeMap::from([
        (server("express"), BTreeMap::from([(runtime("node"), present(RuntimeKind::Node, "24.11.1"))])),
        (server("fastapi"), BTreeMap::from([(runtime("python"), present(RuntimeKind::Cpython, "3.14.0"))])),
        (
            server("flask"),
            BTreeMap::from([
                (runtime("gil"), present(RuntimeKind::Cpython, "3.14.0")),
                (runtime("free-threaded"), missing),
            ]),
        ),
    ])
}

/// A plan of all claims of a catalog on the canonical machine.
pub(crate) fn plan_of(catalog: &Catalog, runtimes: &Runtimes) -> Plan {
    let machine = machine();
    plan(&PlanRequest {
        catalog,
        machine: &machine,
        runtimes,
        missing_services: &MissingServices::new(),
        wanted: &All,
        profile: Profile::of(ProfileName::Quick),
        seed: 7,
        design: Design::PLAIN,
    })
    .expect("there are claims")
}

/// The header of a run of a plan.
pub(crate) fn header(catalog: Catalog, runtimes: Runtimes, plan: Plan) -> Header {
    Header {
        format: model::record::FORMAT,
        claimbench: "0.1.0".to_owned(),
        commit: Some("0123abc".to_owned()),
        began: "2026-11-23T02:00:00Z".to_owned(),
        machine: machine(),
        runtimes,
        servers: catalog.servers,
        command: "cargo run --release -p claimbench -- run --profile quick --seed 7".to_owned(),
        plan,
        proxies: Vec::new(),
    }
}

/// The canonical record.
pub(crate) fn record() -> RunRecord {
    let plan = plan_of(&catalog(), &runtimes());
    let repeats = repeats(&plan);
    let trials = plan
        .trials
        .iter()
        .filter_map(|trial| Some(TrialRecord { outcome: outcome(&plan, trial)?, trial: trial.clone() }));
    RunRecord {
        trials: trials.collect(),
        calibrations: calibrations(),
        repeats,
        finished: Some(Finished { wall_s: 512.0, set_up_s: 12.5, calibration_s: 10.4, phases: sums() }),
        withdrawn: Vec::new(),
        cut_off: false,
        header: Header { proxies: proxies(), ..header(catalog(), runtimes(), plan) },
    }
}

/// One for each core layout.
pub(crate) fn calibrations() -> Vec<Calibration> {
    [(1, 78.0), (2, 96.0)].map(|(cores, floor)| calibration(cores, floor)).to_vec()
}

/// Of two servers: one was installed by the version that told what it took, the other before.
fn proxies() -> Vec<ServerProxies> {
    let of = |server: &str, lines: u64, installed: Vec<Installed>| ServerProxies {
        server: ServerName::new(server).expect("a name"),
        routes: 9,
        source: SourceSize { files: 12, lines: lines * 2, logical_lines: lines, tokens: lines * 11 },
        dependencies: DependencyCount { direct: 10, transitive: 61 },
        installed,
    };
    let runtime = RuntimeName::new("node").expect("a name");
    let installed = Installed { runtime, took_ms: 4_300, bytes: 3 << 20 };
    vec![of("express", 1_234, vec![installed]), of("flask", 987, Vec::new())]
}

/// Three more attempts: two at the third trial, one at the fifth.
fn repeats(plan: &Plan) -> Vec<TrialRecord> {
    let attempt = |index: usize| {
        let trial = plan.trials[index].clone();
        TrialRecord { outcome: outcome(plan, &trial).expect("it ran"), trial }
    };
    [2, 2, 4].map(attempt).to_vec()
}

fn calibration(server_cores: u16, floor_us_p50: f64) -> Calibration {
    Calibration {
        server_cores,
        floor_us_p50,
        floor_us_p99: floor_us_p50 * 2.1,
        send_lag_us_p50: 3.0,
        send_lag_us_p99: 31.0,
        ceiling_per_s: 24_300.0,
        generator_cpu_us_per_request: 28.0,
        fano_factor: None,
    }
}

fn sums() -> PhaseTimes {
    PhaseTimes { start_up_s: 61.0, contract_check_s: 12.0, warm_up_s: 49.0, measure_s: 341.0, shut_down_s: 22.0 }
}

/// Nothing for the last trial, which never ran; failures for `never-ran`'s treatment and one of `gil-io`.
fn outcome(plan: &Plan, trial: &Trial) -> Option<TrialOutcome> {
    let arm = plan.arm(trial).expect("a planned arm");
    let failed = |stage, reason: &str, log: &str| {
        Some(TrialOutcome::Failed(TrialFailure { stage, reason: reason.to_owned(), log_tail: log.to_owned() }))
    };
    match (arm.id.0.as_str(), trial.block) {
        _ if trial.index as usize + 1 == plan.trials.len() => None,
        (id, _) if id.contains("threads=64") => failed(
            Stage::StartUp,
            "the server exited with code 3 before it was ready",
            "[2026-11-23 02:04:11] [ERROR] Worker failed to boot.\nRuntimeError: can't start new thread\n",
        ),
        (id, 3) if id.contains("threads=32") => failed(Stage::Drive, "the server stopped answering", ""),
        _ => Some(TrialOutcome::Observed(Box::new(observation(plan, trial, arm)))),
    }
}

/// The rate at which an arm gives right answers, and its median and 99th percentile in µs.
pub(crate) fn truth(arm: &Arm) -> (f64, f64, f64) {
    match arm.id.0.as_str() {
        id if id.contains("threads=32") => (611.0, 52_100.0, 71_000.0),
        id if id.contains("threads=4)@gil/1") => (78.4, 51_000.0, 63_000.0),
        id if id.contains("workers=1") => (48.9, 20_400.0, 24_100.0),
        id if id.contains("workers=") => (93.6, 10_700.0, 13_900.0),
        id if id.starts_with("flask:threads(threads=8)@gil/1") => (250.0, 1_450.0, 11_800.0),
        id if id.contains("flask:threads") && id.ends_with("/1-cores") => (250.0, 1_390.0, 12_400.0),
        id if id.contains("threads=") => (49.3, 20_300.0, 31_000.0),
        id if id.starts_with("express") => (250.0, 9_100.0, 19_800.0),
        _ => (250.0, 1_120.0, 6_100.0),
    }
}

fn is_search(experiment: &Experiment) -> bool {
    matches!(experiment.workload.streams.first().map(|stream| &stream.load), Some(Load::Search(_)))
}

/// What a trial measured.
pub(crate) fn observation(plan: &Plan, trial: &Trial, arm: &Arm) -> Observation {
    let experiment = &plan.experiments[trial.experiment];
    let streams = experiment.workload.streams.iter().map(|stream| StreamObservation {
        stream: stream.name.clone(),
        ..stream_observation(trial, arm, stream.name.as_str())
    });
    let stats = match arm.server.as_str() {
        "express" => json!({"framework": {"name": "Express", "version": "5.1.0"}}),
        "fastapi" => json!({"framework": {"name": "FastAPI", "version": "0.121.2"}}),
        _ => json!({"framework": {"name": "Flask", "version": "3.1.2"}}),
    };
    Observation {
        began_s: f64::from(trial.index) * 6.5,
        phases: PhaseTimes { start_up_s: 0.7, contract_check_s: 0.1, warm_up_s: 0.5, measure_s: 4.0, shut_down_s: 0.2 },
        server: ServerReport {
            before: stats.clone(),
            after: stats,
            requests_counted: 400,
            requests_answered: 400,
            requests_unanswered: 0,
        },
        streams: streams.collect(),
        search: is_search(experiment).then(|| search(trial, arm)),
        generator: GeneratorUse { busy_s: 0.4, cpu_s: 4.0, wall_s: 4.0, cores: 1, ..GeneratorUse::default() },
        samples: samples(arm),
        hiccups: vec![Hiccups {
            cpu: 1,
            wakes: 800,
            max_us: 910.0,
            p99_us: 120.0,
            lost_s: 0.0,
            real_time: true,
            contention: None,
        }],
        injected: None,
        added: None,
        alone: Vec::new(),
    }
}

/// A recorded histogram of 200 times around an arm's truth, in ns.
pub(crate) fn histogram(p50_us: f64, p99_us: f64, noise: f64) -> String {
    let mut times = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
    for place in 0..200 {
        let nines = -(1.0 - (f64::from(place) + 0.5) / 200.0).log10();
        let us = p50_us * 0.6 * (p99_us / p50_us / 0.6).powf(nines / 2.0) * noise;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some seconds at most")]
        times.record((us * 1e3) as u64).expect("within bounds");
    }
    let mut bytes = Vec::new();
    V2DeflateSerializer::new().serialize(&times, &mut bytes).expect("a Vec takes it");
    STANDARD.encode(bytes)
}

/// The search of a trial: three rates of which the second held, then the confirming run.
fn search(trial: &Trial, arm: &Arm) -> CapacitySearch {
    let greatest = truth(arm).0 * noise(trial.block as usize) * 4.0;
    let step = |factor: f64, response_ms: f64, confirming| SearchStep {
        rate_per_s: greatest * factor,
        response_us: response_ms * 1e3 * noise(trial.block as usize + 3),
        error_share: 0.0,
        held: response_ms <= 50.0,
        confirming,
    };
    CapacitySearch {
        steps: vec![step(0.5, 12.0, false), step(2.0, 310.0, false), step(1.0, 31.0, false), step(1.0, 34.0, true)],
        greatest_per_s: Some(greatest),
        bounded_by_generator: false,
    }
}

fn stream_observation(trial: &Trial, arm: &Arm, name: &str) -> StreamObservation {
    let (rate, p50, p99) = truth(arm);
    let times = histogram(p50, p99, noise(trial.block as usize).powi(6));
    let second = |n: usize| SecondPoint {
        until_s: n as f64 + 1.0,
        completed: 1,
        errors: 0,
        response_us_p50: Some(p50 * noise(n + trial.block as usize)),
        response_us_p99: Some(p99 * noise(n * 3 + trial.block as usize).powi(4)),
    };
    StreamObservation {
        stream: model::names::StreamName::new(name).expect("a name"),
        window_s: 4.0,
        due: 1000,
        sent: 1000,
        completed: if rate > 100.0 { 1000 } else { 196 },
        unsent: 0,
        unanswered: 0,
        errors: BTreeMap::new(),
        response_time: times,
        service_time: String::new(),
        first_byte: String::new(),
        send_lag: String::new(),
        in_flight_mean: 1.0,
        seconds: (0..4).map(second).collect(),
        tenths: Vec::new(),
        transport: None,
    }
}

fn samples(arm: &Arm) -> Samples {
    let at_s: Vec<f64> = (0..45).map(|n| f64::from(n) * 0.1 - 0.4).collect();
    let used = if arm.id.0.contains("workers=") && !arm.id.0.contains("workers=1") { 1.94 } else { 0.98 };
    let series = |scale: f64| (0..at_s.len()).map(|n| scale * noise(n)).collect::<Vec<f64>>();
    let stolen = |cpu: usize| (0..at_s.len()).map(|n| if (n + cpu).is_multiple_of(13) { 0.08 } else { 0.0 }).collect();
    Samples {
        server_cores: series(used),
        server_rss_mib: series(64.0),
        server_threads: vec![6; at_s.len()],
        server_switches_per_s: series(900.0),
        busy: BTreeMap::from([(0, series(0.3)), (1, series(0.9))]),
        stolen: BTreeMap::from([(0, stolen(0)), (1, stolen(5))]),
        cpu_pressure: Vec::new(),
        server_pss_mib: Some(61.0),
        server_pss: Vec::new(),
        at_s,
    }
}
