//! The contract: the cases of CONTRACT.md, read from its `toml` blocks and run against a running server.

mod check;
mod parse;

pub use check::Checked;
pub use parse::{Case, Contract, ContractError};
