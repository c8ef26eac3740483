//! The load generator: pacing, transports, verification and recording.
//!
//! A [`run()`](run::run) drives one or more *streams* of requests from one thread. Arrival, transport and stop
//! condition are separate parts: a stream names *when* its requests are due ([`Arrival`](arrival::Arrival)), *what* is
//! sent and what a right answer is ([`RequestSpec`](request::RequestSpec)); the run names *how long* it goes
//! ([`Phases`](window::Phases)) and *how to wait* ([`PacerKind`](pacer::PacerKind)).
//!
//! Each request has four moments: due, sent, first byte, done. Response time counts from *due*, so that a request that
//! had to wait because the server was slow is charged to the server; requests that were due and never sent, or never
//! answered, stay in the record as "at least this long".
//!
//! The thread is the caller's: pin it to a core of its own and spin, or share the core and sleep.

pub mod arrival;
pub mod clock;
pub mod error;
mod http1;
mod in_flight;
pub mod meter;
pub mod pacer;
mod poller;
pub mod recorder;
mod regularity;
pub mod request;
pub mod run;
pub mod series;
pub mod stream;
pub mod verify;
pub mod window;
mod worker;
