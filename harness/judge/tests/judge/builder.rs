//! Builds run records with a known truth: each claim gets an experiment of two arms whose numbers differ by a given ratio.

use std::collections::BTreeMap;

use model::define::claim::Claim;
use model::define::workload::Workload;
use model::machine::{Layout, Machine};
use model::names::{ModeName, ParameterName, RuntimeName, ServerName};
use model::plan::{
    Arm, ArmId, Experiment, Hold, Level, LoadKind, Plan, PlannedClaim, Profile, ProfileName, SessionControl, Trial,
};
use model::record::{
    ATTEMPTS_MAX, Calibration, FORMAT, Finished, Header, Injected, Line, Observation, RunRecord, TrialOutcome,
    TrialRecord,
};
use model::units::Span;
use serde_json::json;
use stats::random::{Seed, SplitMix};

use crate::observed::{CONNECTIONS, Lost, OPEN_RATE, WINDOW_S, observation};
use crate::world::{Place, Role, Shape, World, noise};

/// The delay of the delayed arm: a third of the window.
pub(crate) const HELD: Injected = Injected { stops: 167, stopped_s: WINDOW_S / 3.0 };

/// What a claim tests and what is true of it.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub(crate) claim: &'static str,
    pub(crate) family: &'static str,
    pub(crate) role: &'static str,
    pub(crate) controls: Vec<&'static str>,
    pub(crate) region: &'static str,
    pub(crate) margin: f64,
    pub(crate) load: Kind,
    pub(crate) baseline: f64,
    pub(crate) ratio: f64,
    /// Standard deviation of a block's log number.
    pub(crate) spread: f64,
    pub(crate) shape: Shape,
    /// What the machine does beside.
    pub(crate) world: World,
    /// Threads of the treatment, and further levels of the curve with their speed-up over one thread.
    pub(crate) threads: u32,
    pub(crate) levels: Vec<(u32, f64)>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Throughput under closed load; the numbers are requests a second.
    Throughput,
    /// p99 under open load; the numbers are µs.
    P99,
}

impl Truth {
    /// A claim that free-running threads give at least 1.5 times the throughput.
    pub(crate) fn of(ratio: f64) -> Self {
        Self {
            claim: "threads-help",
            family: "gil",
            role: "claim",
            controls: Vec::new(),
            region: "greater",
            margin: 0.5,
            load: Kind::Throughput,
            baseline: 330.0,
            ratio,
            spread: 0.02,
            shape: Shape::Normal,
            world: World::default(),
            threads: 4,
            levels: Vec::new(),
        }
    }

    /// A claim that the p99 of two arms is equivalent within 10 %.
    pub(crate) fn latency(ratio: f64) -> Self {
        let latency =
            Self { claim: "p99-alike", family: "latency", region: "equivalent", margin: 0.1, ..Self::of(ratio) };
        Self { load: Kind::P99, baseline: 8_000.0, ..latency }
    }
}

/// A record of all claims, with this many blocks, as the run of a simulated machine would leave it: trials that the host disturbed
/// are run again.
pub(crate) fn record(truths: &[Truth], blocks: u32, seed: u64) -> RunRecord {
    let mut random = SplitMix::new(Seed(seed));
    let experiments: Vec<Experiment> = truths.iter().map(|truth| experiment(truth, blocks)).collect();
    let mut attempts = Vec::new();
    let mut trials = Vec::new();
    for (index, truth) in truths.iter().enumerate() {
        for block in 0..blocks {
            let mut arms = arms(truth);
            for left in (1..arms.len()).rev() {
                arms.swap(left, random.index(left + 1));
            }
            for (position, (arm, factor)) in (0_u32..).zip(arms) {
                let place = Place { block, position, role: role(&arm) };
                let at = u32::try_from(trials.len()).expect("few trials");
                let trial = Trial { index: at, experiment: index, block, position, arm: arm.id.clone(), seed };
                let allowed = experiments[index].lost_share_max(&arm.id).unwrap_or(1.0);
                attempts.extend(tried(truth, &trial, &arm, factor, place, allowed, &mut random));
                trials.push(trial);
            }
        }
    }
    let header = header(Plan { controls: controls(truths), ..plan(experiments, trials, blocks, seed) });
    let calibrations = vec![calibration(1), calibration(2)];
    let finished = Some(Finished::default());
    let mut record = RunRecord {
        header,
        calibrations,
        trials: Vec::new(),
        repeats: Vec::new(),
        finished,
        withdrawn: Vec::new(),
        cut_off: false,
    };
    attempts.into_iter().for_each(|attempt| record.add(attempt));
    record
}

