//! A run of what other transports give: rooms, event streams, many connections, attacks. Made without clock or chance.

use std::collections::BTreeMap;

use model::analysis::Analysis;
use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};
use model::define::server::RuntimeKind;
use model::expect::Expectations;
use model::machine::{RuntimeFacts, RuntimeFound, Runtimes};
use model::names::{RuntimeName, ServerName};
use model::plan::{Arm, Plan, PlannedClaim, Trial};
use model::record::{
    ConnectionsObservation, ConnectionsPoint, DeliveriesObservation, EventsObservation, Observation, RoomObservation,
    RoomPoint, RunRecord, StreamObservation, TransferObservation, TransportObservation, TrialOutcome, TrialRecord,
};
use model::verdict::{Outcome, RegionBounds, Verdict};

use crate::support::Canonical;
use crate::support::record::{calibrations, header, histogram, noise, observation, plan_of};

const SERVER: &str = r#"
title = "{title}"
about = "A server."
language = "{language}"
colour = "{colour}"
marker = "{marker}"
lock = "lock"
default_mode = "single"
routes = ["/health", "/stats", "/plain", "/pages", "/search", "/events", "/ws/rooms"]
runtimes.own = { kind = "{kind}", version = ">=3" }

[modes.single]
about = "One process."
processes = "1"
command = ["run", "--port", "{port}"]
"#;

const WORKLOADS: [(&str, &str); 5] = [
    (
        "chat",
        r#"load.open = { rate = 500, connections = 60 }
protocol.websocket-fan-out = { path = "/ws/rooms/{room}", rooms = 3, senders_per_room = 2 }"#,
    ),
    (
        "events",
        r#"load.open = { rate = 250, connections = 500 }
protocol.events = {}
[[stream.step]]
path = "/events?count=20&gap_ms=25""#,
    ),
    (
        "hold",
        r#"load.open = { rate = 500, connections = 1000 }
[[stream.step]]
path = "/plain""#,
    ),
    (
        "bystander",
        r#"load.open = { rate = 500, connections = 8 }
[[stream.step]]
path = "/plain"
[[stream]]
name = "cpu"
role = "background"
load.closed = { connections = 1 }
[[stream.step]]
path = "/search""#,
    ),
    (
        "attacks",
        r#"load.closed = { connections = 1 }
[[stream.attack]]
name = "a foreign host"
path = "/plain"
headers = { host = "evil.example" }
safe = { status = [400, 403] }
[[stream.attack]]
name = "a form of another site that asks for a new nickname"
method = "POST"
path = "/pages/profile"
body = "nickname=Mallory"
safe = { status = [403] }
[[stream.attack]]
name = "a word that ends the query"
path = "/search?word='"
safe = { json = { count = 0 } }"#,
    ),
];

/// A claim: id, workload, and what else it registers.
const CLAIMS: [(&str, &str, &str); 5] = [
    ("chat", "chat", "metric.delivery-time = { quantile = 0.99 }"),
    ("streaming", "events", "metric.event-gap = { quantile = 0.99 }"),
    ("holds", "hold", "metric.memory-per-connection = {}"),
    ("loop", "bystander", "metric.response-time = { quantile = 0.99, stream = \"main\" }"),
    ("built-in", "attacks", "metric.attacks-stopped = {}"),
];

fn file(name: &str, text: String) -> DefinitionFile {
    DefinitionFile { path: format!("{name}.toml"), name: name.to_owned(), text }
}

fn server([name, title, language, kind, colour, marker]: [&str; 6]) -> DefinitionFile {
    let parts = [("title", title), ("language", language), ("kind", kind), ("colour", colour), ("marker", marker)];
    let filled =
        parts.iter().fold(SERVER.to_owned(), |text, (part, value)| text.replace(&format!("{{{part}}}"), value));
    file(name, format!("name = \"{name}\"{filled}"))
}

fn workload((name, stream): (&str, &str)) -> DefinitionFile {
    let head = format!("name = \"{name}\"\ntitle = \"The {name}\"\nabout = \"What it stands for.\"\n");
    file(name, format!("{head}[[stream]]\nname = \"main\"\n{stream}\n"))
}

fn claim((id, workload, rest): (&str, &str, &str)) -> DefinitionFile {
    let connections = if workload == "hold" { "parameters = { connections = 1000 }\n" } else { "" };
    let arm = |role: &str, server: &str| format!("[{role}]\nserver = \"{server}\"\n{connections}limit = \"none\"\n");
    file(
        id,
        format!(
            "id = \"{id}\"\nfamily = \"{id}\"\nstatement = \"Django does as `express` does.\"\narticle = \"It does.\"\nsection = \"Use cases\"\nreading = \"As it stands.\"\nworkload = \"{workload}\"\n{rest}\nfactors = [\"server\"]\n{}{}[decision]\nregion = \"at-most\"\nmargin = 0.5\nreason = \"Half again.\"\n",
            arm("baseline", "express"),
            arm("treatment", "django"),
        ),
    )
}

