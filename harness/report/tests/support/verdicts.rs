//! The canonical verdicts: one of each outcome, with a failed gate, a doubt, and one without an estimate.

use model::analysis::{Analysis, Comparison, Gate, GateResult};
use model::define::claim::{Decision, Region};
use model::plan::{NotTestable, PlannedClaim};
use model::record::RunRecord;
use model::verdict::{Outcome, RegionBounds, Verdict};

/// The canonical verdicts, in the plan's order.
pub(crate) fn verdicts(record: &RunRecord, analysis: &Analysis) -> Vec<Verdict> {
    let experiments = record.header.plan.experiments.iter().zip(&analysis.experiments);
    let tested =
        experiments.flat_map(|(experiment, found)| experiment.claims.iter().zip(&found.comparisons).map(tested));
    tested.chain(record.header.plan.not_testable.iter().map(not_testable)).collect()
}

fn region(decision: &Decision) -> RegionBounds {
    let d = 1.0 + decision.margin;
    match decision.region {
        Region::Greater => RegionBounds { above: Some(d), below: None },
        Region::AtMost => RegionBounds { above: None, below: Some(d) },
        Region::Equivalent => RegionBounds { above: Some(1.0 / d), below: Some(d) },
        Region::NonInferior => RegionBounds { above: Some(1.0 / d), below: None },
    }
}

fn tested((claim, comparison): (&PlannedClaim, &Comparison)) -> Verdict {
    let region = region(&claim.claim.decision);
    let blocks = u32::try_from(comparison.pairs.len()).expect("few blocks");
    let estimate = comparison.estimate.as_ref();
    let half = estimate.map(|found| 2.45 * found.log_ratio_sd / f64::from(blocks).sqrt());
    let end = |sign: f64| estimate.zip(half).map(|(found, half)| (found.log_ratio + sign * half).exp());
    let (outcome, reason) = outcome(claim, comparison, region, end(-1.0).zip(end(1.0)));
    Verdict {
        claim: claim.claim.id.clone(),
        family: claim.claim.family.clone(),
        statement: claim.claim.statement.clone(),
        outcome,
        effect: estimate.map(|found| found.log_ratio.exp()),
        low: end(-1.0),
        high: end(1.0),
        confidence: estimate.map(|_| 0.95),
        region,
        blocks,
        p_sign_flip: estimate.map(|found| found.p_sign_flip),
        reason,
        doubts: doubts(claim),
        gates: gates(comparison),
        exploratory: None,
    }
}

fn outcome(
    claim: &PlannedClaim,
    comparison: &Comparison,
    region: RegionBounds,
    interval: Option<(f64, f64)>,
) -> (Outcome, String) {
    let said = |outcome, reason: &str| (outcome, reason.to_owned());
    let Some((low, high)) = interval else {
        return said(Outcome::Inconclusive, "No block gave a pair: every trial of the treatment failed at start-up.");
    };
    let inside = region.above.is_none_or(|above| low > above) && region.below.is_none_or(|below| high < below);
    match (claim.claim.id.as_str(), inside) {
        ("gil-io", _) => {
            let missing = comparison.missing.len();
            (
                Outcome::Inconclusive,
                format!("Gate G12 (sanity) failed: {missing} of 7 blocks is missing; run it again."),
            )
        }
        (_, true) => said(Outcome::Supported, "The whole interval lies where the claim holds, and all gates pass."),
        (_, false) => {
            said(Outcome::Refuted, "The whole interval lies outside the region of the claim, and all gates pass.")
        }
    }
}

fn doubts(claim: &PlannedClaim) -> Vec<String> {
    if claim.claim.id.as_str() == "gil-threads" {
        vec!["The generator shared a core with the server and used 1.4 % of it; a machine with three cores would not need to.".to_owned()]
    } else {
        Vec::new()
    }
}

fn gates(comparison: &Comparison) -> Vec<GateResult> {
    let gate = |gate, pass, detail: &str| GateResult::new(gate, pass, detail);
    let whole = comparison.missing.is_empty();
    vec![
        gate(Gate::G1, true, "N and X·R differ by at most 0.8 %"),
        gate(Gate::G2, true, "all due requests left; send lag p99 31 µs"),
        gate(Gate::G3, true, "the generator used at most 12 % of its core"),
        gate(Gate::G5, true, "every response verified; both counts are 2,800"),
        gate(Gate::G6, true, "no errors"),
        gate(Gate::G9, true, "only the registered factor differs"),
        gate(Gate::G12, whole, if whole { "every block gave a number" } else { "blocks are missing" }),
        gate(Gate::G13, true, "at most 0.3 % of the time was stolen"),
    ]
}

fn not_testable(found: &NotTestable) -> Verdict {
    Verdict {
        claim: found.claim.clone(),
        family: found.family.clone(),
        statement: found.statement.clone(),
        outcome: Outcome::NotTestable,
        effect: None,
        low: None,
        high: None,
        confidence: None,
        region: RegionBounds::default(),
        blocks: 0,
        p_sign_flip: None,
        reason: found.reason.clone(),
        doubts: Vec::new(),
        gates: Vec::new(),
        exploratory: None,
    }
}
