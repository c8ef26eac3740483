//! What the generator says about itself: doubts, calibration, and the record it hands on.

use std::time::Duration;

use load::arrival::{Arrival, Spacing};
use load::calibrate::{CalibrationSpec, calibrate};
use load::observe::{GeneratorPlace, generator_use, observe};
use load::pacer::PacerKind;
use load::run::Target;
use load::selfcheck::{Doubt, doubts};
use load::stream::StreamSpec;

use crate::support::{Server, closed, drive, open, phases, stream};

/// No lag is held against a run on a machine that is busy with tests.
const ANY_LAG: Duration = Duration::from_secs(60);

#[test]
fn a_sound_closed_loop_raises_no_doubt_about_littles_law() {
    let server = Server::answering_after(Duration::from_millis(5));
    let streams = [stream(3, closed())];
    let outcome = drive(&server, &streams, phases(50, 500, 500));
    let doubts = doubts(&streams, &outcome, ANY_LAG);
    assert!(!doubts.iter().any(|doubt| matches!(doubt, Doubt::LittlesLawBroken { .. })), "{doubts:?}");
    let mut broken = outcome;
    broken.streams[0].in_flight_mean *= 1.2;
    let doubts = load::selfcheck::doubts(&streams, &broken, ANY_LAG);
    assert!(doubts.iter().any(|doubt| matches!(doubt, Doubt::LittlesLawBroken { .. })), "{doubts:?}");
}

#[test]
fn an_overloaded_run_is_doubted_with_a_remedy() {
    let server = Server::answering_after(Duration::from_millis(60));
    let streams = [stream(1, open(100.0))];
    let outcome = drive(&server, &streams, phases(0, 400, 300));
    let doubts = doubts(&streams, &outcome, Duration::ZERO);
    assert!(doubts.iter().any(|doubt| matches!(doubt, Doubt::ScheduleMissed { .. })), "{doubts:?}");
    assert!(doubts.iter().any(|doubt| matches!(doubt, Doubt::GeneratorLagged { .. })), "{doubts:?}");
    assert!(doubts[0].to_string().contains("more connections"), "{}", doubts[0]);
}

#[test]
fn requests_that_leave_in_another_pattern_than_asked_are_doubted() {
    let server = Server::answering_after(Duration::ZERO);
    let streams = [stream(8, open(800.0))];
    let mut outcome = drive(&server, &streams, phases(0, 400, 300));
    let poisson = Arrival::Open { rate_per_s: 800.0, spacing: Spacing::Poisson };
    let asked = [StreamSpec { arrival: poisson, ..streams[0].clone() }];
    let found = doubts(&asked, &outcome, ANY_LAG);
    assert!(found.iter().any(|doubt| matches!(doubt, Doubt::NotPoisson { .. })), "{found:?}");
    outcome.streams[0].fano_factor = Some(7.6);
    let found = doubts(&streams, &outcome, ANY_LAG);
    assert!(found.iter().any(|doubt| matches!(doubt, Doubt::Bursts { .. })), "{found:?}");
    assert!(!found.iter().any(Doubt::is_about_generator), "{found:?}");
    outcome.generator.hiccups_ns = outcome.generator.wall_ns / 2;
    let found = doubts(&streams, &outcome, ANY_LAG);
    assert!(found.iter().any(|doubt| matches!(doubt, Doubt::HostStalled { .. })), "{found:?}");
}

#[test]
fn a_run_that_got_nothing_is_doubted() {
    let server = Server::start(|client| while client.read_request() {});
    let streams = [stream(1, open(50.0))];
    let outcome = drive(&server, &streams, phases(0, 100, 50));
    assert!(matches!(doubts(&streams, &outcome, ANY_LAG)[..], [Doubt::NoAnswer { .. }]));
}

#[test]
fn calibration_finds_a_floor_and_a_ceiling() {
    let server = Server::answering_after(Duration::ZERO);
    let target = Target { address: server.address };
    let spec = CalibrationSpec {
        measure: Duration::from_millis(200),
        ceiling_connections: 4,
        floor_rate_per_s: 100.0,
        regularity_rate_per_s: 500.0,
        ..CalibrationSpec::new(target, "/null", PacerKind::shared_core())
    };
    let found = calibrate(&spec).unwrap();
    assert!(found.floor_ns_p50 > 0 && found.floor_ns_p50 <= found.floor_ns_p99, "{found:?}");
    assert!(found.send_lag_ns_p50 <= found.send_lag_ns_p99, "{found:?}");
    assert!(found.fano_factor.is_some_and(|fano_factor| fano_factor > 0.0), "{found:?}");
    assert!(found.ceiling_per_s > 100.0 && found.generator_cpu_ns_per_request > 0.0, "{found:?}");
}

#[test]
fn an_observation_keeps_the_counts() {
    let server = Server::answering_after(Duration::ZERO);
    let outcome = drive(&server, &[stream(4, open(200.0))], phases(0, 200, 300));
    let observed = observe(&outcome).unwrap().remove(0);
    assert_eq!((observed.due, observed.sent), (40, outcome.streams[0].counts.sent));
    assert_eq!(observed.due, observed.sent + observed.unsent);
    assert!((observed.window_s - 0.2).abs() < 1e-9);
    let place = GeneratorPlace { cores: 1, shares_core: true, services_cpu_s: 0.0 };
    let used = generator_use(&outcome, place);
    assert!(used.busy_s <= used.cpu_s && used.wall_s > 0.0, "{used:?}");
}
