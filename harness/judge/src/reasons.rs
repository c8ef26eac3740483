//! Why a verdict is what it is, in words for a reader who is no statistician; the numbers stand beside it in the verdict.

use std::fmt;

use model::analysis::GateResult;
use model::names::ClaimId;
use model::record::Withdrawn;

use crate::effect::EffectInterval;
use crate::runs::arm_of;
use crate::verdicts::Case;
use crate::words::{counted, figure};

/// Beyond this many blocks, three times the full profile's, no one is told to measure on: the effect is as good as on the line.
const MOST_BLOCKS_TOLD: f64 = 60.0;

/// Why.
#[derive(Debug, Clone)]
pub(crate) enum Reason {
    /// The whole interval lies inside the region.
    Inside { result: String, region: String },
    /// The whole interval lies outside of it.
    Outside { result: String, region: String },
    /// It lies on both sides.
    Straddles { result: String, region: String, blocks: usize, would_settle: Option<usize> },
    /// It is open towards the side that would decide.
    Open { result: String, region: String },
    /// The design cannot win.
    TooFewBlocks { blocks: usize, need: usize, claims: usize },
    /// Gates failed.
    GatesFailed { failed: Vec<GateResult>, cut_off: bool },
    /// No ratio with a spread.
    NoEffect,
    /// A fault was found after the run.
    Withdrawn(Withdrawn),
    /// A control came out otherwise.
    ControlFailed { control: ClaimId, how: String },
    /// A control has no result.
    ControlMissing { control: ClaimId, how: String },
}

impl Reason {
    /// The reason of a supported claim.
    pub(crate) fn inside(case: &Case<'_>, interval: EffectInterval) -> Self {
        Self::Inside { result: result(case, interval), region: case.borders.in_words() }
    }

    /// The reason of a refuted claim.
    pub(crate) fn outside(case: &Case<'_>, interval: EffectInterval) -> Self {
        Self::Outside { result: result(case, interval), region: case.borders.in_words() }
    }

    /// The reason of a claim that lies on both sides.
    pub(crate) fn straddles(case: &Case<'_>, interval: EffectInterval) -> Self {
        let (result, region) = (result(case, interval), case.borders.in_words());
        let (Some(low), Some(high)) = (interval.low, interval.high) else {
            return Self::Open { result, region };
        };
        let blocks = case.comparison.pairs.len();
        Self::Straddles { result, region, blocks, would_settle: would_settle(case, interval.estimate, high - low) }
    }
}

/// How many blocks would settle it if the effect stays what it is: the interval's half width shrinks with the root of their number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by MOST_BLOCKS_TOLD")]
fn would_settle(case: &Case<'_>, estimate: f64, width: f64) -> Option<usize> {
    let ran = case.comparison.pairs.len() as f64;
    let need = (ran * (width / 2.0 / case.borders.distance(estimate)).powi(2)).ceil();
    (need > ran && need <= MOST_BLOCKS_TOLD).then_some(need as usize)
}

/// "In throughput, A came to 1.98 times B (1.90 to 2.06)".
fn result(case: &Case<'_>, interval: EffectInterval) -> String {
    let label = |id| arm_of(case.experiment, id).map_or_else(|| id.to_string(), |arm| arm.label.clone());
    let range = match (interval.low, interval.high) {
        (Some(low), Some(high)) => format!("{} to {}", figure(low.exp()), figure(high.exp())),
        (Some(low), None) => format!("at least {}; unanswered requests leave open how much more", figure(low.exp())),
        (None, Some(high)) => format!("at most {}; unanswered requests leave open how much less", figure(high.exp())),
        (None, None) => "unanswered requests leave both ends open".to_owned(),
    };
    format!(
        "in {}, {} came to {} times {} ({range})",
        case.planned.claim.metric.in_words(),
        label(&case.planned.treatment),
        figure(interval.estimate.exp()),
        label(&case.planned.baseline)
    )
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inside { result, region } => write!(out, "It holds: {result}; the claim needs {region}."),
            Self::Outside { result, region } => write!(out, "It does not hold: {result}; the claim needs {region}."),
            Self::Straddles { result, region, blocks, would_settle } => {
                write!(
                    out,
                    "It could be either: {result}; the claim needs {region}, and that range lies on both sides of the line. "
                )?;
                match would_settle {
                    Some(need) => write!(
                        out,
                        "About {need} blocks instead of {blocks} would settle it if the effect stays as it is."
                    ),
                    None => {
                        write!(out, "The effect is so near to the line that more blocks are unlikely to settle it.")
                    }
                }
            }
            Self::Open { result, region } => write!(
                out,
                "It could be either: {result}; the claim needs {region}. Measure longer, or at a rate that the server can answer."
            ),
            Self::TooFewBlocks { blocks, need, claims } => too_few_blocks(out, *blocks, *need, *claims),
            Self::GatesFailed { failed, cut_off } => gates_failed(out, failed, *cut_off),
            Self::NoEffect => write!(out, "The blocks gave no ratio of which a spread could be told."),
            Self::Withdrawn(Withdrawn { reason, on, .. }) => {
                let day = on.split('T').next().unwrap_or_default();
                write!(
                    out,
                    "Withdrawn on {day}, since a fault of the measurement was found: {}.",
                    reason.trim_end_matches('.')
                )
            }
            Self::ControlFailed { control, how } => {
                write!(
                    out,
                    "Its control `{control}` must be supported, and is {how}: this set-up could not have shown the effect."
                )
            }
            Self::ControlMissing { control, how } => {
                write!(out, "Its control `{control}` must be supported, and {how}; run it together with this claim.")
            }
        }
    }
}

fn too_few_blocks(out: &mut fmt::Formatter<'_>, blocks: usize, need: usize, claims: usize) -> fmt::Result {
    let shared = if claims > 1 { format!(", shared by the {claims} claims of its family") } else { String::new() };
    write!(
        out,
        "Too few blocks: with {} even a perfect result comes up by luck once in {} times, and at most 5 % may be luck{shared}. It needs {}: take a larger profile.",
        counted(blocks, "block"),
        1_u64.checked_shl(u32::try_from(blocks).unwrap_or(u32::MAX)).unwrap_or(u64::MAX),
        counted(need, "block")
    )
}

fn gates_failed(out: &mut fmt::Formatter<'_>, failed: &[GateResult], cut_off: bool) -> fmt::Result {
    let gate = |failed: &GateResult| format!("{:?} ({}): {}", failed.gate, failed.gate.title(), failed.detail);
    let gates: Vec<String> = failed.iter().map(gate).collect();
    let noun = if gates.len() == 1 { "A check of the measurement failed" } else { "Checks of the measurement failed" };
    write!(out, "{noun}, so the numbers support nothing. {}.", gates.join(". "))?;
    if cut_off { write!(out, " The record is cut off; go on with `claimbench run --resume`.") } else { Ok(()) }
}
