//! `claimbench drive` against a small HTTP server of the test's own.

mod capacity;
mod logs;

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use assert_cmd::Command;
use predicates::str::{contains, starts_with};
use serde_json::Value;

/// Long enough that neither the generator nor the test's server is busy.
const ANSWER_AFTER: Duration = Duration::from_millis(5);

/// Generators spin on the same core, so one runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Serves every connection on a thread of its own for as long as the test runs; gives the URL.
fn serve(status: &'static str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(&stream, status));
        }
    });
    format!("http://{address}/")
}

/// Answers each request, which ends with an empty line, until the connection is closed.
fn answer(mut stream: &TcpStream, status: &str) {
    for line in BufReader::new(stream).lines() {
        match line.as_deref() {
            Ok("") => thread::sleep(ANSWER_AFTER),
            Ok(_) => continue,
            Err(_) => return,
        }
        let text = format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
        if stream.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

/// Drives the URL; gives the exit code and what was printed.
fn drive(url: &str, options: &[&str]) -> (i32, Value) {
    let (code, text) = run(url, options);
    (code, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

fn run(url: &str, options: &[&str]) -> (i32, String) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::cargo_bin("claimbench").expect("the binary is built");
    command.args(["drive", url, "--json"]).args(options);
    if !options.contains(&"--stage") {
        command.args(["--duration", "1s", "--warm-up", "100ms"]);
    }
    let output = command.output().expect("it runs");
    (output.status.code().expect("an exit code"), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn count(summary: &Value, member: &str) -> u64 {
    summary[member].as_u64().unwrap_or_else(|| panic!("no {member} in {summary}"))
}

#[test]
fn a_closed_loop_is_valid_and_has_the_documented_members() {
    let (code, summary) = drive(&serve("200 OK"), &["--connections", "2"]);
    assert_eq!((code, &summary["valid"]), (0, &Value::Bool(true)), "{summary}");
    assert_eq!(summary["doubts"], Value::Array(Vec::new()));
    assert!(count(&summary, "completed") > 20 && count(&summary, "errors") == 0, "{summary}");
    assert!(count(&summary, "due") >= count(&summary, "sent"), "{summary}");
    for number in ["duration_s", "rate", "generator_cpu_us_per_request"] {
        assert!(summary[number].as_f64().is_some_and(|value| value > 0.0), "{number} in {summary}");
    }
    for times in ["response_time_us", "service_time_us", "send_lag_us"] {
        for member in ["p50", "p90", "p95", "p99", "p999", "max", "mean"] {
            assert!(summary[times].get(member).is_some(), "{times}.{member} in {summary}");
        }
    }
    let median_us = summary["service_time_us"]["p50"].as_f64().expect("a median");
    assert!(median_us > 0.99 * ANSWER_AFTER.as_secs_f64() * 1e6, "{summary}");
    assert_eq!(summary["service_time_us"]["p999"], Value::Null, "far too few requests for a p99.9: {summary}");
}

#[test]
fn an_open_loop_is_due_at_its_rate_and_the_exit_code_says_whether_it_is_valid() {
    let (code, summary) = drive(&serve("200 OK"), &["--rate", "100"]);
    let due = count(&summary, "due");
    assert!((99..=101).contains(&due), "{due} due in a second at 100/s");
    // Other tests may take the generator's time: then the run must say so.
    assert_eq!(code, i32::from(summary["valid"] == Value::Bool(false)), "{summary}");
    let doubts = summary["doubts"].as_array().expect("doubts").len();
    assert_eq!(code == 0, doubts == 0, "{summary}");
}

#[test]
fn wrong_answers_are_counted_and_make_the_run_invalid() {
    let url = serve("503 Service Unavailable");
    let (code, summary) = drive(&url, &["--connections", "1"]);
    assert_eq!((code, &summary["valid"]), (1, &Value::Bool(false)), "{summary}");
    assert!(count(&summary, "errors") > 0 && count(&summary, "completed") == 0, "{summary}");
    let (code, summary) = drive(&url, &["--connections", "1", "--expect-status", "503"]);
    assert_eq!((code, count(&summary, "errors")), (0, 0), "{summary}");
}

#[test]
fn words_are_for_people() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let url = serve("200 OK");
    let mut command = Command::cargo_bin("claimbench").expect("the binary is built");
    command.args(["drive", &url, "--connections", "1", "--duration", "1s", "--warm-up", "0s"]);
    let shown = command.assert().success().stdout(starts_with("valid\n")).stdout(contains("right answers/s"));
    // Without a terminal, a line a second on standard error.
    shown.stderr(contains("send lag up to"));
    command.arg("--quiet").assert().success().stderr("");
    let mut wrong = Command::cargo_bin("claimbench").expect("the binary is built");
    wrong.args(["drive", &url, "--connections", "1", "--duration", "1s", "--expect-body", "no"]);
    wrong.assert().code(1).stdout(starts_with("NOT VALID: ")).stdout(contains("wrong-body"));
}

#[test]
fn an_interrupted_run_says_what_it_measured_and_ends_with_130() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("claimbench"));
    command.args(["drive", &serve("200 OK"), "--connections", "1", "--duration", "60s", "--warm-up", "0s", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // The first line a second says that the load is under way.
    let mut seen = String::new();
    BufReader::new(child.stderr.as_mut().expect("standard error")).read_line(&mut seen).expect("a line");
    let process = nix::unistd::Pid::from_raw(child.id().try_into().expect("a process"));
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT).expect("it can be told");
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout);
    let summary: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(output.status.code(), Some(130), "{summary}");
    assert!(summary["duration_s"].as_f64().is_some_and(|length| (0.5..50.0).contains(&length)), "{summary}");
    assert!(count(&summary, "completed") > 0, "{summary}");
    assert!(summary["notes"].to_string().contains("interrupted"), "{summary}");
}

#[test]
fn workers_share_the_load_and_what_they_say_is_one_run() {
    let (_, summary) = drive(&serve("200 OK"), &["--rate", "200", "--workers", "2"]);
    assert_eq!(count(&summary, "workers"), 2);
    let due = count(&summary, "due");
    assert!((199..=201).contains(&due), "{due} due in a second at 200/s");
    let check = &summary["self_check"];
    for member in ["sent_share", "generator_busy_share", "host_stalled_share", "in_flight_expected"] {
        assert!(check[member].as_f64().is_some_and(|value| value >= 0.0), "{member} in {check}");
    }
}

#[test]
fn stages_follow_each_other() {
    let options = ["--stage", "500ms:100", "--stage", "500ms:100..300", "--warm-up", "100ms"];
    let (_, summary) = drive(&serve("200 OK"), &options);
    let due = count(&summary, "due");
    assert!((149..=151).contains(&due), "{due} due where 50 and 100 are");
    assert!((summary["duration_s"].as_f64().expect("a duration") - 1.0).abs() < 1e-6, "{summary}");
}
