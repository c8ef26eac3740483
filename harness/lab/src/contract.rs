//! The contract: the cases and dialogues of CONTRACT.md, read from its `toml` blocks and run against a running server.

mod case;
mod check;
mod converse;
mod dialogue;
mod expect;
mod parse;

pub use case::Case;
pub use check::{Checked, Interrupted, Subject};
pub use dialogue::Dialogue;
pub use expect::Expect;
pub use parse::{Contract, ContractError};
