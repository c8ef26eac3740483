//! Runs against servers that behave: every count, clock and edge of the window.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::{Server, closed, drive, drive_one, drive_until, open, phases, stream};
use load::error::{ErrorClass, RunError};
use load::pacer::PacerKind;
use load::request::RequestSpec;
use load::run::{Ending, Opening, RunSpec, Target, run};
use load::verify::{BodyCheck, Expect};

const MS: u64 = 1_000_000;

#[test]
fn a_closed_loop_obeys_littles_law_and_the_server_counts_the_same() {
    let server = Server::answering_after(Duration::from_millis(5));
    let outcome = drive(&server, &[stream(4, closed())], phases(50, 500, 500));
    let main = &outcome.streams[0];
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert_eq!(main.totals.requests_sent, main.totals.responses);
    assert_eq!(server.counted(), main.totals.responses);
    let rate_per_s = main.answered_in_window as f64 / outcome.window.length_s();
    let product = rate_per_s * main.service_time.mean() / 1e9;
    assert!((main.in_flight_mean - product).abs() / product < 0.05, "N {} X·R {product}", main.in_flight_mean);
    assert!(main.in_flight_mean > 3.0 && main.in_flight_mean <= 4.0);
}

#[test]
fn an_open_loop_sends_exactly_what_is_due() {
    let server = Server::answering_after(Duration::ZERO);
    let main = drive_one(&server, stream(8, open(500.0)), phases(100, 300, 500));
    assert_eq!(main.counts.due, 150, "300 ms at 500/s");
    assert_eq!(main.totals.requests_sent, 200 - main.counts.unsent, "with 100 ms before");
    assert_eq!(server.counted(), main.totals.requests_sent);
    assert_eq!(main.totals.responses, main.totals.requests_sent);
}

#[test]
fn think_time_spaces_a_closed_loop() {
    let server = Server::answering_after(Duration::ZERO);
    let think = load::arrival::Arrival::Closed { think: Duration::from_millis(50) };
    let main = drive_one(&server, stream(2, think), phases(0, 420, 200));
    // Each of two users at 0, 50, …, 400 ms, if nothing takes any time.
    assert!((4..=18).contains(&main.counts.sent), "{}", main.counts.sent);
}

#[test]
fn a_freezing_server_is_charged_from_when_requests_were_due() {
    const EVERY: Duration = Duration::from_millis(500);
    const FREEZE: Duration = Duration::from_millis(200);
    let began = Instant::now();
    let server = Server::start(move |client| {
        while client.read_request() {
            let into = Duration::from_secs_f64(began.elapsed().as_secs_f64() % EVERY.as_secs_f64());
            std::thread::sleep(FREEZE.saturating_sub(into));
            client.answer_ok();
        }
    });
    let spec = stream(8, open(400.0));
    let main = drive_one(&server, spec, phases(100, 2_000, 1_000));
    // Of arrivals spread evenly over a period, those in the first S wait for its end: P(wait > x) = (S - x) / T.
    for (quantile, expected_ms) in [(0.7, 50.0), (0.8, 100.0), (0.9, 150.0), (0.98, 190.0)] {
        let found_ms = main.response_time.value_at_quantile(quantile) as f64 / 1e6;
        assert!((found_ms - expected_ms).abs() < 40.0, "quantile {quantile}: {found_ms} ms, expected {expected_ms} ms");
    }
    // From when they were sent, nearly all look fast: the eight that were under way hide the others.
    let omitted_ms = main.service_time.value_at_quantile(0.9) / MS;
    assert!(omitted_ms < 100, "{omitted_ms}");
}

#[test]
fn what_cannot_be_sent_is_kept_as_at_least_so_long() {
    let server = Server::answering_after(Duration::from_millis(60));
    let main = drive_one(&server, stream(1, open(100.0)), phases(0, 500, 300));
    assert!(main.counts.unsent >= 30, "one connection cannot keep up: {:?}", main.counts);
    assert!(main.response_time.max() > 300 * MS, "{}", main.response_time.max());
    assert!(main.send_lag.max() > 200 * MS);
    assert_eq!(main.totals.responses, main.totals.requests_sent);
}

