//! One file a command: each takes its arguments and gives nothing or a failure.

pub mod calibrate;
pub mod check;
pub mod compare;
pub mod doctor;
pub mod drive;
pub mod history;
pub mod judge;
pub mod list;
pub mod merge;
pub mod new;
pub mod pair;
pub mod plan;
pub mod proxies;
pub mod report;
pub mod run;
pub mod schema;
pub mod serve;
pub mod withdraw;
