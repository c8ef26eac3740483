//! The judge against records whose truth is known, and against records that are broken on purpose.

mod bad_records;
mod builder;
mod compare;
mod curves;
mod effort;
mod examination;
mod faults;
mod gates;
mod golden;
mod host;
mod loaded;
mod observed;
mod rule;
mod scenarios;
mod sitting;
mod speed;
mod world;
