//! The mathematics of claimbench, on slices; depends on no crate of ours.
//!
//! Nothing here knows of servers, blocks or verdicts: functions take numbers and give numbers, each with the source of
//! its method. What is done with them is the judge's business. One file is one concept:
//!
//! | file | answers |
//! |---|---|
//! | [`paired`] | by which factor do two arms differ, block by block |
//! | [`mean`] | between which bounds does a mean lie (Student's *t*) |
//! | [`skewed`] | the same where a long tail may have been missed |
//! | [`bca`] | the same without assuming a shape, from 20 values on (bootstrap) |
//! | [`sign_flip`] | how surprising is the sign of a mean, with no assumption but symmetry |
//! | [`sequential`] | which level each of several looks at growing data may use |
//! | [`holm`] | which error level each of several tests may use |
//! | [`quantile`] | quantiles of a sample, and how sure a median is |
//! | [`steady`] | does a series settle |
//! | [`changepoint`] | where does the level of a series change |
//! | [`welch`] | do two unpaired samples differ |
//! | [`little`] | do concurrency, rate and response time fit together |
//! | [`arrivals`] | did requests leave as a Poisson process |
//! | [`series`] | how many independent values is a correlated series worth |
//! | [`amdahl`], [`usl`] (of a curve as in [`scaling`]) | which share of the work does not scale |
//!
//! ```
//! use stats::{Confidence, mean::MeanEstimate, paired::log_ratios};
//!
//! let with_threads = [330.0, 334.0, 329.0, 331.0, 333.0, 328.0];
//! let with_one = [331.0, 330.0, 332.0, 329.0, 334.0, 330.0];
//! let effect = MeanEstimate::of(&log_ratios(&with_threads, &with_one)?)?;
//! let factor = effect.interval(Confidence::P90).exp();
//! assert!(factor.low > 0.98 && factor.high < 1.02);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod amdahl;
pub mod arrivals;
pub mod bca;
pub mod changepoint;
pub mod holm;
pub mod interval;
pub mod little;
pub mod mean;
pub mod paired;
pub mod quantile;
pub mod random;
pub mod scaling;
pub mod sequential;
pub mod series;
pub mod sign_flip;
pub mod skewed;
pub mod steady;
pub mod usl;
pub mod welch;

pub use interval::{Confidence, Interval};
