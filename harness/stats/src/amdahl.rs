//! The serial fraction of Amdahl's law, fitted to rates by level.
//!
//! Source: Amdahl 1967, "Validity of the single processor approach"; fitted as Gunther does ([`crate::scaling`]). Speed-up at level n
//! is n / (1 + s (n − 1)). The fit describes the levels that were measured and promises nothing beyond them. An interval comes from
//! fitting each block on its own and taking the mean of the fits ([`crate::mean`]).

use crate::scaling::{LevelRate, ScalingError, deviations};

/// One parameter: level 1 and one more.
const LEVELS_NEEDED: usize = 2;

/// The least-squares serial fraction: 0 scales in step with the level, 1 does not scale at all; below 0 it grows faster than the
/// level, above 1 it falls. It is not clamped, since clamping would bias a mean over blocks.
///
/// # Errors
/// [`ScalingError`] where the points are no scaling curve from level 1 on.
pub fn serial_fraction(curve: &[LevelRate]) -> Result<f64, ScalingError> {
    let points = deviations(curve, LEVELS_NEEDED)?;
    let (product, square) = points.iter().fold((0.0, 0.0), |(product, square), point| {
        let extra = point.level - 1.0;
        (product + point.deviation * extra, square + extra * extra)
    });
    Ok(product / square)
}

/// The speed-up that the law gives at `level`, for drawing the fitted curve through the levels that were measured.
#[must_use]
pub fn speed_up(serial_fraction: f64, level: f64) -> f64 {
    level / (1.0 + serial_fraction * (level - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_two_extremes() {
        let in_step = [1, 2, 4].map(|level| LevelRate { level, rate: 100.0 * f64::from(level) });
        let not_at_all = [1, 2, 4].map(|level| LevelRate { level, rate: 330.0 });
        assert!(serial_fraction(&in_step).expect("a curve").abs() < 1e-12);
        assert!((serial_fraction(&not_at_all).expect("a curve") - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn what_was_put_in_comes_out(truth in 0.0..1.0_f64, base in 0.1..1e5_f64) {
            let curve = [1, 2, 4, 8].map(|level| LevelRate { level, rate: base * speed_up(truth, f64::from(level)) });
            prop_assert!((serial_fraction(&curve).expect("a curve") - truth).abs() < 1e-9);
        }
    }
}
