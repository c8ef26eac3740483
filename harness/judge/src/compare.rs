//! What changed between two runs: the verdict rule of "equivalent", applied to one arm in two sessions.
//!
//! Blocks of two sessions are no pairs, so that means of logarithms are compared by Welch's interval. An interval inside of the margin is
//! *equivalent*, one wholly beyond it is *changed*, anything else *can't tell*; Holm's correction runs over all comparisons. Blocks of
//! one session share what the host did that day: a change may be the host's, and the words say so.

use std::collections::{BTreeMap, BTreeSet};

use model::analysis::Comparison;
use model::change::{Change, Changed};
use model::define::claim::Metric;
use model::names::WorkloadName;
use model::plan::{ArmId, Experiment};
use model::record::RunRecord;
use stats::welch::{Welch, welch};
use stats::{Confidence, holm};

use crate::analyse::analyse;
use crate::region::Borders;
use crate::verdicts::ALPHA;
use crate::words::figure;

/// Arm, workload and number; what two runs have in common.
type Key = (WorkloadName, ArmId, String);

/// What one run says of it.
#[derive(Debug, Default)]
struct Measured {
    logs: Vec<f64>,
    margin: f64,
    fault: Option<String>,
}

/// Compares every number that both runs measured of the same arm on the same workload.
#[must_use]
pub fn compare_runs(first: &RunRecord, second: &RunRecord) -> Vec<Change> {
    let (first, second) = (measured(first), measured(second));
    let both: Vec<(&Key, &Measured, &Measured)> =
        first.iter().filter_map(|(key, one)| Some((key, one, second.get(key)?))).collect();
    let found: Vec<Option<Welch>> = both.iter().map(|(_, one, other)| welch(&other.logs, &one.logs).ok()).collect();
    let p_values: Vec<f64> =
        both.iter().zip(&found).map(|((_, one, other), found)| p(one, other, found.as_ref())).collect();
    let shares = holm::shares(&p_values, ALPHA, |_, share| share);
    let all = both.into_iter().zip(found).zip(shares);
    all.map(|(((key, one, other), found), share)| change(key, one, other, found.as_ref(), share)).collect()
}

fn borders(one: &Measured, other: &Measured) -> Borders {
    let d = one.margin.min(other.margin).ln_1p();
    Borders { above: Some(-d), below: Some(d) }
}

/// The smaller of the *p*-values of "changed" and of "equivalent": only one of the two can be wrong.
fn p(one: &Measured, other: &Measured, found: Option<&Welch>) -> f64 {
    let (Some(found), Borders { above: Some(above), below: Some(below) }) = (found, borders(one, other)) else {
        return 1.0;
    };
    let equivalent = found.p_at_most(above).max(found.p_at_least(below));
    let changed = found.p_at_least(above).min(found.p_at_most(below));
    equivalent.min(changed)
}

fn change(key: &Key, one: &Measured, other: &Measured, found: Option<&Welch>, share: f64) -> Change {
    let confidence = Confidence::leaving_each_side(share).ok();
    let interval = found.zip(confidence).map(|(found, confidence)| found.interval(confidence));
    let fault = one.fault.as_ref().map(|fault| format!("in the first run {fault}"));
    let fault = fault.or_else(|| other.fault.as_ref().map(|fault| format!("in the second run {fault}")));
    let margin = one.margin.min(other.margin);
    let d = margin.ln_1p();
    let (outcome, reason) = match (interval, fault) {
        (_, Some(fault)) => (Changed::CannotTell, fault),
        (None, None) => (Changed::CannotTell, "there are too few blocks".to_owned()),
        (Some(interval), None) if -d < interval.low && interval.high < d => {
            (Changed::Equivalent, format!("it is the same within {} times", figure(1.0 + margin)))
        }
        (Some(interval), None) if interval.low > d || interval.high < -d => (
            Changed::Changed,
            format!(
                "it is more than {} times another; the two sessions' hosts may be a part of it",
                figure(1.0 + margin)
            ),
        ),
        (Some(_), None) => (
            Changed::CannotTell,
            format!("it may be the same within {} times or not; more blocks would tell", figure(1.0 + margin)),
        ),
    };
    Change {
        workload: key.0.clone(),
        arm: key.1.clone(),
        metric: key.2.clone(),
        outcome,
        ratio: interval.map(|interval| interval.estimate.exp()),
        low: interval.map(|interval| interval.low.exp()),
        high: interval.map(|interval| interval.high.exp()),
        confidence: interval.and(confidence).map(Confidence::share),
        margin,
        reason,
    }
}

/// The numbers of a run, by what they are of. Of several claims that compare an arm by the same number the smallest margin counts.
fn measured(record: &RunRecord) -> BTreeMap<Key, Measured> {
    let analysis = analyse(record);
    let mut all = BTreeMap::new();
    for (experiment, analysed) in record.header.plan.experiments.iter().zip(&analysis.experiments) {
        for (planned, comparison) in experiment.claims.iter().zip(&analysed.comparisons) {
            let sides = [(&planned.baseline, Side::Baseline), (&planned.treatment, Side::Treatment)];
            for (arm, logs) in sides.map(|(arm, side)| (arm, numbers(comparison, side))) {
                let key = key(experiment, arm, &planned.claim.metric);
                let new = Measured { logs, margin: planned.claim.decision.margin, fault: fault(comparison) };
                let smaller = all.get(&key).is_none_or(|known: &Measured| new.margin < known.margin);
                if smaller {
                    all.insert(key, new);
                }
            }
        }
    }
    all
}

/// One side of a pair.
#[derive(Clone, Copy)]
enum Side {
    Baseline,
    Treatment,
}

fn numbers(comparison: &Comparison, side: Side) -> Vec<f64> {
    let number = |pair: &model::analysis::Pair| match side {
        Side::Baseline => pair.baseline,
        Side::Treatment => pair.treatment,
    };
    comparison.pairs.iter().map(|pair| number(pair).ln()).collect()
}

fn key(experiment: &Experiment, arm: &ArmId, metric: &Metric) -> Key {
    let stream = metric.stream().map_or_else(String::new, |stream| format!(" of {stream}"));
    (experiment.workload.name.clone(), arm.clone(), format!("{}{stream}", metric.in_words()))
}

/// What forbids to rely on a comparison's numbers.
fn fault(comparison: &Comparison) -> Option<String> {
    let failed: BTreeSet<String> = comparison
        .gates
        .iter()
        .filter(|gate| !gate.pass)
        .map(|gate| format!("{:?} ({}) failed: {}", gate.gate, gate.gate.title(), gate.detail))
        .collect();
    let open = |value: f64, most: Option<f64>| most != Some(value);
    let is_open = comparison
        .pairs
        .iter()
        .any(|pair| open(pair.baseline, pair.baseline_at_most) || open(pair.treatment, pair.treatment_at_most));
    failed.into_iter().next().or_else(|| is_open.then(|| "unanswered requests leave the number open".to_owned()))
}
