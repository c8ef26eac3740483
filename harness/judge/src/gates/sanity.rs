//! G12: no missing block, no crash, no NaN, and nothing beyond what the generator itself can show.

use model::analysis::{Gate, GateResult};
use model::define::claim::Metric;
use model::plan::Arm;

use stats::mean::MIN_VALUES;

use super::Evidence;
use crate::words::{counted, figure};

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let broken = |detail: String| GateResult::new(Gate::G12, false, detail);
    let (Some(baseline), Some(treatment)) = evidence.arms() else {
        return broken("the plan does not hold both arms of the claim".to_owned());
    };
    if let Some(first) = evidence.missing.first() {
        let of = counted(evidence.scene.blocks as usize, "block");
        let block = u64::from(first.block) + 1;
        return broken(format!("{} of {of} missing; block {block}: {}", evidence.missing.len(), first.reason));
    }
    if evidence.effect.is_none() && evidence.pairs.len() >= MIN_VALUES {
        return broken(format!("{} gave no ratio with a spread", counted(evidence.pairs.len(), "block")));
    }
    let beyond = evidence.pairs.iter().find_map(|pair| {
        beyond_belief(evidence, baseline, pair.baseline).or_else(|| beyond_belief(evidence, treatment, pair.treatment))
    });
    match beyond {
        Some(detail) => broken(detail),
        None => {
            let detail = format!("{} with a number from both arms", counted(evidence.pairs.len(), "block"));
            GateResult::new(Gate::G12, true, detail)
        }
    }
}

/// A rate above the calibrated ceiling or a response time below the calibrated floor is not believed (load.md, "Required").
fn beyond_belief(evidence: &Evidence<'_>, arm: &Arm, value: f64) -> Option<String> {
    let calibration = evidence.scene.calibration(arm)?;
    match evidence.planned.claim.metric {
        Metric::Throughput(_) | Metric::Capacity(_) if value > calibration.ceiling_per_s => Some(format!(
            "{}: {} requests/s is more than the {} that the generator reaches with a server that does nothing",
            arm.label,
            figure(value),
            figure(calibration.ceiling_per_s)
        )),
        Metric::ResponseTime(_) | Metric::DeliveryTime(_) | Metric::AcknowledgementTime(_)
            if value < calibration.floor_us_p50 =>
        {
            Some(format!(
                "{}: {} µs is less than the {} µs that a server that does nothing shows",
                arm.label,
                figure(value),
                figure(calibration.floor_us_p50)
            ))
        }
        _ => None,
    }
}
