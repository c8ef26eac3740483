//! Definitions: TOML text to a catalog that is cross-checked, with every mistake reported at once.

pub mod attack;
pub mod catalog;
pub mod check;
pub mod claim;
pub mod mistake;
pub mod parse;
pub mod protocol;
pub mod schema;
pub mod server;
pub mod untestable;
pub mod workload;
