//! Connections: opened at a rate behind a barrier, counted each second, from addresses in turn.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use load::observe::observe;
use load::run::Opening;
use load::sources::Sources;

use crate::peers::{echo_back, echo_stream, text};
use crate::support::{Client, Server, drive_one, drive_opened, open, phases, stream};

#[test]
fn connections_are_opened_at_a_rate_and_none_is_used_before_all_are_open() {
    let accepted: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let first_request: Arc<Mutex<Option<Instant>>> = Arc::default();
    let (times, first) = (Arc::clone(&accepted), Arc::clone(&first_request));
    let server = Server::start(move |client: &mut Client| {
        times.lock().unwrap().push(Instant::now());
        while client.read_request() {
            first.lock().unwrap().get_or_insert_with(Instant::now);
            client.answer_ok();
        }
    });
    let opening = Opening::AtRate { per_s: 100.0 };
    let outcome = drive_opened(&server, &[stream(20, open(200.0))], phases(0, 200, 200), opening);
    let mut accepted = accepted.lock().unwrap().clone();
    accepted.sort();
    assert_eq!(accepted.len(), 20);
    let took = accepted[19] - accepted[0];
    assert!(took >= Duration::from_millis(180), "19 gaps of 10 ms: {took:?}");
    assert!(first_request.lock().unwrap().unwrap() > accepted[18], "the barrier");
    let connections = &outcome.streams[0].connections;
    assert_eq!((connections.asked, connections.established, connections.lost, connections.alive), (20, 20, 0, 20));
    assert_eq!(connections.seconds.iter().map(|second| second.established).sum::<u64>(), 20);
    let observed = observe(&outcome).unwrap().remove(0).transport.unwrap().connections;
    let began_s = observed.began_s.unwrap();
    assert!((-5.0..-0.18).contains(&began_s), "the opening ends where the window begins: {began_s} s");
}

#[test]
fn a_server_that_shakes_hands_slowly_is_not_run_over() {
    let (waiting, most, gate) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)), Mutex::new(()));
    let seen = Arc::clone(&most);
    let server = Server::start(move |client: &mut Client| {
        seen.fetch_max(waiting.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let shaken = {
            let _turn = gate.lock().unwrap();
            std::thread::sleep(Duration::from_millis(2));
            tungstenite::accept(client.stream())
        };
        waiting.fetch_sub(1, Ordering::SeqCst);
        if let Ok(mut socket) = shaken {
            echo_back(&mut socket);
        }
    });
    let stream = echo_stream(1_000, open(100.0), vec![text("hello")]);
    let opening = Opening::AtRate { per_s: 50_000.0 };
    let outcome = drive_opened(&server, &[stream], phases(0, 200, 300), opening);
    assert_eq!(outcome.streams[0].connections.established, 1_000);
    let most = most.load(Ordering::SeqCst);
    assert!((20..300).contains(&most), "{most} of 1,000 waited at once");
}

#[test]
fn what_is_lost_is_counted_in_its_second() {
    let server = Server::start(|client: &mut Client| {
        for _ in 0..10 {
            if !client.read_request() {
                return;
            }
            client.answer_ok();
        }
    });
    let outcome = drive_one(&server, stream(2, open(200.0)), phases(0, 500, 200));
    let connections = &outcome.connections;
    assert!(connections.lost >= 6, "100 requests, 10 on each connection: {connections:?}");
    assert!(connections.established >= connections.lost && connections.alive_max == 2, "{connections:?}");
    assert_eq!(connections.alive + connections.lost + connections.ended, connections.established);
    let lost: u64 = connections.seconds.iter().map(|second| second.lost).sum();
    assert_eq!(lost, connections.lost);
}

#[test]
fn sources_take_turns() {
    let seen: Arc<Mutex<BTreeSet<IpAddr>>> = Arc::default();
    let sources = Arc::clone(&seen);
    let server = Server::start(move |client: &mut Client| {
        sources.lock().unwrap().insert(client.stream().peer_addr().unwrap().ip());
        while client.read_request() {
            client.answer_ok();
        }
    });
    let mut spec = stream(6, open(100.0));
    spec.sources = Sources::Range { first: Ipv4Addr::new(127, 0, 0, 7), count: 3 };
    let outcome = drive_one(&server, spec, phases(0, 100, 200));
    assert_eq!(outcome.counts.completed + outcome.counts.unanswered, 10);
    let expected: BTreeSet<IpAddr> = (7..10).map(|last| IpAddr::from([127, 0, 0, last])).collect();
    assert_eq!(*seen.lock().unwrap(), expected);
}