/// A trial as often as it takes.
fn tried(
    truth: &Truth,
    trial: &Trial,
    arm: &Arm,
    factor: f64,
    place: Place,
    allowed: f64,
    random: &mut SplitMix,
) -> Vec<TrialRecord> {
    let layout = layout();
    let mut attempts = Vec::new();
    while attempts.len() < ATTEMPTS_MAX {
        let spread = truth.spread * truth.world.spread_factor(place);
        let scatter = spread * noise(random, truth.shape);
        let slowing = truth.world.slowing(random, place);
        let lost = Lost(truth.world.stolen(random, place));
        let slower = if truth.load == Kind::P99 { slowing } else { -slowing };
        let seen = observation(truth.load, arm, truth.baseline * factor * (scatter + slower).exp(), lost);
        let seen = Observation { injected: (place.role == Role::Delayed).then_some(HELD), ..seen };
        let quiet = seen.lost_share(Some(&layout)) <= allowed;
        attempts.push(TrialRecord { trial: trial.clone(), outcome: TrialOutcome::Observed(Box::new(seen)) });
        if quiet {
            break;
        }
    }
    attempts
}

/// The text of a record, as a run writes it: one line for each attempt.
pub(crate) fn written(record: &RunRecord) -> String {
    let header = std::iter::once(Line::Header(Box::new(record.header.clone())));
    let calibrations = record.calibrations.iter().cloned().map(Line::Calibration);
    let attempts = record.trials.iter().chain(&record.repeats).map(|trial| Line::Trial(Box::new(trial.clone())));
    let lines = header.chain(calibrations).chain(attempts).chain(record.finished.map(Line::Finished));
    lines.map(|line| serde_json::to_string(&line).expect("JSON") + "\n").collect()
}

/// Changes each observation of a record.
pub(crate) fn each(record: &mut RunRecord, change: impl Fn(&mut Observation)) {
    for trial in &mut record.trials {
        if let TrialOutcome::Observed(observation) = &mut trial.outcome {
            change(observation);
        }
    }
}

/// Changes the observation of one trial.
pub(crate) fn one(record: &mut RunRecord, index: usize, change: impl Fn(&mut Observation)) {
    if let TrialOutcome::Observed(observation) = &mut record.trials[index].outcome {
        change(observation);
    }
}

/// How the identity of the baseline ends, and of the treatment where it has the usual four threads.
pub(crate) const BASELINE: &str = "(threads=1)@free/2-cores";
pub(crate) const TREATMENT: &str = "(threads=4)@free/2-cores";

/// Changes the observations of the arm whose identity ends so.
pub(crate) fn of_arm(record: &mut RunRecord, ending: &str, change: impl Fn(&mut Observation)) {
    let trials: Vec<usize> =
        (0..record.trials.len()).filter(|&at| record.trials[at].trial.arm.0.ends_with(ending)).collect();
    assert!(!trials.is_empty(), "an arm that ends with {ending}");
    trials.into_iter().for_each(|at| one(record, at, &change));
}

/// Changes the first observation of the arm whose identity ends so.
pub(crate) fn one_of_arm(record: &mut RunRecord, ending: &str, change: impl Fn(&mut Observation)) {
    let at = record.trials.iter().position(|trial| trial.trial.arm.0.ends_with(ending)).expect("the arm");
    one(record, at, change);
}

pub(crate) fn named<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_value(json!(name)).expect("a name")
}

/// The arms with the factor by which each differs from the baseline.
fn arms(truth: &Truth) -> Vec<(Arm, f64)> {
    let mut all = vec![(arm(1), 1.0), (arm(truth.threads), truth.ratio)];
    if truth.world.lie.is_some() {
        all.extend([(copy("again"), 1.0), (copy("delayed"), 1.0 - HELD.stopped_s / WINDOW_S)]);
    }
    for &(threads, factor) in &truth.levels {
        if all.iter().all(|(known, _)| known.id != arm(threads).id) {
            all.push((arm(threads), factor));
        }
    }
    all
}

fn arm(threads: u32) -> Arm {
    let plural = if threads == 1 { "" } else { "s" };
    Arm {
        id: ArmId(format!("flask:threads(threads={threads})@free/2-cores")),
        label: format!("Flask, {threads} thread{plural}"),
        server: named::<ServerName>("flask"),
        mode: named::<ModeName>("threads"),
        runtime: named::<RuntimeName>("free"),
        runtime_version: "3.14.0t".to_owned(),
        parameters: BTreeMap::from([(named::<ParameterName>("threads"), threads)]),
        cores: 2,
        processes: 1,
        limit: model::define::claim::Limit::OneCore,
        command: vec!["gunicorn".to_owned(), "--threads".to_owned(), threads.to_string()],
        env: BTreeMap::new(),
    }
}

