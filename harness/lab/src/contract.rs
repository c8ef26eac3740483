//! The contract: the cases and dialogues of CONTRACT.md, read from its `toml` blocks and run against a running server.

mod check;
mod converse;
mod dialogue;
mod parse;

pub use check::Checked;
pub use dialogue::Dialogue;
pub use parse::{Case, Contract, ContractError};
