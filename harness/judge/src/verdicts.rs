//! The rule of judgement: from an analysis to one verdict for each claim.
//!
//! Method.md, "Verdict": the interval lies inside the region and all gates pass, *supported*; it lies inside the complement and all
//! gates pass, *refuted*; otherwise *inconclusive*, with the reason. The interval has confidence 1 − 2α, where α is 5 % shared within
//! the claim's family by Holm's procedure. Each claim enters it with the smaller of its two one-sided *p*-values: only
//! one of them can belong to a true hypothesis (Shaffer 1980, "Control of directional errors with stagewise multiple test procedures").

use std::collections::{BTreeMap, BTreeSet};

use model::analysis::{Analysis, Comparison, ExperimentAnalysis, Gate, GateResult};
use model::names::{ClaimId, FamilyName};
use model::plan::{Experiment, NotTestable, Plan, PlannedClaim};
use model::record::RunRecord;
use model::verdict::{Outcome, RegionBounds, Verdict};
use stats::sign_flip::{pairs_needed, smallest_p};
use stats::{Confidence, holm};

use crate::controls::failed_control;
use crate::design::{blocks, level};
use crate::doubts::doubts;
use crate::effect::{Effect, EffectInterval};
use crate::gates::room::Room;
use crate::gates::same_arm;
use crate::reasons::Reason;
use crate::region::{Borders, Side};

/// The chance of a wrong definite verdict within a family of claims (method.md, "Verdict").
pub(crate) const ALPHA: f64 = model::plan::ERROR_RATE;

/// Judges every claim of the plan, in its order; then those that this machine could not test.
#[must_use]
pub fn verdicts(record: &RunRecord, analysis: &Analysis) -> Vec<Verdict> {
    let mut cases = cases(record, analysis);
    share_alpha(&record.header.plan, &mut cases);
    let first: Vec<(Outcome, Reason)> = cases.iter().map(|case| rule(record, case)).collect();
    let verdict = |(at, case): (usize, &Case<'_>)| {
        let (outcome, reason) = match failed_control(record, &cases, &first, case) {
            Some(reason) if is_definite(first[at].0) => (Outcome::Inconclusive, reason),
            _ => first[at].clone(),
        };
        in_full(record, case, outcome, &reason)
    };
    let judged = cases.iter().enumerate().map(verdict);
    judged.chain(record.header.plan.not_testable.iter().map(not_testable)).collect()
}

/// A claim with all that its verdict hangs on.
#[derive(Debug)]
pub(crate) struct Case<'r> {
    pub(crate) experiment: &'r Experiment,
    pub(crate) planned: &'r PlannedClaim,
    pub(crate) comparison: &'r Comparison,
    pub(crate) borders: Borders,
    pub(crate) effect: Option<Effect>,
    /// How many claims share the family's error.
    pub(crate) family_size: usize,
    /// How many blocks its experiment has.
    pub(crate) blocks: u32,
    /// The claim's own share of the error after Holm's correction.
    pub(crate) share: f64,
    /// The level that it is held against: the share, or what the spending function leaves of it to the look at which it ended.
    pub(crate) level: f64,
}

impl Case<'_> {
    /// Its family.
    pub(crate) fn family(&self) -> &FamilyName {
        &self.planned.claim.family
    }

    /// Its claim's id.
    pub(crate) fn id(&self) -> &ClaimId {
        &self.planned.claim.id
    }

    /// The claim's *p*-value for Holm's procedure; 1 where there is no effect, so that it takes part and gains nothing.
    fn p(&self) -> f64 {
        let p = self
            .effect
            .as_ref()
            .map_or(1.0, |effect| self.borders.p_inside(effect).min(self.borders.p_outside(effect)));
        if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }
    }

    /// The two-sided confidence of the interval.
    pub(crate) fn confidence(&self) -> Option<Confidence> {
        Confidence::leaving_each_side(self.level).ok()
    }

    /// The interval at that confidence.
    pub(crate) fn interval(&self) -> Option<EffectInterval> {
        Some(self.effect.as_ref()?.interval(self.confidence()?))
    }

    /// The strictest threshold that Holm's procedure may hold the claim against.
    pub(crate) fn strictest_level(&self) -> f64 {
        ALPHA / self.family_size.max(1) as f64
    }
}

