//! The laboratory: runtimes, dependencies, server lifecycle, contract checks, sampling and sessions.
//!
//! Everything here touches the machine. What comes out is data of `model`: a [`model::machine::Machine`], what became
//! of each trial as a [`model::record::TrialOutcome`]. Nothing here judges.

pub mod cache;
pub mod contract;
mod core_speed;
pub mod dependencies;
mod hiccup;
mod hold;
mod http;
mod loopback;
pub mod machine;
mod platform;
pub mod processes;
pub mod proxies;
pub mod runtimes;
mod sampling;
pub mod server;
pub mod services;
pub mod session;
#[cfg(test)]
mod testing;
