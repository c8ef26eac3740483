//! Runs by several workers: nothing is lost or counted twice, the load is the one that one worker would make, and the seconds that an
//! onlooker sees add up to the run.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::support::{Server, assert_counts_add_up, closed, open, phases, stream};
use load::error::RunError;
use load::fleet::{Fleet, SecondOfStream, Unwatched, Watcher, run_fleet};
use load::pacer::PacerKind;
use load::recorder::histogram;
use load::request::RequestSpec;
use load::run::{Ending, Opening, Outcome, RunSpec, Target};
use load::stream::StreamSpec;

/// Adds up what it is shown.
struct Sum {
    response_time: Histogram<u64>,
    completed: u64,
    failed: u64,
    edges: Vec<(u64, u64)>,
}

impl Watcher for Sum {
    fn second(&mut self, second: &SecondOfStream<'_>) {
        self.response_time.add(second.response_time).unwrap();
        self.completed += second.seen.completed;
        self.failed += second.seen.failed;
        self.edges.push((second.from_ns, second.until_ns));
    }
}

fn fleet(
    server: &Server,
    streams: &[StreamSpec],
    workers: u32,
    opening: Opening<'_>,
    watcher: &mut dyn Watcher,
) -> Result<Outcome, RunError> {
    let started = AtomicU32::new(0);
    let settle = |_: u32| {
        started.fetch_add(1, Ordering::SeqCst);
        Ok(())
    };
    let spec = RunSpec {
        target: Target { address: server.address },
        streams,
        phases: phases(100, 2_200, 500),
        opening,
        pacer: PacerKind::shared_core(),
        seed: 1,
        stop: &[],
        ending: Ending::Close,
    };
    let fleet = Fleet { workers: NonZeroU32::new(workers).unwrap(), settle: &settle };
    let outcome = run_fleet(&spec, &fleet, watcher);
    assert!(outcome.is_err() || started.load(Ordering::SeqCst) == workers);
    outcome
}

#[test]
fn three_workers_send_what_one_does_and_nothing_is_lost() {
    let server = Server::answering_after(Duration::from_millis(1));
    let mut sum = Sum { response_time: histogram(), completed: 0, failed: 0, edges: Vec::new() };
    let streams = [stream(7, open(300.0)), StreamSpec { name: "lone".to_owned(), ..stream(1, closed()) }];
    let outcome = fleet(&server, &streams, 3, Opening::AllAtOnce, &mut sum).unwrap();
    outcome.streams.iter().for_each(assert_counts_add_up);
    assert_eq!(outcome.streams[0].counts.due, 660, "2.2 s at 300/s, as with one worker");
    assert_eq!(outcome.streams.iter().map(|stream| stream.totals.requests_sent).sum::<u64>(), server.counted());
    let mut joint = histogram();
    outcome.streams.iter().for_each(|stream| joint.add(&stream.response_time).unwrap());
    assert_eq!(sum.response_time, joint, "the seconds together are the run");
    assert_eq!(sum.completed, outcome.streams.iter().map(|stream| stream.counts.completed).sum::<u64>());
    let lone = &outcome.streams[1];
    assert!(lone.in_flight_mean > 0.5 && lone.in_flight_mean <= 1.0, "one connection has one worker");
    let ends: Vec<u64> = lone.seconds.iter().map(|second| second.until_ns).collect();
    assert_eq!(ends, [1_000_000_000, 2_000_000_000, 2_200_000_000]);
    assert_eq!(sum.edges.len(), 6, "three seconds of two streams: {:?}", sum.edges);
}

#[test]
fn a_server_that_falls_silent_is_seen_by_the_onlooker_too() {
    let server = Server::start(|client| {
        for _ in 0..3 {
            if !client.read_request() {
                return;
            }
            client.answer_ok();
        }
        while client.read_request() {}
    });
    let mut sum = Sum { response_time: histogram(), completed: 0, failed: 0, edges: Vec::new() };
    let quick = StreamSpec { timeout: Duration::from_millis(300), ..stream(4, open(50.0)) };
    let outcome = fleet(&server, &[quick], 2, Opening::AllAtOnce, &mut sum).unwrap();
    let main = &outcome.streams[0];
    assert_counts_add_up(main);
    assert!(main.counts.errors.failed_requests() > 0 && main.counts.unsent + main.counts.unanswered > 0);
    assert_eq!(sum.response_time, main.response_time, "what never came is in the seconds too");
    assert_eq!(sum.failed, main.counts.errors.failed_requests());
}

#[test]
fn workers_open_in_turn_where_connections_are_opened_one_by_one() {
    let server = Server::answering_after(Duration::ZERO);
    let health = RequestSpec::get("/health");
    for opening in [Opening::OneByOne(&health), Opening::UnderLoad] {
        let outcome = fleet(&server, &[stream(4, closed())], 2, opening, &mut Unwatched).unwrap();
        assert_counts_add_up(&outcome.streams[0]);
        assert_eq!(outcome.streams[0].counts.errors.failed_requests(), 0);
    }
}

#[test]
fn a_worker_that_cannot_start_ends_the_run() {
    let server = Server::answering_after(Duration::ZERO);
    server.stop_listening();
    let failed = fleet(&server, &[stream(4, closed())], 2, Opening::AllAtOnce, &mut Unwatched);
    assert!(matches!(failed, Err(RunError::NoConnection { .. })), "{failed:?}");
}
