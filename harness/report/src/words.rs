//! Numbers and facts in words, the same in charts, pages and tables.

use model::define::claim::Metric;
use model::define::server::RuntimeKind;
use model::define::workload::{Load, Spacing};
use model::plan::ProfileName;
use model::record::Stage;
use model::verdict::{Outcome, RegionBounds, Verdict};

/// The sign of an outcome, so that nothing hangs on colour alone.
pub(crate) const fn symbol(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Supported => "✓",
        Outcome::Refuted => "✗",
        Outcome::Inconclusive => "?",
        Outcome::NotTestable => "–",
    }
}

/// A number with about three significant digits and thousands set apart.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if !value.is_finite() => "unknown".to_owned(),
        _ if size >= 100.0 => thousands(value),
        _ if size >= 10.0 => format!("{value:.1}"),
        _ if size >= 0.1 => format!("{value:.2}"),
        _ if size == 0.0 => "0".to_owned(),
        _ if size >= 0.001 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

/// A whole number with thousands set apart.
pub(crate) fn count(value: u64) -> String {
    thousands(value as f64)
}

/// A share as per cent.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// Microseconds in the unit that reads best.
pub(crate) fn micros(us: f64) -> String {
    match us.abs() {
        _ if !us.is_finite() => "unknown".to_owned(),
        size if size >= 1e6 => format!("{} s", number(us / 1e6)),
        size if size >= 1e3 => format!("{} ms", number(us / 1e3)),
        _ => format!("{} µs", number(us)),
    }
}

/// Seconds in the unit that reads best.
pub(crate) fn seconds(s: f64) -> String {
    if s >= 90.0 { format!("{} min", number(s / 60.0)) } else { format!("{} s", number(s)) }
}

/// A value of a metric with its unit.
pub(crate) fn measured(metric: &Metric, value: f64) -> String {
    match metric {
        Metric::Throughput(_) | Metric::Capacity(_) => format!("{}/s", number(value)),
        Metric::ResponseTime(_) | Metric::CpuPerRequest(_) => micros(value),
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
    let is_time = matches!(metric, Metric::ResponseTime(_) | Metric::CpuPerRequest(_));
    let (unit, words) = if is_time && greatest >= 2_000.0 { (1e3, words.replace("µs", "ms")) } else { (1.0, words) };
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
    let times = format!("{} times", number(verdict.effect?));
    match (verdict.low, verdict.high) {
        (Some(low), Some(high)) => Some(format!("{times} ({} to {})", number(low), number(high))),
        _ => Some(format!("{times} (no interval)")),
    }
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

/// A registered number, without zeros that say nothing.
pub(crate) fn border(ratio: f64) -> String {
    let text = number(ratio);
    let is_short = text.contains('.') && !text.contains('e');
    if is_short { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_about_three_digits() {
        let shown: Vec<String> =
            [0.0, 0.034, 0.987, 1.0244, 45.67, 1234.5, 1e6, -2500.0, f64::NAN].into_iter().map(number).collect();
        assert_eq!(shown, ["0", "0.0340", "0.99", "1.02", "45.7", "1,234", "1,000,000", "−2,500", "unknown"]);
    }

    #[test]
    fn times_take_the_unit_that_reads_best() {
        assert_eq!([micros(85.2), micros(1234.0), micros(2.5e6)], ["85.2 µs", "1.23 ms", "2.50 s"]);
        assert_eq!([percent(0.01), percent(0.001), percent(0.99)], ["1 %", "0.1 %", "99 %"]);
    }
}
