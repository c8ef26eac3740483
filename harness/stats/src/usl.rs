//! The two parameters of the Universal Scalability Law, fitted to rates by level.
//!
//! Source: Gunther 2007, "Guerrilla Capacity Planning", chapters 4 and 5: C(n) = n / (1 + σ (n − 1) + κ n (n − 1)), where σ is the
//! cost of waiting for one another and κ that of keeping each other informed. Fitted as in [`crate::scaling`]; it describes the
//! levels that were measured and promises nothing beyond them.

use crate::scaling::{LevelRate, ScalingError, deviations};

/// Two parameters: level 1 and two more.
const LEVELS_NEEDED: usize = 3;

/// The parameters, without unit and not clamped (a mean over blocks would be biased).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usl {
    /// Contention σ: waiting for what is shared.
    pub contention: f64,
    /// Coherency κ: agreeing with one another.
    pub coherency: f64,
}

impl Usl {
    /// The least-squares fit.
    ///
    /// # Errors
    /// [`ScalingError`] where the points are no scaling curve from level 1 on with at least three levels.
    pub fn fit(curve: &[LevelRate]) -> Result<Self, ScalingError> {
        let points = deviations(curve, LEVELS_NEEDED)?;
        let [mut aa, mut ab, mut bb, mut ay, mut by] = [0.0; 5];
        for point in points {
            let (a, b, y) = (point.level - 1.0, point.level * (point.level - 1.0), point.deviation);
            aa += a * a;
            ab += a * b;
            bb += b * b;
            ay += a * y;
            by += b * y;
        }
        // Two levels above 1 differ, so the columns are independent and the determinant is positive.
        let determinant = aa * bb - ab * ab;
        Ok(Self { contention: (ay * bb - by * ab) / determinant, coherency: (by * aa - ay * ab) / determinant })
    }

    /// The speed-up that the law gives at `level`, for drawing the fitted curve through the levels that were measured.
    #[must_use]
    pub fn speed_up(&self, level: f64) -> f64 {
        level / (1.0 + self.contention * (level - 1.0) + self.coherency * level * (level - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_levels_do_not_make_two_parameters() {
        let curve = [1, 2].map(|level| LevelRate { level, rate: 1.0 });
        assert_eq!(Usl::fit(&curve), Err(ScalingError::TooFewLevels { need: 3, have: 2 }));
    }

    proptest! {
        #[test]
        fn what_was_put_in_comes_out(contention in 0.0..1.0_f64, coherency in 0.0..0.1_f64, base in 0.1..1e5_f64) {
            let truth = Usl { contention, coherency };
            let curve = [1, 2, 4, 8].map(|level| LevelRate { level, rate: base * truth.speed_up(f64::from(level)) });
            let fit = Usl::fit(&curve).expect("a curve");
            prop_assert!((fit.contention - contention).abs() < 1e-9);
            prop_assert!((fit.coherency - coherency).abs() < 1e-9);
        }
    }
}
