//! Whether gaps are exponential, as those of a Poisson process are: the test of Anderson and Darling with the mean taken from the gaps.
//!
//! Source: Stephens 1974, "EDF statistics for goodness of fit and some comparisons", JASA 69, section 3 (case of the exponential with
//! unknown scale, with its factor 1 + 0.6/n).

/// Fewer gaps say nothing.
pub const GAPS_MIN: usize = 100;

/// What the statistic exceeds for one in ten thousand truly exponential samples: 4.04, as simulated over 120,000 samples of 300; the
/// same simulation gave 1.95 for one in a hundred, where Stephens has 1.96.
pub const STATISTIC_MAX: f64 = 4.04;

/// The statistic A² · (1 + 0.6/n) of gaps of any unit; greater is less exponential. Nothing for fewer than [`GAPS_MIN`] gaps.
#[must_use]
pub fn statistic(gaps: &[f64]) -> Option<f64> {
    (gaps.len() >= GAPS_MIN).then(|| modified(gaps)).filter(|statistic| statistic.is_finite())
}

#[expect(clippy::cast_precision_loss, reason = "some thousand gaps")]
fn modified(gaps: &[f64]) -> f64 {
    let count = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / count;
    let mut scaled: Vec<f64> = gaps.iter().map(|gap| gap / mean).collect();
    scaled.sort_unstable_by(f64::total_cmp);
    // ln F(x) from below and ln(1 − F(x)) = −x from above; a gap of zero counts as one far too short to matter.
    let terms = scaled.iter().zip(scaled.iter().rev()).enumerate().map(|(index, (low, high))| {
        let weight = 2.0 * index as f64 + 1.0;
        weight * ((-(-low.max(f64::MIN_POSITIVE)).exp_m1()).ln() - high)
    });
    let a_squared = -count - terms.sum::<f64>() / count;
    a_squared * (1.0 + 0.6 / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrival::{Schedule, Spacing};

    #[test]
    fn it_is_what_scipy_computes() {
        // scipy.stats.anderson(x, 'expon').statistic, SciPy 1.17; it gives A² without the factor.
        let mixed =
            [3.1, 0.2, 1.7, 0.9, 5.6, 2.2, 0.4, 1.1, 0.05, 7.9, 0.6, 2.9, 1.3, 0.8, 4.4, 0.33, 1.95, 0.71, 2.6, 0.12];
        let even = [1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 0.98, 1.0001, 0.9999, 1.03];
        for (gaps, expected) in [(&mixed[..], 0.121_675_023_311_102_14), (&even[..], 4.154_513_266_097_876)] {
            let a_squared = modified(gaps) / (1.0 + 0.6 / gaps.len() as f64);
            assert!((a_squared - expected).abs() < 1e-12, "{a_squared} for {expected}");
        }
    }

    #[test]
    fn a_poisson_process_passes_and_what_is_none_does_not() {
        let gaps = |seed, spacing| -> Vec<f64> {
            let mut schedule = Schedule::new(10_000.0, spacing, seed, 0);
            let due_ns: Vec<u64> = (0..2_000).map(|_| schedule.next_due_ns()).collect();
            due_ns.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect()
        };
        let exceeded = (0..200).filter(|seed| statistic(&gaps(*seed, Spacing::Poisson)).unwrap() > 1.959).count();
        assert!(exceeded <= 8, "{exceeded} of 200 beyond the 1 % point");
        assert!(statistic(&gaps(0, Spacing::Constant)).unwrap() > STATISTIC_MAX);
        // A timer that fires every millisecond, as of a tool that paces with tokio's clock.
        let mut schedule = Schedule::new(10_000.0, Spacing::Poisson, 1, 0);
        let coarse: Vec<f64> = (0..2_000).map(|_| (schedule.next_due_ns() / 1_000_000) as f64).collect();
        let coarse: Vec<f64> = coarse.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(statistic(&coarse).unwrap() > STATISTIC_MAX);
        assert_eq!(statistic(&[1.0; 10]), None);
    }
}
