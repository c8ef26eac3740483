//! What a million requests would cost the arms of a claim about cost, at the reference prices: derived beside the verdict, no part of it.

use maud::{Markup, html};
use model::define::claim::Metric;
use model::plan::Arm;
use model::record::TrialOutcome;

use crate::joined::{ClaimView, Design, Run};
use crate::prices::Used;
use crate::site::parts::{table, text};
use crate::words;

const HEADS: [&str; 5] = ["Arm", "CPU-seconds", "Memory", "Price of both", "Of that, memory"];

/// The section of a claim's page; empty where the claim is about something else than CPU or memory.
pub(crate) fn bill(run: &Run<'_>, claim: &ClaimView<'_>) -> Markup {
    let about_cost = |metric: &Metric| matches!(metric, Metric::CpuPerRequest(_) | Metric::Memory(_));
    let Some(design) = claim.design.filter(|design| about_cost(&design.planned.claim.metric)) else { return html! {} };
    let rows: Vec<Vec<Markup>> = design.arms().into_iter().filter_map(|arm| row(run, claim, &design, arm)).collect();
    let prices = run.prices;
    html! {
        @if !rows.is_empty() {
            section aria-labelledby="bill" {
                h2 id="bill" { "What a million requests would cost" }
                p {
                    "Derived, not judged: at $" (prices.core_hour) " for a core and $" (prices.gib_hour) " for a GiB of memory an hour. \
                     Memory is what all processes hold (shared pages once) for as long as a million requests take at the rate of this workload; machines that stand \
                     idle, networks and people are left out. "
                    code { "claimbench report --price-per-core-hour … --price-per-gib-hour …" } " takes other prices."
                }
                (table("Price of a million requests by arm, medians over the blocks", &HEADS, &rows))
            }
        }
    }
}

fn row(run: &Run<'_>, claim: &ClaimView<'_>, design: &Design<'_>, arm: &Arm) -> Option<Vec<Markup>> {
    let analysis = claim.arm_analysis(&arm.id)?;
    let used = Used {
        cpu_us_per_request: analysis.cpu_us_per_request?.median,
        memory_mib: memory_mib(run, design, arm)?,
        rate_per_s: analysis.streams.first()?.throughput_per_s?.median,
    };
    let bill = run.prices.of_million(used);
    let share = if bill.sum() > 0.0 { bill.memory / bill.sum() } else { 0.0 };
    Some(vec![
        text(&arm.label),
        text(format!("{} s", words::number(used.cpu_us_per_request))),
        text(format!("{} MiB", words::number(used.memory_mib))),
        text(dollars(bill.sum())),
        text(words::percent(share)),
    ])
}

/// The median of the memory that an arm's processes held at the end of each block's load, in MiB.
fn memory_mib(run: &Run<'_>, design: &Design<'_>, arm: &Arm) -> Option<f64> {
    let own =
        run.record.trials.iter().filter(|found| found.trial.experiment == design.number && found.trial.arm == arm.id);
    let mut sizes: Vec<f64> = own
        .filter_map(|found| match &found.outcome {
            TrialOutcome::Observed(seen) => seen.samples.server_pss_mib,
            TrialOutcome::Failed(_) => None,
        })
        .collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied()
}

/// An amount with three digits that say something; a million requests cost fractions of a cent.
fn dollars(amount: f64) -> String {
    let digits = if amount > 0.0 { (2.0 - amount.log10().floor()).clamp(2.0, 8.0) } else { 2.0 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 8")]
    let digits = digits as usize;
    format!("${amount:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_three_digits() {
        let shown = [0.040_48, 0.004_466, 12.0, 0.0, 0.000_123_4].map(dollars);
        assert_eq!(shown, ["$0.0405", "$0.00447", "$12.00", "$0.00", "$0.000123"]);
    }
}
