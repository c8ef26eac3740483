//! The load generator: pacing, transports, verification and recording.
//!
//! A [`run()`](run::run) drives one or more *streams* of requests from one thread. Arrival, transport and stop
//! condition are separate parts: a stream names *when* its requests are due ([`Arrival`](arrival::Arrival)), *what* is
//! sent and what a right answer is ([`RequestSpec`](request::RequestSpec)), and what *carries* it
//! ([`Transport`](transport::Transport)); the run names *how long* it goes
//! ([`Phases`](window::Phases)) and *how to wait* ([`PacerKind`](pacer::PacerKind)).
//!
//! Each request has four moments: due, sent, first byte, done. Response time counts from *due*, so that a request that
//! had to wait because the server was slow is charged to the server; requests that were due and never sent, or never
//! answered, stay in the record as "at least this long".
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use load::arrival::{Arrival, Spacing};
//! use load::pacer::PacerKind;
//! use load::request::RequestSpec;
//! use load::run::{Ending, Opening, RunSpec, Target, run};
//! use load::stream::StreamSpec;
//! use load::window::Phases;
//!
//! let arrival = Arrival::Open { rate_per_s: 1_000.0, spacing: Spacing::Poisson };
//! let streams = [StreamSpec::new("main", 16, arrival, vec![RequestSpec::get("/plain")])];
//! let outcome = run(&RunSpec {
//!     target: Target { address: ([127, 0, 0, 1], 8080).into() },
//!     streams: &streams,
//!     phases: Phases {
//!         warm_up: Duration::from_secs(1),
//!         measure: Duration::from_secs(10),
//!         drain: Duration::from_secs(5),
//!     },
//!     opening: Opening::AllAtOnce,
//!     pacer: PacerKind::Spin,
//!     seed: 1,
//!     stop: &[],
//!     ending: Ending::Close,
//! })?;
//! let main = &outcome.streams[0];
//! println!("p99 {} ns of {} requests", main.response_time.value_at_quantile(0.99), main.counts.due);
//! # Ok::<(), load::error::RunError>(())
//! ```
//!
//! The thread is the caller's: pin it to a core of its own and spin, or share the core and sleep.

pub mod anderson_darling;
pub mod arrival;
pub mod calibrate;
pub mod clock;
pub mod connections;
pub mod courier;
pub mod error;
pub mod events;
pub mod fan_out;
pub mod fleet;
pub mod from_model;
pub mod hgrm;
pub mod hostile;
pub mod http1;
pub mod http2;
mod in_flight;
pub mod interval_log;
mod merge;
pub mod meter;
pub mod observe;
pub mod pacer;
mod poller;
pub mod recorder;
pub mod regularity;
pub mod request;
pub mod run;
pub mod search;
pub mod selfcheck;
pub mod series;
pub mod sources;
pub mod stream;
pub mod sweep;
pub mod synthetic;
mod tenths;
pub mod transfer;
pub mod transport;
pub mod verify;
pub mod websocket;
pub mod window;
mod worker;

/// The README's example, compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