/// The baseline once more.
fn copy(name: &str) -> Arm {
    let plain = arm(1);
    Arm { id: ArmId(format!("{}#{name}", plain.id)), ..plain }
}

fn role(of: &Arm) -> Role {
    match of.id.0.split_once('#') {
        Some((_, "again")) => Role::Again,
        Some(_) => Role::Delayed,
        None if of.id == arm(1).id => Role::Baseline,
        None => Role::Treatment,
    }
}

/// The controls of the session, in the first experiment.
fn controls(truths: &[Truth]) -> Vec<SessionControl> {
    let first = truths.first().filter(|truth| truth.world.lie.is_some());
    let control = |truth: &Truth| SessionControl {
        load: if truth.load == Kind::P99 { LoadKind::Open } else { LoadKind::Closed },
        cores: 2,
        experiment: 0,
        metric: claim(truth).metric,
        plain: arm(1).id,
        again: copy("again").id,
        delayed: copy("delayed").id,
        hold: Hold { stop: Span::from_millis(20), every: Span::from_millis(60) },
    };
    first.map(control).into_iter().collect()
}

fn experiment(truth: &Truth, blocks: u32) -> Experiment {
    let arms: Vec<Arm> = arms(truth).into_iter().map(|(arm, _)| arm).collect();
    let load = match truth.load {
        Kind::Throughput => json!({ "closed": { "connections": CONNECTIONS } }),
        Kind::P99 => json!({ "open": { "rate": OPEN_RATE, "connections": 64 } }),
    };
    let workload: Workload = serde_json::from_value(json!({
        "name": "sieve", "title": "Sieve", "about": "Primes.",
        "stream": [{ "name": "requests", "load": load, "step": [{ "path": "/cpu/sieve" }] }],
    }))
    .expect("a workload");
    let levels: Vec<Level> =
        truth.levels.iter().map(|&(value, _)| Level { value, arm: arm(value).id.clone() }).collect();
    Experiment {
        workload,
        warm_up: Span::from_secs(1),
        measure: Span::from_secs(10),
        blocks,
        claims: vec![PlannedClaim {
            claim: claim(truth),
            sha256: "0".repeat(64),
            baseline: arms[0].id.clone(),
            treatment: arms[1].id.clone(),
            levels,
        }],
        arms,
    }
}

fn claim(truth: &Truth) -> Claim {
    let metric = match truth.load {
        Kind::Throughput => json!({ "throughput": {} }),
        Kind::P99 => json!({ "response-time": { "quantile": 0.99 } }),
    };
    serde_json::from_value(json!({
        "id": truth.claim, "family": truth.family, "role": truth.role, "controls": truth.controls,
        "statement": "Threads help.", "article": "They do not.", "section": "s", "reading": "r",
        "workload": "sieve", "metric": metric,
        "baseline": { "server": "flask", "cores": 2 },
        "treatment": { "server": "flask", "cores": 2, "parameters": { "threads": truth.threads } },
        "factors": [{ "parameter": "threads" }],
        "decision": { "region": truth.region, "margin": truth.margin, "reason": "r" },
    }))
    .expect("a claim")
}

fn plan(experiments: Vec<Experiment>, trials: Vec<Trial>, blocks: u32, seed: u64) -> Plan {
    Plan {
        seed,
        profile: Profile { blocks, ..Profile::of(ProfileName::Quick) },
        experiments,
        trials,
        layouts: BTreeMap::from([(2, layout())]),
        not_testable: Vec::new(),
        expected: Span::from_secs(60),
        controls: Vec::new(),
        adaptive: None,
    }
}

fn layout() -> Layout {
    Layout { generator: vec![0], server: vec![1, 2], services: vec![3] }
}

fn header(plan: Plan) -> Header {
    Header {
        format: FORMAT,
        claimbench: "0.1.0".to_owned(),
        commit: Some("abc".to_owned()),
        began: "2026-11-23T00:00:00Z".to_owned(),
        machine: Machine {
            cpus: Vec::new(),
            cpu_model: "test".to_owned(),
            memory_bytes: 1 << 30,
            os: "test".to_owned(),
            virtual_machine: false,
            open_files_limit: 1024,
            doubts: Vec::new(),
        },
        runtimes: BTreeMap::new(),
        servers: BTreeMap::new(),
        plan,
        command: "claimbench run".to_owned(),
        proxies: Vec::new(),
    }
}

fn calibration(server_cores: u16) -> Calibration {
    Calibration {
        server_cores,
        floor_us_p50: 40.0,
        floor_us_p99: 90.0,
        send_lag_us_p50: 2.0,
        send_lag_us_p99: 20.0,
        ceiling_per_s: 50_000.0,
        generator_cpu_us_per_request: 8.0,
        fano_factor: None,
    }
}
