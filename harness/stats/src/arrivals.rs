//! Whether requests left as a Poisson process does: exponential gaps (Anderson and Darling), and counts whose variance is their mean (Fano).
//!
//! Sources: Anderson and Darling 1954; for a mean that is estimated from the gaps, Stephens 1974, "EDF statistics for goodness of fit and some
//! comparisons", table 1.4 (statistic A² (1 + 0.6 / n)); Fano 1947 for the ratio of variance to mean.

use thiserror::Error;

/// Fewer gaps look like anything.
pub const MIN_GAPS: usize = 5;

/// Stephens' critical values of the corrected statistic, with the chance of a greater one where gaps are exponential.
const CRITICAL: [(f64, f64); 5] = [(0.922, 0.15), (1.078, 0.10), (1.341, 0.05), (1.606, 0.025), (1.957, 0.01)];

/// Why there is no test of arrivals.
#[derive(Debug, Error, PartialEq)]
pub enum ArrivalsError {
    /// Fewer than [`MIN_GAPS`].
    #[error("a test of arrivals needs at least {MIN_GAPS} values, there are {have}")]
    TooFew {
        /// How many there are.
        have: usize,
    },
    /// Negative, NaN or infinite.
    #[error("value {index} is {value}: gaps and counts are finite and not negative")]
    NotAGap {
        /// Its place, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
}

/// Anderson and Darling's A² of "the gaps are exponential with the mean that they have"; any unit. Great where they are not.
///
/// # Errors
/// [`ArrivalsError`] where there are too few gaps, or one that is none.
pub fn exponential_a2(gaps: &[f64]) -> Result<f64, ArrivalsError> {
    checked(gaps)?;
    let count = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    if mean <= 0.0 {
        return Ok(f64::INFINITY);
    }
    let mut sorted = gaps.to_vec();
    sorted.sort_by(f64::total_cmp);
    // ln F and ln (1 − F) of an exponential, the second being just −x / mean.
    let log_below = |gap: f64| (-(-gap / mean).exp_m1()).max(f64::MIN_POSITIVE).ln();
    let terms = sorted.iter().zip(sorted.iter().rev()).enumerate();
    let sum: f64 = terms.map(|(at, (&low, &high))| (2.0 * at as f64 + 1.0) * (log_below(low) - high / mean)).sum();
    Ok(-count - sum / count)
}

/// The chance of gaps at least as far from exponential ones, as an upper bound: the smallest of Stephens' tabulated levels that the
/// statistic reaches, or 1.
///
/// # Errors
/// As [`exponential_a2`].
pub fn exponential_p_at_most(gaps: &[f64]) -> Result<f64, ArrivalsError> {
    let corrected = exponential_a2(gaps)? * (1.0 + 0.6 / gaps.len() as f64);
    let reached = CRITICAL.iter().rev().find(|(critical, _)| corrected >= *critical);
    Ok(reached.map_or(1.0, |(_, level)| *level))
}

/// Variance over mean of counts in equal intervals: 0 is perfectly even, 1 a Poisson process, more are bursts.
///
/// # Errors
/// [`ArrivalsError`] where there are too few counts, or one that is none.
pub fn fano_factor(counts: &[f64]) -> Result<f64, ArrivalsError> {
    checked(counts)?;
    let count = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / count;
    let variance = counts.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    Ok(if mean > 0.0 { variance / mean } else { 0.0 })
}

fn checked(values: &[f64]) -> Result<(), ArrivalsError> {
    let wrong = |value: &f64| !(value.is_finite() && *value >= 0.0);
    if let Some((index, &value)) = values.iter().enumerate().find(|(_, value)| wrong(value)) {
        return Err(ArrivalsError::NotAGap { index, value });
    }
    if values.len() < MIN_GAPS { Err(ArrivalsError::TooFew { have: values.len() }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Seed, SplitMix};

    fn exponential(count: usize, seed: u64) -> Vec<f64> {
        let mut random = SplitMix::new(Seed(seed));
        let mut uniform = move || (random.bits() >> 11) as f64 / (1_u64 << 53) as f64;
        (0..count).map(|_| -(1.0 - uniform()).ln()).collect()
    }

    #[test]
    fn exponential_gaps_are_refused_as_seldom_as_the_level_says() {
        let refused =
            (0..2_000).filter(|&seed| exponential_p_at_most(&exponential(100, seed)).expect("enough") <= 0.05).count();
        // 100 of 2,000 expected, 10 its deviation.
        assert!((60..=140).contains(&refused), "{refused}");
    }

    #[test]
    fn even_gaps_and_bursts_are_found() {
        assert_eq!(exponential_p_at_most(&[1.0; 50]), Ok(0.01));
        let bursts: Vec<f64> = (0..100).map(|at| if at % 10 == 0 { 9.0 } else { 0.01 }).collect();
        assert_eq!(exponential_p_at_most(&bursts), Ok(0.01));
        assert_eq!(fano_factor(&[3.0; 20]), Ok(0.0));
        assert!(fano_factor(&[0.0, 0.0, 0.0, 0.0, 10.0]).expect("enough") > 5.0);
        assert_eq!(exponential_a2(&[0.0; 9]), Ok(f64::INFINITY));
    }

    #[test]
    fn what_is_no_gap_is_refused() {
        assert_eq!(exponential_a2(&[1.0; 4]), Err(ArrivalsError::TooFew { have: 4 }));
        assert!(matches!(fano_factor(&[1.0, -1.0, 1.0, 1.0, 1.0]), Err(ArrivalsError::NotAGap { index: 1, .. })));
    }
}
