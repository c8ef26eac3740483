//! The Python servers differ in their framework only: what they compute and report comes from files that are copied, since a
//! server's folder stands alone, and the copies must stay equal.

use std::fs;
use std::path::Path;

const SERVERS: [&str; 3] = ["flask", "django", "fastapi"];
const COPIED: [&str; 3] = ["kernels.py", "stats.py", "request_count.py"];

#[test]
fn the_copied_files_of_the_python_servers_are_equal() {
    let servers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference-servers");
    for file in COPIED {
        let read = |server: &str| fs::read_to_string(servers.join(server).join(file)).expect("every server has a copy");
        let [first, others @ ..] = SERVERS;
        for other in others {
            assert!(read(first) == read(other), "{file} differs between {first} and {other}; copy the right one over");
        }
    }
}