#[test]
fn answers_after_the_window_are_unanswered_but_waited_for() {
    let server = Server::answering_after(Duration::from_millis(80));
    let main = drive_one(&server, stream(20, open(100.0)), phases(0, 300, 1_000));
    assert!(main.counts.unanswered > 0, "{:?}", main.counts);
    assert!(main.response_time.min() >= 79 * MS, "none is cut short: {}", main.response_time.min());
    assert_eq!(server.counted(), main.totals.responses);
}

#[test]
fn a_drain_is_bounded() {
    let server = Server::answering_after(Duration::from_secs(30));
    let mut spec = stream(2, closed());
    spec.timeout = Duration::from_secs(60);
    let began = Instant::now();
    let main = drive_one(&server, spec, phases(0, 100, 100));
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!((main.counts.sent, main.counts.unanswered), (2, 2));
    assert!(main.response_time.min() >= 190 * MS);
    assert!((main.in_flight_mean - 2.0).abs() < 0.3, "{}", main.in_flight_mean);
}

#[test]
fn streams_run_side_by_side() {
    let server = Server::answering_after(Duration::from_millis(10));
    let mut background = stream(2, closed());
    background.name = "background".to_owned();
    let outcome = drive(&server, &[background, stream(16, open(250.0))], phases(40, 400, 500));
    let [background, bystander] = &outcome.streams[..] else { panic!("two streams") };
    assert_eq!((background.name.as_str(), bystander.name.as_str()), ("background", "main"));
    assert_eq!(bystander.counts.due, 100);
    assert!(background.counts.completed > 10);
    assert_eq!(server.counted(), background.totals.responses + bystander.totals.responses);
}

#[test]
fn steps_rotate_and_each_has_its_own_answer() {
    let server = Server::start(|client| {
        let mut number = 0;
        while client.read_request() {
            client.send(
                ["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na", "HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n"]
                    [number % 2],
            );
            number += 1;
        }
    });
    let mut spec = stream(1, closed());
    spec.steps = vec![
        RequestSpec::get("/a").expecting(Expect { body: BodyCheck::Exact(b"a".to_vec()), ..Expect::default() }),
        RequestSpec::get("/b").expecting(Expect { status: 404, ..Expect::default() }),
    ];
    let main = drive_one(&server, spec, phases(10, 100, 200));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts.errors);
    assert!(main.counts.completed > 2);
}

#[test]
fn a_long_request_body_is_sent_in_parts() {
    let server = Server::answering_after(Duration::ZERO);
    let mut spec = stream(2, closed());
    spec.timeout = Duration::from_secs(10);
    spec.steps = vec![RequestSpec {
        method: "POST".to_owned(),
        body: vec![b'x'; 6 * 1024 * 1024],
        ..RequestSpec::get("/upload")
    }];
    let main = drive_one(&server, spec, phases(0, 200, 10_000));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts.errors);
    assert_eq!(main.totals.responses, main.totals.requests_sent);
    assert!(main.totals.responses >= 2);
}

#[test]
fn connections_that_the_server_closes_as_announced_are_replaced() {
    let server = Server::start(|client| {
        if client.read_request() {
            client
                .send("HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        }
    });
    let main = drive_one(&server, stream(2, open(100.0)), phases(0, 300, 300));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts.errors);
    assert!(main.counts.completed >= 20, "{:?}", main.counts);
}

#[test]
fn a_stopped_run_keeps_what_it_measured() {
    let server = Server::answering_after(Duration::from_millis(1));
    let stop = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            stop.store(true, Ordering::Relaxed);
        });
        drive_until(&server, &[stream(2, closed())], phases(50, 60_000, 500), &[&stop])
    });
    assert!(outcome.window.length_s() < 30.0);
    assert!(outcome.streams[0].counts.completed > 0);
    assert!(outcome.streams[0].in_flight_mean > 0.5, "{}", outcome.streams[0].in_flight_mean);
}

