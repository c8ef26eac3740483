//! Ten thousand connections in one process: held, probed, and what each costs the generator in memory.

use std::time::Duration;

use load::pacer::PacerKind;
use load::run::{Ending, Opening, RunSpec, Target, run};
use load::stream::StreamSpec;
use load::window::Phases;

use crate::server::Server;

/// Connections held at once.
pub(crate) const MANY: u32 = 10_000;
/// Most memory of the generator for each of them.
const BYTES_PER_CONNECTION_MAX: u64 = 16 * 1024;

/// Holds them, and says how many bytes each took; nothing where fewer files may be open. Its process must do nothing else.
pub(crate) fn hold(stream: StreamSpec, opened_per_s: f64) -> Option<u64> {
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    if most.is_some_and(|most| most < u64::from(MANY) + 100) {
        return None;
    }
    let server = Server::start(&[]);
    let before = most_resident_bytes();
    let outcome = run(&RunSpec {
        target: Target { address: server.address() },
        streams: &[stream],
        phases: Phases {
            warm_up: Duration::from_millis(50),
            measure: Duration::from_millis(400),
            drain: Duration::from_secs(2),
        },
        opening: Opening::AtRate { per_s: opened_per_s },
        pacer: PacerKind::shared_core(),
        seed: 1,
        stop: &[],
        ending: Ending::Close,
    });
    let main = outcome.unwrap().streams.remove(0);
    let connections = &main.connections;
    assert_eq!((connections.established, connections.lost, connections.alive), (u64::from(MANY), 0, u64::from(MANY)));
    assert_eq!(main.counts.errors.failed_requests(), 0, "{:?}", main.counts);
    assert!(main.counts.completed > 100, "{:?}", main.counts);
    let each = most_resident_bytes().saturating_sub(before) / u64::from(MANY);
    assert!((1..=BYTES_PER_CONNECTION_MAX).contains(&each), "{each} bytes for each connection");
    Some(each)
}

/// The most there ever was, so that what was given back at the end counts too.
fn most_resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