fn cases<'r>(record: &'r RunRecord, analysis: &'r Analysis) -> Vec<Case<'r>> {
    let experiments = record.header.plan.experiments.iter().zip(&analysis.experiments).enumerate();
    let of_one = |(index, (experiment, analysed)): (usize, (&'r Experiment, &'r ExperimentAnalysis))| {
        let (both, blocks) = (experiment.claims.iter().zip(&analysed.comparisons), blocks(record, index));
        both.map(|(planned, comparison)| case(record, experiment, blocks, planned, comparison)).collect::<Vec<_>>()
    };
    experiments.flat_map(of_one).collect()
}

/// A claim's case before its family's error is shared.
pub(crate) fn case<'r>(
    record: &RunRecord,
    experiment: &'r Experiment,
    blocks: u32,
    planned: &'r PlannedClaim,
    comparison: &'r Comparison,
) -> Case<'r> {
    Case {
        experiment,
        planned,
        comparison,
        borders: Borders::of(&planned.claim.decision),
        effect: Effect::of(&comparison.pairs, record.header.plan.seed),
        family_size: 1,
        blocks,
        share: ALPHA,
        level: ALPHA,
    }
}

/// Holm's procedure within each family; claims that could not be tested do not take part, as they were known before any data.
pub(crate) fn share_alpha(plan: &Plan, cases: &mut [Case<'_>]) {
    let families: Vec<FamilyName> = cases.iter().map(|case| case.family().clone()).collect();
    let mut levels = Levels { plan, known: BTreeMap::new() };
    for family in families.iter().collect::<BTreeSet<_>>() {
        let members: Vec<usize> = (0..cases.len()).filter(|&at| families[at] == *family).collect();
        let blocks: Vec<u32> = members.iter().map(|&member| cases[member].blocks).collect();
        let p_values: Vec<f64> = members.iter().map(|&member| cases[member].p()).collect();
        let shares = holm::shares(&p_values, ALPHA, |member, share| levels.of(blocks[member], share));
        for (place, (&member, share)) in members.iter().zip(shares).enumerate() {
            cases[member].family_size = members.len();
            (cases[member].share, cases[member].level) = (share, levels.of(blocks[place], share));
        }
    }
}

/// The levels of a plan's design. Those of a spending function take milliseconds each, and few differ.
struct Levels<'p> {
    plan: &'p Plan,
    known: BTreeMap<(u32, u64), f64>,
}

impl Levels<'_> {
    fn of(&mut self, blocks: u32, share: f64) -> f64 {
        *self.known.entry((blocks, share.to_bits())).or_insert_with(|| level(self.plan, blocks, share))
    }
}

/// The rule for one claim, controls left aside.
pub(crate) fn rule(record: &RunRecord, case: &Case<'_>) -> (Outcome, Reason) {
    let inconclusive = |reason| (Outcome::Inconclusive, reason);
    if let Some(withdrawn) = record.withdrawn.iter().find(|withdrawn| withdrawn.claim == *case.id()) {
        return inconclusive(Reason::Withdrawn(withdrawn.clone()));
    }
    let design = too_few(case, case.experiment.blocks as usize);
    if let Some(reason) = design {
        return inconclusive(reason);
    }
    let failed: Vec<_> = gates_at_level(case).into_iter().filter(|gate| !gate.pass).collect();
    if !failed.is_empty() {
        return inconclusive(Reason::GatesFailed { failed, cut_off: record.cut_off });
    }
    if let Some(reason) = too_few(case, case.comparison.pairs.len()) {
        return inconclusive(reason);
    }
    let first_look = record.header.plan.adaptive.map_or(0, |adaptive| adaptive.first_look);
    if case.blocks < first_look {
        let (blocks, need) = (case.blocks as usize, first_look as usize);
        return inconclusive(Reason::TooFewBlocks { blocks, need, claims: case.family_size });
    }
    match case.interval() {
        None => inconclusive(Reason::NoEffect),
        Some(interval) => match case.borders.side(&interval) {
            Some(Side::Inside) => (Outcome::Supported, Reason::inside(case, interval)),
            Some(Side::Outside) => (Outcome::Refuted, Reason::outside(case, interval)),
            None => inconclusive(Reason::straddles(case, interval)),
        },
    }
}

