//! Numbers and facts in words, the same in charts, pages and tables.

mod numbers;
mod ticks;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use model::analysis::Gate;
use model::define::claim::Metric;
use model::define::server::RuntimeKind;
use model::define::workload::{Load, Spacing, WarmUpLoad};
use model::plan::{Experiment, ProfileName};
use model::record::Stage;
use model::verdict::{Outcome, RegionBounds, Verdict};

pub(crate) use numbers::{border, count, micros, number, percent, seconds, share};
pub(crate) use ticks::{Part, parts, unticked};

/// Bytes of a KiB, and of a MiB.
const KIB: f64 = 1024.0;
const MIB: f64 = KIB * KIB;

/// The sign of an outcome, so that nothing hangs on colour alone.
pub(crate) const fn symbol(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Supported => "✓",
        Outcome::Refuted => "✗",
        Outcome::Inconclusive => "?",
        Outcome::NotTestable => "–",
    }
}

/// A value of a metric with its unit.
pub(crate) fn measured(metric: &Metric, value: f64) -> String {
    match metric {
        Metric::Throughput(_) | Metric::Capacity(_) => format!("{}/s", number(value)),
        Metric::ResponseTime(_)
        | Metric::CpuPerRequest(_)
        | Metric::DeliveryTime(_)
        | Metric::AcknowledgementTime(_)
        | Metric::EventGap(_)
        | Metric::StartUp(_)
        | Metric::TimeToSteadyRate(_)
        | Metric::TimeToAddedProcess(_) => micros(value),
        Metric::Reach(_) | Metric::Fairness(_) | Metric::AttacksStopped(_) => number(value),
        Metric::Memory(_) => format!("{} MiB", number(value)),
        Metric::BytesPerCpuSecond(_) => format!("{} MiB/s", number(value / MIB)),
        Metric::MemoryPerConnection(_) => format!("{} KiB", number(value / KIB)),
    }
}

/// A value that is only known to lie between two bounds, where the upper one may be open.
pub(crate) fn bounded(metric: &Metric, least: f64, at_most: Option<f64>) -> String {
    match at_most {
        Some(greatest) if greatest > least => format!("{} to {}", measured(metric, least), measured(metric, greatest)),
        Some(_) => measured(metric, least),
        None => format!("at least {}", measured(metric, least)),
    }
}

/// The unit of an axis for values up to `greatest`: how many of the metric's units it has, and the metric's name with it.
pub(crate) fn axis_unit(metric: &Metric, greatest: f64) -> (f64, String) {
    let words = metric.in_words();
    let (unit, words) = match metric {
        Metric::BytesPerCpuSecond(_) => (MIB, words.replace("B/s", "MiB/s")),
        Metric::MemoryPerConnection(_) => (KIB, words.replace("(B)", "(KiB)")),
        _ if words.contains("µs") && greatest >= 2_000.0 => (1e3, words.replace("µs", "ms")),
        _ => (1.0, words),
    };
    (unit, capitalised(&words))
}

/// A text with its first letter as a capital.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// A text as a sentence: with a capital, and a full stop where it has no end.
pub(crate) fn sentence(text: &str) -> String {
    let text = capitalised(printable(text).trim());
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) { text } else { text + "." }
}

/// A metric's name without its unit.
pub(crate) fn metric_name(metric: &Metric) -> String {
    let words = metric.in_words();
    words.split(" (").next().unwrap_or(&words).to_owned()
}

/// The effect with its interval: "1.02 times (0.99 to 1.05)".
pub(crate) fn effect(verdict: &Verdict) -> Option<String> {
    Some(format!("{} ({})", times(verdict)?, range(verdict)))
}

/// The effect alone: "1.02 times".
pub(crate) fn times(verdict: &Verdict) -> Option<String> {
    Some(format!("{} times", number(verdict.effect?)))
}

/// The interval alone, as far as it is known: "0.99 to 1.05".
pub(crate) fn range(verdict: &Verdict) -> String {
    match (verdict.low, verdict.high) {
        (Some(low), Some(high)) => format!("{} to {}", number(low), number(high)),
        (Some(low), None) => format!("{} or more", number(low)),
        (None, Some(high)) => format!("{} or less", number(high)),
        (None, None) => "no interval".to_owned(),
    }
}

/// The interval in words, as far as it is known: "between 0.99 and 1.05".
pub(crate) fn between(verdict: &Verdict) -> String {
    match (verdict.low, verdict.high) {
        (Some(low), Some(high)) => format!("between {} and {}", number(low), number(high)),
        _ => range(verdict),
    }
}

/// The first sentence of a reason; the rest stands on the claim's own page.
pub(crate) fn short_reason(reason: &str) -> String {
    reason.split_once(". ").map_or_else(|| reason.to_owned(), |(first, _)| format!("{first}."))
}

