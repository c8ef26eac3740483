//! Servers that behave and servers that do not, with a toy in their place.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::*;
use crate::contract::Contract;
use crate::platform;
use crate::testing::{arm, first_cpu, place, prepared};

static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn contract() -> Contract {
    let text = "## GET /plain\n```toml\n[[case]]\nname = \"plain\"\npath = \"/plain\"\nexpect = { body = \"Hello, World!\" }\n\
                [[case]]\nname = \"unknown\"\npath = \"/no\"\nexpect = { status = 404 }\n```\n";
    Contract::parse("CONTRACT.md", text).expect("it is right")
}

fn started(arguments: &[&str]) -> StartedServer {
    start(&arm(arguments), &place(&prepared(), &first_cpu())).expect("python3 starts")
}

fn verified(arguments: &[&str]) -> Result<VerifiedServer, ServerError> {
    started(arguments).ready(&NOT_INTERRUPTED)?.verify(&contract(), &["/plain".to_owned()], &NOT_INTERRUPTED)
}

fn gone_soon(processes: &[i32]) -> bool {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !platform::members(processes).is_empty() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

#[test]
fn a_right_server_is_verified_and_counts_its_requests() {
    let mut server = verified(&[]).expect("the toy is right");
    assert_eq!(announced::requests(&server.drained().expect("it answers")), Some(2));
    assert!(server.start_up_s > 0.0 && server.contract_check_s > 0.0);
    assert!(server.log_tail().contains("toy server starts"));
    let leader = server.leader();
    assert_eq!(server.stop(), Stopped::Asked);
    assert!(platform::members(&[leader]).is_empty());
}

#[test]
fn a_server_that_exits_shows_its_last_words() {
    let error = verified(&["exits"]).expect_err("it exits");
    assert!(matches!(&error, ServerError::Ended { status, .. } if status.contains('3')), "{error}");
    assert!(error.log_tail().contains("no module named express"), "{}", error.log_tail());
}

#[test]
fn a_server_that_never_answers_is_given_up_and_stopped() {
    let prepared = prepared();
    let cpus = first_cpu();
    let mut place = place(&prepared, &cpus);
    place.start_up_limit = Duration::from_millis(300);
    let server = start(&arm(&["never-ready"]), &place).expect("python3 starts");
    let leader = server.process.leader();
    let error = server.ready(&NOT_INTERRUPTED).expect_err("it never answers");
    assert!(matches!(&error, ServerError::NeverReady { .. }), "{error}");
    assert!(platform::members(&[leader]).is_empty());
}

#[test]
fn a_server_that_answers_wrongly_breaks_the_contract() {
    let error = verified(&["wrong"]).expect_err("it answers wrongly");
    let ServerError::BreaksContract { failures, cases: 2, .. } = &error else { panic!("{error}") };
    assert!(failures.len() == 1 && failures[0].contains("`Hello` instead of"), "{failures:?}");
}

#[test]
fn a_server_with_the_wrong_processes_is_refused_at_once() {
    let error = verified(&["two-processes"]).expect_err("it says two");
    assert!(
        matches!(&error, ServerError::Differs { mismatches, .. } if mismatches[0].contains("processes")),
        "{error}"
    );
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let mut arm = arm(&[]);
    arm.command[0] = "/no/such/program".to_owned();
    let error = start(&arm, &place(&prepared(), &first_cpu())).expect_err("there is none");
    assert!(error.to_string().contains("/no/such/program"), "{error}");
}

#[test]
fn an_interrupt_ends_the_wait() {
    let interrupted = AtomicBool::new(true);
    let error = started(&["never-ready"]).ready(&interrupted).expect_err("it is interrupted");
    assert!(matches!(error, ServerError::Interrupted));
}

#[test]
fn a_server_deaf_to_sigterm_is_killed_with_its_children() {
    let server = verified(&["hangs-on-sigterm", "children", "stray"]).expect("the toy is right");
    std::thread::sleep(Duration::from_millis(200));
    let processes = platform::members(&[server.leader()]);
    assert_eq!(processes.len(), 4, "leader, child, grandchild and stray");
    assert_eq!(server.stop(), Stopped::Killed);
    assert!(gone_soon(&processes));
}

#[test]
fn dropping_a_server_leaves_no_process() {
    let server = verified(&["children"]).expect("the toy is right");
    let processes = platform::members(&[server.leader()]);
    drop(server);
    assert!(gone_soon(&processes));
}

/// Set in the environment of the process that plays the harness.
const PLAYS_HARNESS: &str = "CLAIMBENCH_TEST_PLAYS_HARNESS";

/// Not a test by itself: the harness of the next test, which is killed while it waits.
#[test]
fn plays_the_harness() {
    if std::env::var_os(PLAYS_HARNESS).is_some() {
        let server = verified(&["hangs-on-sigterm", "children"]).expect("the toy is right");
        while platform::members(&[server.leader()]).len() < 3 {
            std::thread::sleep(Duration::from_millis(5));
        }
        println!("server {:?} ends", platform::members(&[server.leader()]));
        std::thread::sleep(Duration::from_secs(60));
    }
}

#[test]
fn killing_the_harness_leaves_no_orphan() {
    use std::io::{BufRead, BufReader};
    let mut harness = std::process::Command::new(std::env::current_exe().expect("it runs"))
        .args(["--exact", "server::tests::plays_the_harness", "--nocapture"])
        .env(PLAYS_HARNESS, "1")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts again");
    let output = BufReader::new(harness.stdout.take().expect("it is piped"));
    let line = output.lines().map_while(Result::ok).find(|line| line.contains("server [")).expect("it tells");
    let list = line.split_once('[').and_then(|(_, rest)| rest.split_once(']')).expect("a list").0;
    let processes: Vec<i32> = list.split(", ").map(|pid| pid.parse().expect("a pid")).collect();
    assert_eq!(processes.len(), 3, "leader, child and grandchild");
    assert!(!platform::members(&processes).is_empty());
    harness.kill().expect("it runs");
    harness.wait().expect("it was ours");
    assert!(gone_soon(&processes), "{:?} still run", platform::members(&processes));
}
