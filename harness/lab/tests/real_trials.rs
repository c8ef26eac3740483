//! Short trials of every workload that needs a service or speaks more than HTTP/1.1, on every server that offers its routes: each answer
//! is right, and both sides count the same.

mod support;
#[path = "support/trials.rs"]
mod trials;

use model::define::claim::ArmChoice;
use model::define::workload::Workload;
use model::plan::Arm;
use model::units::Span;

use support::{say, wanted};
use trials::{SHORT, Trials, honest};

/// Enough for some requests, should the host have stood still for a short one.
const LONGER: Span = Span::from_secs(3);
/// So few answers show nothing.
const FEW: u64 = 10;
/// How long a server may take to start one process more under load, on a host that is slow just now; the trial ends when it has.
const GROWS_WITHIN: Span = Span::from_secs(25);

impl Trials {
    /// A workload of several streams has rates that leave a certain server time for all of them: it is for the arms that claims compare
    /// under it. Any other is for all.
    fn is_meant_for(&self, workload: &Workload, arm: &Arm) -> bool {
        let claims = self.laboratory.catalog.claims.values().map(|registered| &registered.claim);
        let mut compared = claims.filter(|claim| claim.workload == workload.name);
        let is_this = |choice: &ArmChoice| {
            choice.server == arm.server && choice.mode.as_ref().is_none_or(|mode| *mode == arm.mode)
        };
        workload.streams.len() == 1 || compared.any(|claim| is_this(&claim.baseline) || is_this(&claim.treatment))
    }

    fn answers_rightly(&self, workload: &Workload, arm: Arm) {
        let name = format!("{} on {}", workload.name, arm.id);
        let short = self.run(workload, arm.clone(), SHORT);
        // A host that takes a few tenths of a second for itself leaves nothing of so short a window.
        let is_empty = short.as_ref().is_ok_and(|observation| observation.streams[0].completed <= FEW);
        match if is_empty { self.run(workload, arm, LONGER) } else { short } {
            Ok(observation) => {
                let stream = &observation.streams[0];
                assert!(
                    stream.completed > FEW && stream.errors.is_empty(),
                    "{name}: {} answers, {:?}",
                    stream.completed,
                    stream.errors
                );
                let server = &observation.server;
                assert_eq!(server.requests_counted, server.requests_answered, "{name}");
                let per_s = stream.completed as f64 / stream.window_s;
                let (check_s, start_s) = (observation.phases.contract_check_s, observation.phases.start_up_s);
                say(&format!("{name}: {per_s:.0}/s; started in {start_s:.2} s, both checks {check_s:.3} s"));
            }
            Err(failure) if failure.reason.contains("is missing") => say(&format!("{name}: {}", failure.reason)),
            Err(failure) => panic!("{name}: {failure:?}"),
        }
    }
}

#[test]
fn workloads_get_right_answers_from_every_server_that_offers_their_routes() {
    let Some(trials) = Trials::prepare() else { return };
    let catalog = &trials.laboratory.catalog;
    let special = |workload: &&Workload| {
        !workload.services.is_empty() || workload.streams.iter().any(|stream| !stream.protocol.is_default())
    };
    for workload in catalog.workloads.values().filter(special).filter(honest) {
        for server in catalog.servers.values().filter(|server| wanted(server)) {
            for arm in trials.arms(server, workload).into_iter().filter(|arm| trials.is_meant_for(workload, arm)) {
                trials.answers_rightly(workload, arm);
            }
        }
    }
}

#[test]
fn every_mode_that_grows_adds_a_process_under_load() {
    let Some(trials) = Trials::prepare() else { return };
    let catalog = &trials.laboratory.catalog;
    let workload = catalog.workloads.values().find(|workload| workload.adds_process).expect("there is one");
    for server in catalog.servers.values().filter(|server| wanted(server)) {
        for (mode, _) in server.modes.iter().filter(|(_, mode)| mode.grows) {
            let Some(arm) = trials.arm_in(server, mode) else { continue };
            let run = trials.run(workload, arm.clone(), GROWS_WITHIN);
            let observation = run.unwrap_or_else(|failure| panic!("{failure:?}"));
            let added = observation.added.as_ref().expect("it was asked for in the window");
            let answered_s = added.answered_s.unwrap_or_else(|| panic!("{}, {mode}: it never answered", server.name));
            say(&format!("{}, {mode}: a process more in {:.2} s", server.name, answered_s - added.asked_s));
            let measured_s = observation.phases.measure_s;
            assert!(
                (answered_s..answered_s + 1.0).contains(&measured_s),
                "{}, {mode}: it answered after {answered_s} s and was measured for {measured_s}",
                server.name
            );
            let pids = |stats: &serde_json::Value| stats["pids"].as_array().map_or(0, Vec::len);
            assert_eq!(
                pids(&observation.server.after),
                pids(&observation.server.before) + 1,
                "{}, {mode}",
                server.name
            );
            assert_eq!(observation.server.requests_counted, observation.server.requests_answered, "{}", server.name);
        }
    }
}