/// The region in which the claim holds: "below 1.1 times".
pub(crate) fn region(region: RegionBounds) -> String {
    match (region.above, region.below) {
        (Some(above), Some(below)) => format!("between {} and {} times", border(above), border(below)),
        (Some(above), None) => format!("above {} times", border(above)),
        (None, Some(below)) => format!("below {} times", border(below)),
        (None, None) => "not registered".to_owned(),
    }
}

/// How many verdicts there are of each kind: "5 claims: 2 supported, 1 refuted, …".
pub(crate) fn tally(verdicts: &[Verdict]) -> String {
    const ORDER: [Outcome; 4] = [Outcome::Supported, Outcome::Refuted, Outcome::Inconclusive, Outcome::NotTestable];
    let counted = ORDER.into_iter().filter_map(|outcome| {
        let count = verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
        (count > 0).then(|| format!("{count} {}", outcome.in_words()))
    });
    let counted: Vec<String> = counted.collect();
    match verdicts.len() {
        0 => "No claims were put to the test".to_owned(),
        1 => format!("1 claim: {}", counted.join(", ")),
        all => format!("{all} claims: {}", counted.join(", ")),
    }
}

/// How many of the inconclusive failed a check of the measurement, and which: what to mend first. Nothing where none did.
pub(crate) fn failed_checks(verdicts: &[Verdict]) -> Option<String> {
    let mut claims = 0;
    let mut by_gate: BTreeMap<Gate, usize> = BTreeMap::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Inconclusive) {
        let failed: BTreeSet<Gate> = verdict.gates.iter().filter(|gate| !gate.pass).map(|gate| gate.gate).collect();
        claims += usize::from(!failed.is_empty());
        failed.into_iter().for_each(|gate| *by_gate.entry(gate).or_default() += 1);
    }
    let mut gates: Vec<(Gate, usize)> = by_gate.into_iter().collect();
    gates.sort_by_key(|&(gate, count)| (Reverse(count), gate));
    let named = |(gate, count): &(Gate, usize)| format!("{gate:?} ({}) {count}", gate.title());
    let listed: Vec<String> = gates.iter().map(named).collect();
    let advice = match gates.iter().any(|&(gate, _)| gate == Gate::G13) {
        true => ". A machine that nothing else uses passes G13",
        false => "",
    };
    (claims > 0).then(|| {
        format!("Of the inconclusive, {claims} failed a check of the measurement: {}{advice}.", listed.join(", "))
    })
}

/// How long an experiment's trials are measured, and when.
pub(crate) fn measured_for(experiment: &Experiment) -> String {
    let at_most = if experiment.workload.adds_process { "at most " } else { "" };
    let warm_up = match experiment.workload.warm_up_load {
        WarmUpLoad::AsMeasured => format!("a warm-up of {}", experiment.warm_up),
        WarmUpLoad::Closed => format!("closed-loop slices of {} until its rate no longer rose", experiment.warm_up),
    };
    format!("{at_most}{} after {warm_up}", experiment.measure)
}

/// How requests arrive.
pub(crate) fn load(load: &Load) -> String {
    match load {
        Load::Closed(closed) => format!("closed loop, {} connections", closed.connections),
        Load::Open(open) => {
            format!("open loop, {} requests/s{}", number(open.rate.get()), spacing(open.arrival))
        }
        Load::Search(search) => format!(
            "search for the greatest rate with {} ≤ {} and errors ≤ {}",
            search.objective.quantile,
            micros(search.objective.at_most.as_micros_f64()),
            percent(search.objective.errors_at_most)
        ),
    }
}

const fn spacing(spacing: Spacing) -> &'static str {
    match spacing {
        Spacing::Constant => "",
        Spacing::Poisson => ", Poisson",
    }
}

/// A profile as the command line names it.
pub(crate) const fn profile(name: ProfileName) -> &'static str {
    match name {
        ProfileName::Smoke => "smoke",
        ProfileName::Quick => "quick",
        ProfileName::Standard => "standard",
        ProfileName::Full => "full",
    }
}

/// A runtime as its makers name it.
pub(crate) const fn runtime(kind: RuntimeKind) -> &'static str {
    match kind {
        RuntimeKind::Cpython => "CPython",
        RuntimeKind::Node => "Node.js",
        RuntimeKind::Cargo => "Rust",
    }
}

/// The stage of a trial.
pub(crate) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::SetUp => "set-up",
        Stage::StartUp => "start-up",
        Stage::ContractCheck => "contract check",
        Stage::Drive => "load",
        Stage::AfterCheck => "check after the load",
    }
}

/// Text without the control characters that no page or drawing may hold; line ends and tabs stay.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{FFFD}' } else { c }).collect()
}
