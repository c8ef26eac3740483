//! Processes that the harness starts, servers and tools alike: in a session of their own, and none outlives it.

mod group;
mod log;
mod tool;
mod watchdog;

pub(crate) use group::ProcessGroup;
pub use group::Stopped;
pub(crate) use log::last_lines;
pub use tool::ToolError;
pub(crate) use tool::run_tool;