#[test]
fn nobody_listening_is_said_at_once() {
    let server = Server::answering_after(Duration::ZERO);
    let target = Target { address: server.address };
    drop(server);
    std::thread::sleep(Duration::from_millis(50));
    let (streams, phases, pacer) = ([stream(2, closed())], phases(0, 100, 100), PacerKind::Spin);
    let result = run(&RunSpec {
        target,
        streams: &streams,
        phases,
        opening: Opening::AllAtOnce,
        pacer,
        seed: 0,
        stop: &[],
        ending: Ending::Close,
    });
    assert!(matches!(result, Err(RunError::NoConnection { .. })), "{result:?}");
}

#[test]
fn connections_opened_one_by_one_are_each_answered_before_the_next() {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};
    let (opened, answered) = (AtomicU64::new(0), Arc::new(AtomicU64::new(0)));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (in_server, counter) = (Arc::clone(&seen), Arc::clone(&answered));
    let server = Server::start(move |client| {
        let number = opened.fetch_add(1, Ordering::SeqCst);
        in_server.lock().unwrap().push((number, counter.load(Ordering::SeqCst)));
        while client.read_request() {
            std::thread::sleep(Duration::from_millis(5));
            counter.fetch_add(1, Ordering::SeqCst);
            client.answer_ok();
        }
    });
    let streams = [stream(4, open(1.0))];
    let probe = load::request::RequestSpec::get("/health");
    let outcome = run(&RunSpec {
        target: Target { address: server.address },
        streams: &streams,
        phases: phases(0, 100, 100),
        opening: Opening::OneByOne(&probe),
        pacer: PacerKind::shared_core(),
        seed: 0,
        stop: &[],
        ending: Ending::Close,
    });
    assert_eq!(outcome.unwrap().streams[0].counts.completed, 1);
    assert_eq!(*seen.lock().unwrap(), [(0, 0), (1, 1), (2, 2), (3, 3)]);
}

#[test]
fn connections_opened_under_load_are_busy_before_the_next_and_counted() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    let (busy, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (now, peak) = (Arc::clone(&busy), Arc::clone(&most));
    let server = Server::start(move |client| {
        while client.read_request() {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(60));
            now.fetch_sub(1, Ordering::SeqCst);
            client.answer_ok();
        }
    });
    let streams = [stream(4, closed())];
    let outcome = run(&RunSpec {
        target: Target { address: server.address },
        streams: &streams,
        phases: phases(0, 200, 500),
        opening: Opening::UnderLoad,
        pacer: PacerKind::shared_core(),
        seed: 0,
        stop: &[],
        ending: Ending::Close,
    });
    let outcome = outcome.unwrap();
    let totals = outcome.streams[0].totals;
    assert_eq!(totals.requests_sent, server.counted());
    assert_eq!(totals.responses, server.counted());
    assert!(totals.responses >= 4 + outcome.streams[0].counts.completed, "the opening counts too: {totals:?}");
    assert_eq!(most.load(Ordering::SeqCst), 4);
}

#[test]
fn a_server_that_goes_away_leaves_the_rest_unsent() {
    let server = Server::start(|client| {
        for _ in 0..5 {
            if client.read_request() {
                client.answer_ok();
            }
        }
    });
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            server.stop_listening();
        });
        let main = drive_one(&server, stream(2, open(200.0)), phases(0, 400, 100));
        assert!(main.counts.errors.get(ErrorClass::ConnectFailed) > 0, "{:?}", main.counts);
        assert!(main.counts.unsent > 0, "{:?}", main.counts);
    });
}

#[test]
fn a_spinning_run_tells_its_spinning_from_its_work() {
    let server = Server::answering_after(Duration::ZERO);
    let streams = [stream(2, open(100.0))];
    let (target, pacer) = (Target { address: server.address }, PacerKind::Spin);
    let outcome = run(&RunSpec {
        target,
        streams: &streams,
        phases: phases(20, 200, 200),
        opening: Opening::AllAtOnce,
        pacer,
        seed: 0,
        stop: &[],
        ending: Ending::Close,
    });
    let generator = outcome.unwrap().generator;
    assert!(generator.spin_ns > 0 && generator.spin_ns <= generator.cpu_ns, "{generator:?}");
    assert!(generator.wall_ns > 0);
}
