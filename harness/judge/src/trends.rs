//! Trends: what each claim came to from run to run on one type of machine, and where its level changed.

use model::history::{HistoryLine, Trend, TrendLevel, TrendPoint};
use stats::changepoint::segments;

/// Penalty of one more level, times ln n, in units of the noise variance: the modified BIC of Zhang and Siegmund 2007.
const PENALTY_PER_LN: f64 = 3.0;
/// A change below this log-ratio is never told: runs of one commit differ by as much on virtual machines.
const LEAST_CHANGE: f64 = 0.02;
/// Median of the absolute differences of neighbours, over the standard deviation of normal noise: √2 × 0.6745.
const MEDIAN_DIFFERENCE: f64 = 0.9539;

/// The trends of a history: by machine type, then by claim, in the order in which they first occur. A run that stands twice counts once.
#[must_use]
pub fn trends(history: &[HistoryLine]) -> Vec<Trend> {
    let mut runs: Vec<&HistoryLine> = Vec::new();
    for line in history {
        if runs.iter().all(|known| known.run != line.run) {
            runs.push(line);
        }
    }
    runs.sort_by(|one, other| one.began.cmp(&other.began));
    let mut trends: Vec<Trend> = Vec::new();
    for line in runs {
        for claim in &line.claims {
            let Some(effect) = claim.effect.filter(|effect| effect.is_finite() && *effect > 0.0) else { continue };
            let (began, commit) = (line.began.clone(), line.commit.clone());
            let point = TrendPoint { began, commit, verdict: claim.verdict, effect, low: claim.low, high: claim.high };
            match trends.iter_mut().find(|known| known.machine == line.machine && known.claim == claim.claim) {
                Some(known) => known.points.push(point),
                None => trends.push(Trend {
                    machine: line.machine.clone(),
                    claim: claim.claim.clone(),
                    points: vec![point],
                    levels: Vec::new(),
                }),
            }
        }
    }
    for trend in &mut trends {
        trend.levels = levels(&trend.points);
    }
    trends
}

fn levels(points: &[TrendPoint]) -> Vec<TrendLevel> {
    let logs: Vec<f64> = points.iter().map(|point| point.effect.ln()).collect();
    let penalty = PENALTY_PER_LN * (logs.len() as f64).ln().max(1.0) * noise(&logs).powi(2);
    let found = segments(&logs, penalty).into_iter();
    found.map(|segment| TrendLevel { first: segment.start, effect: segment.mean.exp() }).collect()
}

/// The standard deviation of the noise around the levels, from neighbours' differences, so that a change does not swell it.
fn noise(logs: &[f64]) -> f64 {
    let mut differences: Vec<f64> = logs.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    differences.sort_by(f64::total_cmp);
    let median = differences.get(differences.len() / 2).copied().unwrap_or(0.0);
    (median / MEDIAN_DIFFERENCE).max(LEAST_CHANGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::history::{HISTORY_FORMAT, HistoryClaim};
    use model::names::ClaimId;
    use model::plan::ProfileName;
    use model::verdict::Outcome;

    fn line(day: usize, machine: &str, effect: Option<f64>) -> HistoryLine {
        let claim = HistoryClaim {
            claim: ClaimId::new("gil-threads").expect("a name"),
            verdict: Outcome::Supported,
            effect,
            low: None,
            high: None,
        };
        HistoryLine {
            format: HISTORY_FORMAT,
            run: format!("{day}/{machine}"),
            began: format!("2026-11-{day:02}T00:00:00Z"),
            commit: None,
            machine: machine.to_owned(),
            profile: ProfileName::Quick,
            blocks: 6,
            claims: vec![claim],
        }
    }

    /// Noise of about two hundredths, always the same.
    fn noisy(day: usize) -> f64 {
        [1.0, 1.02, 0.98, 1.01, 0.99, 1.015, 0.985][day * 3 % 7]
    }

    #[test]
    fn a_change_is_told_with_its_run() {
        let before_and_after = |day: usize| if day < 11 { 2.0 } else { 3.0 };
        let history: Vec<HistoryLine> =
            (1..=20).map(|day| line(day, "a", Some(before_and_after(day) * noisy(day)))).collect();
        let found = trends(&history);
        let levels: Vec<(usize, f64)> = found[0].levels.iter().map(|level| (level.first, level.effect)).collect();
        assert_eq!(levels.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [0, 10]);
        assert!((levels[0].1 - 2.0).abs() < 0.05 && (levels[1].1 - 3.0).abs() < 0.05, "{levels:?}");
    }

    #[test]
    fn noise_is_no_change() {
        let history: Vec<HistoryLine> = (1..=28).map(|day| line(day, "a", Some(noisy(day)))).collect();
        assert_eq!(trends(&history)[0].levels.len(), 1);
    }

    #[test]
    fn machines_are_never_mixed_and_a_run_counts_once_and_in_its_order() {
        let history = [
            line(3, "a", Some(1.0)),
            line(1, "a", Some(2.0)),
            line(2, "b", Some(9.0)),
            line(3, "a", Some(1.0)),
            line(4, "a", None),
        ];
        let found = trends(&history);
        assert_eq!(found.iter().map(|trend| trend.machine.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(found[0].points.iter().map(|point| point.effect).collect::<Vec<_>>(), [2.0, 1.0]);
    }

    #[test]
    fn one_run_is_one_level_and_none_is_nothing() {
        assert_eq!(trends(&[line(1, "a", Some(1.5))])[0].levels.len(), 1);
        assert!(trends(&[]).is_empty() && trends(&[line(1, "a", Some(f64::NAN))]).is_empty());
    }
}