/// The gates; those that look at the ends of the interval once more at the claim's own level, since Holm's correction moves them.
fn gates_at_level(case: &Case<'_>) -> Vec<GateResult> {
    case.comparison.gates.iter().cloned().map(|gate| at_level(case, gate)).collect()
}

fn at_level(case: &Case<'_>, mut gate: GateResult) -> GateResult {
    let (Some(effect), Some(confidence)) = (&case.effect, case.confidence()) else { return gate };
    let fault = match gate.gate {
        Gate::G8 if !same_arm::holds(&case.comparison.same_arm, &case.borders, effect, confidence) => same_arm::BIASED,
        _ if !has_room(case, &gate, &effect.interval(confidence)) => "; its interval ends nearer",
        _ => return gate,
    };
    if gate.pass {
        gate.pass = false;
        gate.detail.push_str(fault);
        gate.detail.push_str(", at the error level that its family leaves to this claim");
    }
    gate
}

/// Whether what may have moved the effect leaves this interval where it is: G3, G4 and G13 ask that.
fn has_room(case: &Case<'_>, gate: &GateResult, interval: &EffectInterval) -> bool {
    gate.shift.is_none_or(|shift| Room::of(&case.borders, interval).holds(&shift))
}

/// A design whose exact test cannot reach its own threshold is refused, however clear its data look.
fn too_few(case: &Case<'_>, blocks: usize) -> Option<Reason> {
    let level = case.strictest_level();
    let need = pairs_needed(level);
    (smallest_p(blocks) > level).then_some(Reason::TooFewBlocks { blocks, need, claims: case.family_size })
}

fn is_definite(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Supported | Outcome::Refuted)
}

fn in_full(record: &RunRecord, case: &Case<'_>, outcome: Outcome, reason: &Reason) -> Verdict {
    let interval = case.interval();
    Verdict {
        claim: case.id().clone(),
        family: case.family().clone(),
        statement: case.planned.claim.statement.clone(),
        outcome,
        effect: interval.map(|interval| interval.estimate.exp()),
        low: interval.and_then(|interval| interval.low).map(f64::exp),
        high: interval.and_then(|interval| interval.high).map(f64::exp),
        confidence: interval.and(case.confidence()).map(Confidence::share),
        region: case.borders.as_ratios(),
        blocks: u32::try_from(case.comparison.pairs.len()).unwrap_or(u32::MAX),
        p_sign_flip: case.comparison.estimate.as_ref().map(|estimate| estimate.p_sign_flip),
        reason: reason.to_string(),
        doubts: doubts(record, case, outcome).iter().map(ToString::to_string).collect(),
        gates: gates_at_level(case),
        exploratory: None,
    }
}

fn not_testable(why: &NotTestable) -> Verdict {
    let remedy = if why.remedy.is_empty() { String::new() } else { format!(" To mend it: {}.", why.remedy) };
    Verdict {
        claim: why.claim.clone(),
        family: why.family.clone(),
        statement: why.statement.clone(),
        outcome: Outcome::NotTestable,
        effect: None,
        low: None,
        high: None,
        confidence: None,
        region: RegionBounds::default(),
        blocks: 0,
        p_sign_flip: None,
        reason: format!("{}.{remedy}", why.reason),
        doubts: Vec::new(),
        gates: Vec::new(),
        exploratory: None,
    }
}
