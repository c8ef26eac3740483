//! Builds run records with a known truth: each claim gets an experiment of two arms whose numbers differ by a given ratio.

use std::collections::BTreeMap;

use model::define::claim::Claim;
use model::define::workload::Workload;
use model::machine::{Layout, Machine};
use model::names::{ModeName, ParameterName, RuntimeName, ServerName};
use model::plan::{Arm, ArmId, Experiment, Level, Plan, PlannedClaim, Profile, ProfileName, Trial};
use model::record::{Calibration, FORMAT, Finished, Header, Observation, RunRecord, TrialOutcome, TrialRecord};
use model::units::Span;
use serde_json::json;
use stats::random::{Seed, SplitMix};

use crate::observed::{CONNECTIONS, OPEN_RATE, observation};

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

/// How blocks scatter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Normal,
    /// Most blocks near the truth, some far above it.
    Skewed,
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

/// A record of all claims, with this many blocks.
pub(crate) fn record(truths: &[Truth], blocks: u32, seed: u64) -> RunRecord {
    let mut random = SplitMix::new(Seed(seed));
    let experiments: Vec<Experiment> = truths.iter().map(|truth| experiment(truth, blocks)).collect();
    let mut trials = Vec::new();
    for (index, truth) in truths.iter().enumerate() {
        for block in 0..blocks {
            let mut arms = arms(truth);
            if random.bits() & 1 == 0 {
                arms.reverse();
            }
            for (position, (arm, factor)) in (0_u32..).zip(arms) {
                let number = truth.baseline * factor * (truth.spread * noise(&mut random, truth.shape)).exp();
                let place = u32::try_from(trials.len()).expect("few trials");
                let trial = Trial { index: place, experiment: index, block, position, arm: arm.id.clone(), seed };
                let observation = observation(truth.load, &arm, number);
                trials.push(TrialRecord { trial, outcome: TrialOutcome::Observed(Box::new(observation)) });
            }
        }
    }
    let header = header(plan(experiments, &trials, blocks, seed));
    let calibrations = vec![calibration(1), calibration(2)];
    RunRecord { header, calibrations, trials, repeats: Vec::new(), finished: Some(Finished::default()), cut_off: false }
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

fn noise(random: &mut SplitMix, shape: Shape) -> f64 {
    let mut uniform = || (random.bits() >> 11) as f64 / (1_u64 << 53) as f64;
    match shape {
        Shape::Normal => (0..12).map(|_| uniform()).sum::<f64>() - 6.0,
        Shape::Skewed => -(1.0 - uniform()).ln() - 1.0,
    }
}

pub(crate) fn named<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_value(json!(name)).expect("a name")
}

/// The arms with the factor by which each differs from the baseline.
fn arms(truth: &Truth) -> Vec<(Arm, f64)> {
    let mut all = vec![(arm(1), 1.0), (arm(truth.threads), truth.ratio)];
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

fn plan(experiments: Vec<Experiment>, trials: &[TrialRecord], blocks: u32, seed: u64) -> Plan {
    Plan {
        seed,
        profile: Profile { blocks, ..Profile::of(ProfileName::Quick) },
        experiments,
        trials: trials.iter().map(|found| found.trial.clone()).collect(),
        layouts: BTreeMap::from([(2, Layout { generator: vec![0], server: vec![1, 2], services: vec![3] })]),
        not_testable: Vec::new(),
        expected: Span::from_secs(60),
    }
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
