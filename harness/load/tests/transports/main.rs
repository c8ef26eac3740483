//! Runs over every transport but plain HTTP/1.1, against peers of the tests' own.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod bodies;
mod connections;
mod echo;
mod events;
mod http2;
mod peers;
mod rooms;
#[path = "../http1/support.rs"]
#[expect(dead_code, reason = "the other test binary uses the rest of it")]
mod support;
