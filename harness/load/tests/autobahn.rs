//! The client cases of the Autobahn suite: several hundred conversations with a server that tries every rule of RFC 6455, against the
//! connection that the load uses.
//!
//! The suite is a Python 2.7 package (`python2.7 -m pip install autobahntestsuite`). The test runs where `wstest` is on the PATH or
//! `CLAIMBENCH_WSTEST` names it, and says so where it is not.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use load::websocket::echoing::echo;
use serde_json::{Value, json};

/// How the suite calls us.
const AGENT: &str = "claimbench";
/// Framing, pings, reserved bits, opcodes, fragments, UTF-8, closes, limits. Its chapters 12 and 13 are of compression, which is never
/// offered.
const CASES: &[&str] = &["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"];
/// The suite's server imports a good deal before it listens.
const START: Duration = Duration::from_secs(60);
/// Fewer cases than this are not the suite.
const CASES_MIN: usize = 290;

struct Suite(Child);

impl Drop for Suite {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Suite {
    /// The suite's server, once it listens; nothing where it is not installed.
    fn start(folder: &Path) -> Option<(Self, SocketAddr)> {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let spec = json!({
            "url": format!("ws://{address}"), "outdir": folder.join("reports"), "cases": CASES, "exclude-cases": [],
            "exclude-agent-cases": {}
        });
        std::fs::write(folder.join("spec.json"), spec.to_string()).unwrap();
        let program = std::env::var_os("CLAIMBENCH_WSTEST").unwrap_or_else(|| "wstest".into());
        let mut command = Command::new(program);
        command.args(["-m", "fuzzingserver", "-s", "spec.json"]).current_dir(folder);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut suite = Self(child);
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < START, "the suite's server does not listen");
            assert!(suite.0.try_wait().unwrap().is_none(), "the suite's server has ended");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some((suite, address))
    }
}

#[test]
fn every_case_of_the_suite_that_needs_no_compression_is_passed() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_suite, address)) = Suite::start(folder.path()) else {
        eprintln!("skipped: Autobahn's wstest is not installed (python2.7 -m pip install autobahntestsuite)");
        return;
    };
    let count: usize = String::from_utf8(echo(address, "/getCaseCount").unwrap()).unwrap().parse().unwrap();
    assert!(count >= CASES_MIN, "{count} cases");
    for case in 1..=count {
        echo(address, &format!("/runCase?case={case}&agent={AGENT}")).unwrap();
    }
    echo(address, &format!("/updateReports?agent={AGENT}")).unwrap();
    let report = std::fs::read(folder.path().join("reports/index.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let cases = report[AGENT].as_object().unwrap();
    assert_eq!(cases.len(), count);
    let mut verdicts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (case, verdict) in cases {
        let of = |member: &str| verdict[member].as_str().unwrap().to_owned();
        verdicts.entry(format!("{}, closed {}", of("behavior"), of("behaviorClose"))).or_default().push(case);
    }
    let counts: BTreeMap<&String, usize> = verdicts.iter().map(|(verdict, cases)| (verdict, cases.len())).collect();
    eprintln!("{counts:?}");
    // Informational cases have no right answer.
    verdicts.retain(|verdict, _| {
        !["OK, closed OK", "INFORMATIONAL, closed INFORMATIONAL", "INFORMATIONAL, closed OK"]
            .contains(&verdict.as_str())
    });
    assert!(verdicts.is_empty(), "{verdicts:#?}");
}
