//! Ten thousand connections over HTTP/1.1, in a process of their own, since its memory is measured.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod many;
mod server;

use load::arrival::{Arrival, Spacing};
use load::request::RequestSpec;
use load::stream::StreamSpec;
use many::{MANY, hold};

#[test]
fn ten_thousand_connections_are_held_in_little_memory() {
    let probes = Arrival::Open { rate_per_s: 500.0, spacing: Spacing::Constant };
    let stream = StreamSpec::new("main", MANY, probes, vec![RequestSpec::get("/null")]);
    match hold(stream, 5_000.0) {
        Some(each) => eprintln!("HTTP/1.1: {each} bytes for each of {MANY} connections"),
        None => eprintln!("not tested: fewer than {MANY} files may be open; raise `ulimit -n`"),
    }
}
