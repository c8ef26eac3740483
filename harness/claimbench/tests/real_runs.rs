//! Runs with real servers: interrupted and gone on with, and served in the foreground. They need the registries, or a cache
//! that is filled; `CLAIMBENCH_TEST_OFFLINE=1` leaves them out.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use model::record::{RunRecord, read_record};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// How long a server's processes may take to come or go.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[expect(clippy::print_stdout, reason = "a test that is left out must say so")]
fn is_left_out() -> bool {
    let offline = std::env::var_os("CLAIMBENCH_TEST_OFFLINE").is_some_and(|set| set == "1");
    if offline {
        println!("left out: real servers need their registries, and CLAIMBENCH_TEST_OFFLINE=1 is set");
    }
    offline
}

fn claimbench(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claimbench"));
    command.env_remove("CLAIMBENCH_ROOT").current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command.args(arguments);
    command
}

/// A claimbench that is killed should its test fail; its watchdog then ends its servers.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn pid(&self) -> u32 {
        self.0.id()
    }

    fn interrupt(&self) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).expect("a process id"));
        kill(pid, Signal::SIGINT).expect("it still runs");
    }

    fn exit_code(&mut self) -> Option<i32> {
        self.0.wait().expect("it ends").code()
    }
}

/// The processes whose server's state belongs to this claimbench: the folder's name begins with its process id.
fn servers_of(claimbench: u32) -> Vec<String> {
    let mark = format!("/claimbench-server-{claimbench}-");
    let is_server = |process: &Path| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        let mut variables = environment.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        variables.any(|variable| variable.starts_with("CLAIMBENCH_STATE=") && variable.contains(&mark))
    };
    let processes = fs::read_dir("/proc").expect("Linux").flatten().map(|entry| entry.path());
    let servers = processes.filter(|process| is_server(process));
    servers.map(|process| fs::read_to_string(process.join("cmdline")).unwrap_or_default()).collect()
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what} did not come about");
        thread::sleep(LOOK_EVERY);
    }
}

fn record(folder: &Path) -> RunRecord {
    let text = fs::read_to_string(folder.join("record.ndjson")).expect("a record");
    read_record(&text).expect("it loads")
}

