//! One file a command: each takes its arguments and gives nothing or a failure.

pub mod check;
pub mod doctor;
pub mod drive;
pub mod drive_summary;
pub mod history;
pub mod judge;
pub mod list;
pub mod new;
pub mod plan;
pub mod report;
pub mod run;
pub mod schema;
pub mod serve;
