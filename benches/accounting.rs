//! Criterion benches of the harness's own hot paths: pacing, parsing, verifying and recording, which run for every request; the interval log, which
//! runs every second; and reading and judging a record, which runs after every block.

use std::hint::black_box;
use std::io::Read;
use std::time::{Duration, SystemTime};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::GzDecoder;
use load::arrival::{Schedule, Share, Spacing, Stage, Stages};
use load::http1::response::{Fed, LastHead, ResponseParser, Sink};
use load::interval_log::{IntervalLog, MergedLogs};
use load::recorder::histogram;
use load::verify::{BodyCheck, Expect, verify};
use model::plan::{Experiment, Trial};
use model::record::{RunRecord, TrialRecord, read_record};
use sha2::{Digest, Sha256};

/// The golden record of the tests: small, and of every kind of line.
const RECORD: &str = include_str!("../harness/model/tests/records/format-1.ndjson");
/// A published run's.
const PUBLISHED: &[u8] = include_bytes!("../results/2026-11-23-two-core-vm/record.ndjson.gz");
/// An answer as Express gives it.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 11\r\n\
    Date: Mon, 23 Nov 2026 02:00:00 GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\n{\"ok\":true}";

/// Takes what the parser finds, and only counts it.
#[derive(Default)]
struct Counted {
    bytes: usize,
}

impl Sink for Counted {
    fn head(&mut self, status: u16, _: Option<&[u8]>) {
        self.bytes += usize::from(status == 200);
    }

    fn body(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
    }
}

fn pacing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pacing");
    group.throughput(Throughput::Elements(1));
    for (name, spacing) in [("constant", Spacing::Constant), ("poisson", Spacing::Poisson)] {
        let mut schedule = Schedule::new(10_000.0, spacing, 1, 0);
        group.bench_function(name, |bench| bench.iter(|| black_box(schedule.next_due_ns())));
    }
    // One of four workers walks past the requests of the others.
    let mut shared = Schedule::new(10_000.0, Spacing::Poisson, 1, 0).share(Share { number: 1, of: 4 });
    group.bench_function("poisson, one of four workers", |bench| bench.iter(|| black_box(shared.next_due_ns())));
    let ramp = Stage { length: Duration::from_secs(86_400), from_per_s: 1e6, to_per_s: 2e6 };
    let mut ramp = Schedule::staged(Stages::new(&[ramp]).expect("a stage"), Spacing::Constant, 1, 0);
    group.bench_function("a ramp", |bench| bench.iter(|| black_box(ramp.next_due_ns())));
    group.finish();
}

fn parsing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parsing");
    group.throughput(Throughput::Bytes(ANSWER.len() as u64));
    let mut parser = ResponseParser::new();
    let mut last = LastHead::default();
    group.bench_function("an answer of Express", |bench| {
        bench.iter(|| {
            let mut sink = Counted::default();
            parser.reset(1 << 20);
            let fed = parser.feed(black_box(ANSWER), &mut last, &mut sink);
            assert_eq!(fed, Ok(Fed::Whole { consumed: ANSWER.len() }));
            sink.bytes
        });
    });
    group.finish();
}

/// Of a body as long as a page of data; small ones cost as good as nothing.
fn verifying(criterion: &mut Criterion) {
    let body = vec![b'x'; 64 * 1024];
    let mut group = criterion.benchmark_group("verifying");
    group.throughput(Throughput::Bytes(body.len() as u64));
    let kinds = [
        ("by its length", BodyCheck::Length(body.len() as u64)),
        ("by its SHA-256", BodyCheck::Sha256(Sha256::digest(&body).into())),
    ];
    for (name, body_check) in kinds {
        let expect = Expect { body: body_check, ..Expect::default() };
        group.bench_function(format!("64 KiB {name}"), |bench| {
            bench.iter(|| assert_eq!(verify(&expect, 200, None, black_box(&body)), Ok(())));
        });
    }
    group.finish();
}

