//! What the fits of scaling curves share: rates by level, and how far each falls short of growing in step.
//!
//! Source: Gunther 2007, "Guerrilla Capacity Planning", chapter 5. With C(n) = X(n) / X(1) the deviation n / C(n) − 1 is a polynomial
//! in n whose coefficients are the model's parameters, so an ordinary least-squares fit finds them.

use thiserror::Error;

/// One point of a scaling curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelRate {
    /// Threads, processes or clients.
    pub level: u32,
    /// The rate measured there, in any unit (the same at all levels).
    pub rate: f64,
}

/// Why a scaling curve cannot be fitted.
#[derive(Debug, Error, PartialEq)]
pub enum ScalingError {
    /// There is no level 1 to compare with.
    #[error("a scaling curve starts at level 1, which was not measured")]
    NoBase,
    /// A level twice, or level 0.
    #[error("level {0} is zero or was given twice")]
    BadLevel(u32),
    /// Zero, negative, NaN or infinite.
    #[error("the rate at level {level} is {rate}, not a positive number")]
    BadRate {
        /// Where.
        level: u32,
        /// The rate.
        rate: f64,
    },
    /// As many parameters as points.
    #[error("the fit needs at least {need} levels, there are {have}")]
    TooFewLevels {
        /// Levels needed.
        need: usize,
        /// Levels given.
        have: usize,
    },
}

/// A level above 1 and its deviation n / C(n) − 1.
pub(crate) struct Deviation {
    pub(crate) level: f64,
    pub(crate) deviation: f64,
}

/// The deviations of all levels above 1, where there are at least `need` levels in all.
pub(crate) fn deviations(curve: &[LevelRate], need: usize) -> Result<Vec<Deviation>, ScalingError> {
    for (place, point) in curve.iter().enumerate() {
        if point.level == 0 || curve[..place].iter().any(|earlier| earlier.level == point.level) {
            return Err(ScalingError::BadLevel(point.level));
        }
        if !(point.rate.is_finite() && point.rate > 0.0) {
            return Err(ScalingError::BadRate { level: point.level, rate: point.rate });
        }
    }
    let base = curve.iter().find(|point| point.level == 1).ok_or(ScalingError::NoBase)?.rate;
    if curve.len() < need {
        return Err(ScalingError::TooFewLevels { need, have: curve.len() });
    }
    let of = |point: &LevelRate| {
        let level = f64::from(point.level);
        Deviation { level, deviation: level * base / point.rate - 1.0 }
    };
    Ok(curve.iter().filter(|point| point.level > 1).map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_curve_is_refused() {
        let point = |level, rate| LevelRate { level, rate };
        let refused = |curve: &[LevelRate]| deviations(curve, 2).map(|_| ()).expect_err("no curve");
        assert_eq!(refused(&[point(2, 1.0), point(4, 1.0)]), ScalingError::NoBase);
        assert_eq!(refused(&[point(1, 1.0), point(1, 2.0)]), ScalingError::BadLevel(1));
        assert_eq!(refused(&[point(0, 1.0)]), ScalingError::BadLevel(0));
        assert_eq!(refused(&[point(1, 1.0), point(2, 0.0)]), ScalingError::BadRate { level: 2, rate: 0.0 });
        assert_eq!(refused(&[point(1, 1.0)]), ScalingError::TooFewLevels { need: 2, have: 1 });
    }
}
