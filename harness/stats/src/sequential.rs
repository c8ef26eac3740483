//! Group-sequential tests: how large an effect must be at each look so that all looks together err with a given chance.
//!
//! Sources: Lan and DeMets 1983, "Discrete sequential boundaries for clinical trials" (spending functions; theirs of the O'Brien-Fleming
//! type is [`obrien_fleming_spent`]); Kim and DeMets 1987 ([`power_spent`]); Armitage, McPherson and Rowe 1969 (the recursion over looks); Jennison and Turnbull 2000, "Group
//! Sequential Methods", chapters 7 and 19 (one-sided boundaries by numerical integration), and section 3.8 for applying the looks' nominal
//! levels to Student's *t*. The boundaries depend on how much error was spent at each look and never on what was seen.

use statrs::distribution::{ContinuousCDF, Normal};
use thiserror::Error;

/// Steps of the integration over what has not crossed yet: a third of a look's deviation each with as many looks as there are blocks, which Simpson's
/// rule takes to far more digits than are printed anywhere.
const GRID: usize = 128;
/// Below this many standard deviations nothing is integrated: 1e-15 of the whole.
const LOWEST: f64 = -8.0;
/// Boundaries are searched up to here; beyond it a normal deviate lies with chance 1e-36.
const HIGHEST: f64 = 12.5;
/// Halvings of the search for a boundary: to about 1e-12.
const HALVINGS: u32 = 44;

/// Why there are no boundaries.
#[derive(Debug, Error, PartialEq)]
pub enum SequentialError {
    /// Looks do not go forward.
    #[error(
        "look {look} has information {information} and spent error {spent}: both must be positive and must not fall from look to look"
    )]
    NotForward {
        /// The look, from 0.
        look: usize,
        /// Its information.
        information: f64,
        /// The error spent by then.
        spent: f64,
    },
}

/// A look: how much is known by then, and how much of the error may have been spent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Information, in any unit: the number of blocks.
    pub information: f64,
    /// The chance of having crossed by then where there is no effect.
    pub spent: f64,
}

/// The one-sided error that an O'Brien-Fleming-type function has spent at a share of the whole information (0 to 1; beyond 1 it has spent
/// all): 2 − 2 Φ(z(α/2) / √t). Lan and DeMets 1983, equation for α₁*, in its one-sided use.
#[must_use]
pub fn obrien_fleming_spent(alpha: f64, share: f64) -> f64 {
    let normal = Normal::standard();
    if share >= 1.0 || alpha <= 0.0 {
        return alpha.max(0.0);
    }
    if share <= 0.0 {
        return 0.0;
    }
    2.0 * normal.sf(normal.inverse_cdf(1.0 - alpha / 2.0) / share.sqrt())
}

/// The one-sided error that a power of the share of the whole information has spent (Kim and DeMets 1987, "Design and analysis of group
/// sequential tests based on the type I error spending rate function"): α tʳ, all of it from t = 1 on. A rank of 1 is near to Pocock's
/// boundaries, 3 to those of O'Brien and Fleming.
#[must_use]
pub fn power_spent(alpha: f64, share: f64, rank: i32) -> f64 {
    alpha.max(0.0) * share.clamp(0.0, 1.0).powi(rank)
}

/// The nominal one-sided levels at all looks: a test at look *k* that holds its *p*-value against the *k*-th of them spends what was asked
/// for. They are levels and not deviates, so that they can be applied to *t* tests.
///
/// # Errors
/// [`SequentialError`] where the looks do not go forward.
pub fn nominal_levels(looks: &[Look]) -> Result<Vec<f64>, SequentialError> {
    let normal = Normal::standard();
    let (mut levels, mut before) = (Vec::new(), Look { information: 0.0, spent: 0.0 });
    let mut open = Open::beginning();
    for (at, look) in looks.iter().enumerate() {
        let forward = look.information > before.information && look.spent >= before.spent && look.spent < 1.0;
        if !forward {
            return Err(SequentialError::NotForward { look: at, information: look.information, spent: look.spent });
        }
        let step = (look.information - before.information).sqrt();
        let spend = look.spent - before.spent;
        let boundary = open.boundary(step, look.information.sqrt(), spend);
        levels.push(normal.sf(boundary));
        open = open.after(step, boundary * look.information.sqrt());
        before = *look;
    }
    Ok(levels)
}

/// The paths that have not crossed: the density of their sum, on a grid.
struct Open {
    sums: Vec<f64>,
    /// Density times the weight of the point in Simpson's rule.
    weights: Vec<f64>,
    information: f64,
}

impl Open {
    fn beginning() -> Self {
        Self { sums: vec![0.0], weights: vec![1.0], information: 0.0 }
    }