fn catalog() -> Catalog {
    let files = DefinitionFiles {
        workloads: WORKLOADS.map(workload).to_vec(),
        servers: [
            ["express", "Express", "javascript", "node", "bluish-green", "triangle"],
            ["django", "Django", "python", "cpython", "blue", "square"],
        ]
        .map(server)
        .to_vec(),
        claims: CLAIMS.map(claim).to_vec(),
        untestable: Vec::new(),
    };
    Catalog::define(&files).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn runtimes() -> Runtimes {
    let found = |server: &str, kind| {
        let facts = RuntimeFacts {
            kind,
            version: "24.1.0".to_owned(),
            free_threaded: false,
            source: "a name on PATH".to_owned(),
        };
        let own = RuntimeName::new("own").expect("a name");
        (ServerName::new(server).expect("a name"), BTreeMap::from([(own, RuntimeFound::Present(facts))]))
    };
    BTreeMap::from([found("express", RuntimeKind::Node), found("django", RuntimeKind::Cpython)])
}

/// The run.
pub(crate) fn live() -> Canonical {
    let (catalog, runtimes) = (catalog(), runtimes());
    let plan = plan_of(&catalog, &runtimes);
    let trial = |trial: &Trial| TrialRecord {
        outcome: TrialOutcome::Observed(Box::new(seen(&plan, trial))),
        trial: trial.clone(),
    };
    let trials = plan.trials.iter().map(trial).collect();
    let verdicts = plan.experiments.iter().flat_map(|experiment| &experiment.claims).map(verdict).collect();
    let record = RunRecord {
        trials,
        calibrations: calibrations(),
        repeats: Vec::new(),
        finished: None,
        withdrawn: Vec::new(),
        cut_off: false,
        header: header(catalog, runtimes, plan),
    };
    Canonical { record, analysis: Analysis::default(), verdicts, trends: Vec::new(), expected: Expectations::default() }
}

fn verdict(planned: &PlannedClaim) -> Verdict {
    Verdict {
        claim: planned.claim.id.clone(),
        family: planned.claim.family.clone(),
        statement: planned.claim.statement.clone(),
        outcome: Outcome::Inconclusive,
        effect: None,
        low: None,
        high: None,
        confidence: None,
        region: RegionBounds::default(),
        blocks: 0,
        p_sign_flip: None,
        reason: "Its control `chat` must be supported, and is refuted: nothing follows.".to_owned(),
        doubts: Vec::new(),
        gates: Vec::new(),
        exploratory: None,
    }
}

/// What a trial saw.
fn seen(plan: &Plan, trial: &Trial) -> Observation {
    let arm = plan.arm(trial).expect("a planned arm");
    let slower = if arm.server.as_str() == "django" { 2.0 } else { 1.0 } * noise(trial.block as usize);
    let mut seen = observation(plan, trial, arm);
    let stream = seen.streams.first_mut().expect("a stream");
    match plan.experiments[trial.experiment].workload.name.as_str() {
        "chat" => {
            let carried = TransportObservation { deliveries: Some(deliveries(slower)), ..transport(60) };
            stream.transport = Some(carried);
        }
        "events" => {
            stream.transport = Some(TransportObservation { events: Some(events(slower)), ..transport(500) });
        }
        "hold" => {
            stream.transport = Some(transport(1000));
            let grown = |at_s: &f64| 64.0 + (at_s + 0.4).clamp(0.0, 1.0) * 20.0 * slower;
            seen.samples.server_rss_mib = seen.samples.at_s.iter().map(grown).collect();
        }
        "bystander" => {
            let response_time = histogram(300.0 * slower, 900.0 * slower, 1.0);
            seen.alone = vec![StreamObservation { response_time, ..stream.clone() }];
        }
        _ => stream.errors = passed(arm, trial.block),
    }
    seen
}

fn transport(asked: u32) -> TransportObservation {
    let second = |alive| ConnectionsPoint { established: alive, lost: 0, alive };
    let all = u64::from(asked);
    TransportObservation {
        connections: ConnectionsObservation {
            began_s: Some(-0.5),
            asked,
            established: all,
            alive: all,
            alive_max: all,
            seconds: [all / 2, all, all, all, all].map(second).to_vec(),
            ..ConnectionsObservation::default()
        },
        transfer: TransferObservation::default(),
        deliveries: None,
        events: None,
    }
}

fn deliveries(slower: f64) -> DeliveriesObservation {
    let room = |number: u32| {
        let point = RoomPoint {
            received: 1_000,
            latency_us_mean: Some(400.0 * slower * (1.0 + f64::from(number) / 10.0)),
            latency_us_max: Some(3_000.0 * slower),
        };
        RoomObservation { expected: 2_000, received: 2_000 - u64::from(number), seconds: vec![point; 2] }
    };
    DeliveriesObservation {
        expected: 6_000,
        received: 5_997,
        late: 2,
        duplicates: 0,
        out_of_order: 1,
        foreign: 0,
        latency: histogram(400.0 * slower, 2_500.0 * slower, 1.0),
        acknowledgement: Some(histogram(200.0 * slower, 900.0 * slower, 1.0)),
        rooms: (0..3).map(room).collect(),
    }
}

fn events(slower: f64) -> EventsObservation {
    EventsObservation {
        received: 10_000,
        ended: 490,
        stopped: 10,
        broken: BTreeMap::new(),
        lost: 3,
        out_of_order: 0,
        duplicates: 0,
        gaps: histogram(25_000.0, 26_000.0 + 4_000.0 * slower, 1.0),
    }
}

/// Express lets two attacks pass, one of them in the first block only.
fn passed(arm: &Arm, block: u32) -> BTreeMap<String, u64> {
    let mut passed = BTreeMap::new();
    if arm.server.as_str() == "express" {
        passed.insert("a foreign host: status 200".to_owned(), 1);
        if block == 0 {
            passed.insert("a word that ends the query: another body".to_owned(), 1);
        }
    }
    passed
}
