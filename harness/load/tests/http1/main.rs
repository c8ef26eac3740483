//! Runs over HTTP/1.1 against servers of the tests' own.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod bad_servers;
mod endings;
mod fleets;
mod runs;
mod self_knowledge;
#[expect(dead_code, reason = "the other test binary uses the rest of it")]
mod support;
mod synthetic;
