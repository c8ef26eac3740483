//! Analysis, gates and verdicts, from a run record alone.
//!
//! Two steps, both pure: [`analyse`] turns a record into one number for each arm, block and metric, with estimates and gates;
//! [`verdicts`] holds those against each claim's registered rule. No clock, file or socket: the same record gives the same verdicts for
//! ever, and a record of the past can be judged anew. The rule is method.md's, and so are the thresholds; each is a named constant.
//!
//! ```text
//! RunRecord ─ runs, distribution ─▶ Run ─ number ─▶ Number ─ comparison, effect ─▶ Estimate ┐
//!                                    └──────────── gates ─────────────────────▶ GateResult ─┴─ verdicts ─▶ Verdict
//! ```
//!
//! Nothing here panics on a record that parses: what is missing, not a number, or contradictory makes a verdict *inconclusive*, with
//! the reason.

mod analyse;
mod arms;
mod compare;
mod comparison;
mod controls;
mod curve;
mod design;
mod distribution;
mod doubts;
mod effect;
mod effort;
mod encoded;
mod gates;
mod number;
mod reasons;
mod region;
mod runs;
mod steadiness;
mod trends;
mod verdicts;
mod words;

pub use analyse::analyse;
pub use compare::compare_runs;
pub use effort::is_decided;
pub use trends::trends;
pub use verdicts::verdicts;
