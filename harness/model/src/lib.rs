//! The words of claimbench: definitions, plan, record, analysis and verdict; no clock, file or socket.

pub mod analysis;
pub mod change;
pub mod define;
pub mod expect;
pub mod history;
pub mod machine;
pub mod names;
pub mod plan;
pub mod proxies;
pub mod record;
pub mod units;
pub mod verdict;