fn recording(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("recording");
    group.throughput(Throughput::Elements(1));
    let mut histogram = histogram();
    let mut value = 1_u64;
    group.bench_function("a response time", |bench| {
        bench.iter(|| {
            // A cheap spread over six decades: a linear congruential step (Knuth's MMIX constants).
            value = value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            histogram.saturating_record(black_box(value >> 44));
        });
    });
    group.finish();
}

fn logging(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("logging");
    let mut times = histogram();
    let mut schedule = Schedule::new(1e5, Spacing::Poisson, 1, 0);
    let mut before_ns = 0;
    for _ in 0..10_000 {
        let due_ns = schedule.next_due_ns();
        times.saturating_record((due_ns - before_ns) * 10);
        before_ns = due_ns;
    }
    let second = |log: &mut Vec<u8>| {
        let mut log = IntervalLog::begin(log, SystemTime::UNIX_EPOCH).expect("memory can be written");
        log.add_interval("main", Duration::ZERO, Duration::from_secs(1), black_box(&times)).expect("so can this");
    };
    group.bench_function("a second of 10,000 requests", |bench| bench.iter(|| second(&mut Vec::new())));
    let mut log = Vec::new();
    second(&mut log);
    group.bench_function("merge it", |bench| bench.iter(|| MergedLogs::default().add(black_box(&log))));
    group.finish();
}

fn judging(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("judging");
    group.throughput(Throughput::Bytes(RECORD.len() as u64));
    group.bench_function("read a record", |bench| bench.iter(|| read_record(black_box(RECORD))));
    match read_record(RECORD) {
        Ok(record) => {
            group.bench_function("analyse and judge it", |bench| {
                bench.iter(|| judge::verdicts(&record, &judge::analyse(black_box(&record))));
            });
        }
        Err(error) => panic!("the golden record does not load: {error}"),
    }
    group.finish();
}

/// Claims and blocks of the whole suite.
const CLAIMS: usize = 60;
const BLOCKS: u32 = 20;

/// A record as large as the whole suite's, with the histograms of real trials: the published run's experiments again and again.
fn whole_suite() -> RunRecord {
    let mut text = String::new();
    GzDecoder::new(PUBLISHED).read_to_string(&mut text).unwrap_or_else(|error| panic!("the published record: {error}"));
    let published = read_record(&text).unwrap_or_else(|error| panic!("the published record: {error}"));
    let mut suite = RunRecord { trials: Vec::new(), repeats: Vec::new(), ..published.clone() };
    suite.header.plan.experiments.clear();
    while suite.header.plan.experiments.iter().map(|experiment| experiment.claims.len()).sum::<usize>() < CLAIMS {
        for (index, experiment) in published.header.plan.experiments.iter().enumerate() {
            let (at, seen) = (suite.header.plan.experiments.len(), experiment.blocks);
            suite.header.plan.experiments.push(Experiment { blocks: BLOCKS, ..experiment.clone() });
            for block in 0..BLOCKS {
                let same = |found: &&TrialRecord| (found.trial.experiment, found.trial.block) == (index, block % seen);
                for found in published.trials.iter().filter(same) {
                    let trial = Trial { experiment: at, block, ..found.trial.clone() };
                    suite.trials.push(TrialRecord { trial, outcome: found.outcome.clone() });
                }
            }
        }
    }
    suite
}

fn judging_the_suite(criterion: &mut Criterion) {
    let suite = whole_suite();
    let mut group = criterion.benchmark_group("judging");
    group.sample_size(10);
    group.bench_function("the whole suite: 60 claims in 20 blocks", |bench| {
        bench.iter(|| judge::verdicts(&suite, &judge::analyse(black_box(&suite))));
    });
    group.finish();
}

criterion_group!(benches, pacing, parsing, verifying, recording, logging, judging, judging_the_suite);
criterion_main!(benches);