    /// The chance of lying above `bound` after a step with this standard deviation.
    fn above(&self, step: f64, bound: f64) -> f64 {
        let normal = Normal::standard();
        self.sums.iter().zip(&self.weights).map(|(sum, weight)| weight * normal.sf((bound - sum) / step)).sum()
    }

    /// The standardised boundary above which just `spend` lies.
    fn boundary(&self, step: f64, root_information: f64, spend: f64) -> f64 {
        let (mut low, mut high) = (LOWEST, HIGHEST);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if self.above(step, middle * root_information) > spend { low = middle } else { high = middle }
        }
        high
    }

    /// What is still open after a step, below a bound.
    fn after(&self, step: f64, bound: f64) -> Self {
        let information = self.information + step * step;
        let lowest = LOWEST * information.sqrt();
        let width = (bound - lowest) / GRID as f64;
        let sums: Vec<f64> = (0..=GRID).map(|at| lowest + width * at as f64).collect();
        let simpson = |at: usize| match at {
            0 | GRID => width / 3.0,
            _ if at % 2 == 1 => 4.0 * width / 3.0,
            _ => 2.0 * width / 3.0,
        };
        let scale = 1.0 / (step * std::f64::consts::TAU.sqrt());
        let density = |sum: f64| {
            let parts = self.sums.iter().zip(&self.weights);
            parts.map(|(from, weight)| weight * (-0.5 * ((sum - from) / step).powi(2)).exp()).sum::<f64>() * scale
        };
        let weights = sums.iter().enumerate().map(|(at, &sum)| simpson(at) * density(sum)).collect();
        Self { sums, weights, information }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn deviates(looks: usize, alpha: f64) -> Vec<f64> {
        let normal = Normal::standard();
        let look = |at: usize| {
            let share = at as f64 / looks as f64;
            Look { information: share, spent: obrien_fleming_spent(alpha, share) }
        };
        let levels = nominal_levels(&(1..=looks).map(look).collect::<Vec<_>>()).expect("forward");
        levels.into_iter().map(|level| normal.inverse_cdf(1.0 - level)).collect()
    }

    #[test]
    fn the_published_boundaries() {
        // Two-sided 5 % is one-sided 2.5 %: DeMets and Lan 1994, "Interim analysis: the alpha spending function approach", table 1, and
        // gsDesign's sfLDOF.
        let published = [4.8769, 3.3569, 2.6803, 2.2898, 2.0310];
        for (ours, theirs) in deviates(5, 0.025).into_iter().zip(published) {
            assert!((ours - theirs).abs() < 5e-4, "{ours} {theirs}");
        }
        let two = deviates(2, 0.025);
        assert!((two[0] - 2.9626).abs() < 5e-4 && (two[1] - 1.9686).abs() < 5e-4, "{two:?}");
    }

    #[test]
    fn one_look_is_the_fixed_test() {
        let levels = nominal_levels(&[Look { information: 12.0, spent: 0.05 }]).expect("forward");
        assert!((levels[0] - 0.05).abs() < 1e-9);
    }

    #[test]
    fn looks_must_go_forward() {
        let look = |information, spent| Look { information, spent };
        assert!(nominal_levels(&[look(2.0, 0.01), look(2.0, 0.02)]).is_err());
        assert!(nominal_levels(&[look(2.0, 0.02), look(3.0, 0.01)]).is_err());
        assert!(nominal_levels(&[look(f64::NAN, 0.02)]).is_err());
    }

    proptest! {
        #[test]
        fn no_look_may_use_more_than_the_whole_and_the_last_uses_most_of_it(alpha in 0.001..0.1_f64, looks in 2_usize..10) {
            let shares: Vec<f64> = (1..=looks).map(|at| at as f64 / looks as f64).collect();
            let all: Vec<Look> = shares.iter().map(|&share| Look { information: share, spent: obrien_fleming_spent(alpha, share) }).collect();
            let levels = nominal_levels(&all).expect("forward");
            prop_assert!(levels.iter().all(|level| *level <= alpha + 1e-9));
            prop_assert!(levels.is_sorted());
            prop_assert!(*levels.last().expect("some") > 0.6 * alpha);
        }

        #[test]
        fn the_unit_of_information_does_not_matter(unit in 0.1..100.0_f64) {
            let looks = |unit: f64| [6.0, 8.0, 12.0].map(|blocks: f64| Look { information: blocks * unit, spent: obrien_fleming_spent(0.05, blocks / 12.0) });
            let (plain, scaled) = (nominal_levels(&looks(1.0)).expect("forward"), nominal_levels(&looks(unit)).expect("forward"));
            prop_assert!(plain.iter().zip(&scaled).all(|(one, other)| (one / other - 1.0).abs() < 1e-6));
        }
    }
}