/// Starts a run and interrupts it in the middle of the trial behind the first; gives the code with which it ended.
fn interrupted_run(out: &str) -> Option<i32> {
    let mut command = claimbench(&["run", "--profile", "smoke", "--claims", "gil-io", "--seed", "1", "--out", out]);
    let mut run = Running(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts"));
    let mut lines = BufReader::new(run.0.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
    let first = lines.find(|line| line.starts_with("[   1/"));
    assert!(first.is_some(), "the run ended before its first trial was done");
    wait_until("the next trial's server", || !servers_of(run.pid()).is_empty());
    run.interrupt();
    let said: Vec<String> = lines.collect();
    let code = run.exit_code();
    assert_eq!(servers_of(run.pid()), Vec::<String>::new(), "servers are left over");
    assert!(said.iter().any(|line| line.contains("--resume")), "{said:#?}");
    code
}

#[test]
fn an_interrupted_run_keeps_what_it_measured_and_is_gone_on_with() {
    if is_left_out() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run");
    let named = out.to_str().expect("UTF-8");
    assert_eq!(interrupted_run(named), Some(130));
    let kept = record(&out);
    let planned = kept.header.plan.trials.len();
    assert!(!kept.trials.is_empty() && kept.trials.len() < planned, "{} of {planned} trials", kept.trials.len());
    assert!(kept.finished.is_none() && !kept.cut_off);

    let resumed = claimbench(&["run", "--resume", named]).output().expect("it runs");
    assert_eq!(resumed.status.code(), Some(0), "{}", String::from_utf8_lossy(&resumed.stderr));
    let whole = record(&out);
    let mut indices: Vec<u32> = whole.trials.iter().map(|trial| trial.trial.index).collect();
    indices.sort_unstable();
    let wanted: Vec<u32> = whole.header.plan.trials.iter().map(|trial| trial.index).collect();
    assert_eq!(indices, wanted, "each trial once");
    assert_eq!(whole.trials[..kept.trials.len()], kept.trials, "what was measured before was kept");
    assert!(whole.finished.is_some() && !whole.cut_off);
}

/// The calibration server in the foreground, and its address.
fn serve_calibration() -> (Running, String) {
    let mut command = claimbench(&["serve", "calibration"]);
    let mut serving = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts"));
    let mut url = String::new();
    BufReader::new(serving.0.stdout.take().expect("it is piped")).read_line(&mut url).expect("a line");
    let address = url.trim().strip_prefix("http://").unwrap_or_else(|| panic!("no URL: {url:?}")).to_owned();
    (serving, address)
}

/// What `drive --json` says of a second; the run need not be valid on a busy machine.
fn driven(url: &str, options: &[&str]) -> serde_json::Value {
    let mut command = claimbench(&["drive", url, "--json", "--quiet", "--duration", "1s", "--warm-up", "200ms"]);
    let output = command.args(options).output().expect("it runs");
    let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}{complaint}"))
}

#[test]
fn every_protocol_is_driven() {
    if is_left_out() {
        return;
    }
    let (_serving, address) = serve_calibration();
    let (http, ws) = (format!("http://{address}"), format!("ws://{address}"));
    let runs = [
        driven(
            &format!("{http}/plain"),
            &["--http2", "--rate", "200", "--connections", "2", "--expect-body", "Hello, World!"],
        ),
        driven(
            &format!("{ws}/ws/echo"),
            &["--rate", "200", "--connections", "20", "--connect-rate", "200", "--workers", "2"],
        ),
        driven(&format!("{http}/events?count=3&gap_ms=10"), &["--events", "--rate", "20"]),
        driven(&format!("{ws}/ws/rooms/room-{{room}}"), &["--rooms", "2", "--connections", "10", "--rate", "50"]),
    ];
    for run in &runs {
        assert_eq!(run["errors"], 0, "{run}");
        assert!(run["completed"].as_u64().is_some_and(|completed| completed > 5), "{run}");
        assert!(run["transfer"]["received_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{run}");
    }
    let [http2, echo, events, rooms] = &runs;
    assert_eq!(http2["connections"]["asked"], 2);
    assert_eq!((&echo["connections"]["established"], &echo["connections"]["lost"]), (&20.into(), &0.into()), "{echo}");
    assert_eq!((&echo["deliveries"], &echo["events"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    assert!(events["events"]["received"].as_u64().is_some_and(|received| received > 20), "three each: {events}");
    // Each message goes to the five members of its room, and none was lost.
    let deliveries = &rooms["deliveries"];
    assert_eq!(deliveries["expected"], deliveries["received"], "{rooms}");
    assert!(deliveries["expected"].as_u64().is_some_and(|expected| expected >= 5 * 20), "{rooms}");
    let refused: [(&str, &[&str]); 2] = [(&ws, &["--http2"]), (&http, &["--rooms", "2"])];
    for (url, options) in refused {
        let mut command = claimbench(&["drive", url, "--duration", "1s"]);
        assert_eq!(command.args(options).output().expect("it runs").status.code(), Some(64));
    }
}

#[test]
fn a_server_is_served_until_it_is_interrupted() {
    if is_left_out() {
        return;
    }
    let (mut serving, address) = serve_calibration();
    let mut stream = TcpStream::connect(&address).expect("it listens");
    write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!servers_of(serving.pid()).is_empty());
    serving.interrupt();
    assert_eq!(serving.exit_code(), Some(0));
    assert_eq!(servers_of(serving.pid()), Vec::<String>::new(), "servers are left over");
}

#[test]
fn the_generator_is_calibrated_in_every_layout() {
    if is_left_out() {
        return;
    }
    let output = claimbench(&["calibrate", "--json"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let calibrated: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let layouts = calibrated["layouts"].as_array().expect("layouts");
    let cores: Vec<u64> = layouts.iter().filter_map(|layout| layout["server_cores"].as_u64()).collect();
    let cpus = calibrated["machine"]["cpus"].as_array().expect("processors").len() as u64;
    assert_eq!(cores, (1..=cpus).collect::<Vec<_>>());
    for layout in layouts {
        for member in
            ["floor_us_p50", "send_lag_us_p99", "fano_factor", "ceiling_per_s", "generator_cpu_us_per_request"]
        {
            assert!(layout[member].as_f64().is_some_and(|value| value > 0.0), "{member} in {layout}");
        }
    }
    let last = layouts.last().expect("a layout");
    assert_eq!(last["shares_core"], true, "a server on all cores leaves the generator none of its own");
}

#[test]
fn a_port_in_use_is_said() {
    if is_left_out() {
        return;
    }
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    assert_cmd::Command::from_std(claimbench(&["serve", "calibration", "--port", &port]))
        .assert()
        .code(69)
        .stderr(contains(format!("port {port} is in use")).and(contains("name another")));
}
