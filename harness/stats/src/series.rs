//! How many independent values a correlated series is worth.
//!
//! Source: Geyer 1992, "Practical Markov chain Monte Carlo", section 3.3: the integrated autocorrelation time, with pairs of neighbouring lags
//! summed up to the first pair that is not positive. Requests of one run are such a series, which is why they are never taken as independent.

use thiserror::Error;

/// Fewer values have no autocorrelation worth the name.
pub const MIN_VALUES: usize = 4;

/// Why a series has no effective size.
#[derive(Debug, Error, PartialEq)]
pub enum SeriesError {
    /// Fewer than [`MIN_VALUES`].
    #[error("an effective size needs at least {MIN_VALUES} values, there are {have}")]
    TooFew {
        /// How many there are.
        have: usize,
    },
    /// NaN or an infinity.
    #[error("value {index} is {value}, not a finite number")]
    NotFinite {
        /// Its place, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
}

/// How many independent values would tell the mean as well: the number of values for an uncorrelated series, fewer for one whose
/// neighbours are alike, and never more. A series that does not vary is worth all its values.
///
/// # Errors
/// [`SeriesError`] where there are too few values, or one that is not finite.
pub fn effective_size(values: &[f64]) -> Result<f64, SeriesError> {
    if let Some((index, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(SeriesError::NotFinite { index, value });
    }
    let count = values.len();
    if count < MIN_VALUES {
        return Err(SeriesError::TooFew { have: count });
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let squares: f64 = centred.iter().map(|value| value * value).sum();
    if squares <= 0.0 {
        return Ok(count as f64);
    }
    let correlation =
        |lag: usize| centred.iter().zip(&centred[lag..]).map(|(one, other)| one * other).sum::<f64>() / squares;
    let pairs = (0..count - 1).step_by(2).map(|lag| correlation(lag) + correlation(lag + 1));
    let time = 2.0 * pairs.take_while(|pair| *pair > 0.0).sum::<f64>() - 1.0;
    Ok((count as f64 / time.max(1.0 / count as f64)).min(count as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_extremes() {
        assert_eq!(effective_size(&[7.0; 9]), Ok(9.0));
        let slow: Vec<f64> = (0..200).map(|at| (f64::from(at) / 30.0).sin()).collect();
        assert!(effective_size(&slow).expect("enough") < 20.0);
        assert_eq!(effective_size(&[1.0, 2.0]), Err(SeriesError::TooFew { have: 2 }));
        assert!(matches!(effective_size(&[1.0, f64::NAN, 1.0, 1.0]), Err(SeriesError::NotFinite { index: 1, .. })));
    }

    proptest! {
        #[test]
        fn neither_unit_nor_level_matters(values in prop::collection::vec(-5.0..5.0_f64, 4..60), unit in 0.01..100.0_f64) {
            let moved: Vec<f64> = values.iter().map(|value| value * unit + unit).collect();
            let (plain, moved) = (effective_size(&values).expect("enough"), effective_size(&moved).expect("enough"));
            prop_assert!((plain / moved - 1.0).abs() < 1e-6);
            prop_assert!(plain > 0.0 && plain <= values.len() as f64);
        }
    }
}
