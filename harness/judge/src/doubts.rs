//! What weakens a verdict without withholding it: each doubt says what to do.

use std::fmt;

use model::analysis::Gate;
use model::define::claim::Metric;
use model::record::{RunRecord, TrialOutcome, TrialRecord};
use model::verdict::Outcome;

use crate::verdicts::Case;
use crate::words::{chance, counted, figure};

/// Method.md, "Design of an experiment", 3: normally 10 to 20 blocks.
const USUAL_BLOCKS: usize = 10;

/// A response time below this many floors is in good part the generator's own: within twice the floor half of it may be.
const NEAR_FLOOR: f64 = 2.0;

/// A rate above this share of the ceiling may be the generator's limit: the same 80 % as gate G3's.
const NEAR_CEILING: f64 = 0.8;

/// A reason to be careful.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Doubt {
    /// Fewer than usual.
    FewBlocks { blocks: usize },
    /// The test without assumptions on the shape does not agree.
    SignFlipDisagrees { p: f64, level: f64 },
    /// Requests unanswered at the end leave a number open.
    Censored { blocks: usize },
    /// Near to what the generator itself shows.
    NearFloor { value_us: f64, floor_us: f64 },
    /// Near to what the generator can drive.
    NearCeiling { rate_per_s: f64, ceiling_per_s: f64 },
    /// No calibration of the layout.
    NotCalibrated,
    /// Runs too short to tell whether they had settled.
    NotClassified,
    /// Host stalls were not watched with priority.
    StallsNotWatched,
    /// The host disturbed trials, which were run again.
    Repeated { trials: usize },
    /// The session had no controls of its own.
    NoControls,
    /// The definitions are not those of a commit.
    Uncommitted,
    /// The run did not come to its end.
    Unfinished,
    /// What the machine cannot do.
    Machine(String),
}

impl fmt::Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewBlocks { blocks } => {
                write!(
                    out,
                    "Only {}, where 10 to 20 are usual; the standard profile has them.",
                    counted(*blocks, "block")
                )
            }
            Self::SignFlipDisagrees { p, level } => write!(
                out,
                "The sign-flip test, which assumes no shape, does not agree (p {}, needed {level:.4}); more blocks would tell.",
                chance(*p)
            ),
            Self::Censored { blocks } => write!(
                out,
                "In {} some requests were unanswered at the end, so that numbers are \"at least\"; measure longer, or at a lower rate.",
                counted(*blocks, "block")
            ),
            Self::NearFloor { value_us, floor_us } => write!(
                out,
                "{} µs is near to the {} µs that the generator shows with a server that does nothing; a slower route tells more.",
                figure(*value_us),
                figure(*floor_us)
            ),
            Self::NearCeiling { rate_per_s, ceiling_per_s } => write!(
                out,
                "{} requests/s is near to the {} that the generator reaches at most; give it more cores.",
                figure(*rate_per_s),
                figure(*ceiling_per_s)
            ),
            Self::NotCalibrated => write!(out, "The generator was not calibrated in this core layout; run again."),
            Self::NotClassified => {
                write!(
                    out,
                    "The runs were too short to tell whether the servers had settled; a larger profile measures longer."
                )
            }
            Self::StallsNotWatched => write!(
                out,
                "Stalls of the host could not be told from the server's own load; allow real-time priority (CAP_SYS_NICE) to watch them."
            ),
            Self::Repeated { trials } => write!(
                out,
                "The host took too much of {}, which ran again; the attempt it took least from counts. A quieter machine needs none.",
                counted(*trials, "trial")
            ),
            Self::NoControls => write!(
                out,
                "No arm was measured twice and none had a known delay, so that a bias of the session itself was not looked for; a new run has both."
            ),
            Self::Uncommitted => {
                write!(out, "The definitions had changes that no commit holds; commit them and run again.")
            }
            Self::Unfinished => write!(out, "The run did not come to its end; go on with `claimbench run --resume`."),
            Self::Machine(text) => write!(out, "{text}"),
        }
    }
}

/// All doubts about a verdict.
pub(crate) fn doubts(record: &RunRecord, case: &Case<'_>, outcome: Outcome) -> Vec<Doubt> {
    let mut found = about_the_numbers(case, outcome);
    found.extend(about_the_generator(record, case));
    found.extend(about_the_runs(record, case));
    if record.header.plan.controls.is_empty() {
        found.push(Doubt::NoControls);
    }
    if record.header.commit.as_ref().is_none_or(|commit| commit.ends_with("-dirty")) {
        found.push(Doubt::Uncommitted);
    }
    if record.finished.is_none() {
        found.push(Doubt::Unfinished);
    }
    found.extend(record.header.machine.doubts.iter().cloned().map(Doubt::Machine));
    found
}

fn about_the_numbers(case: &Case<'_>, outcome: Outcome) -> Vec<Doubt> {
    let mut found = Vec::new();
    let pairs = &case.comparison.pairs;
    if pairs.len() < USUAL_BLOCKS {
        found.push(Doubt::FewBlocks { blocks: pairs.len() });
    }
    let p = case.comparison.estimate.as_ref().map_or(0.0, |estimate| estimate.p_sign_flip);
    if matches!(outcome, Outcome::Supported | Outcome::Refuted) && p > case.level {
        found.push(Doubt::SignFlipDisagrees { p, level: case.level });
    }
    let open = |value: f64, most: Option<f64>| most != Some(value);
    let censored = pairs
        .iter()
        .filter(|pair| open(pair.baseline, pair.baseline_at_most) || open(pair.treatment, pair.treatment_at_most));
    // A search that the generator ended is open too, but gate G4 says so and withholds the verdict.
    let searched = matches!(case.planned.claim.metric, Metric::Capacity(_));
    match censored.count() {
        0 => {}
        _ if searched => {}
        blocks => found.push(Doubt::Censored { blocks }),
    }
    found
}

fn about_the_generator(record: &RunRecord, case: &Case<'_>) -> Vec<Doubt> {
    let pairs = &case.comparison.pairs;
    let baseline = (&case.planned.baseline, pairs.iter().map(|pair| pair.baseline).collect::<Vec<_>>());
    let treatment = (&case.planned.treatment, pairs.iter().map(|pair| pair.treatment).collect::<Vec<_>>());
    let mut found = Vec::new();
    for (arm, values) in [baseline, treatment] {
        let Some(arm) = crate::runs::arm_of(case.experiment, arm) else { continue };
        let Some(calibration) =
            record.calibrations.iter().rev().find(|calibration| calibration.server_cores == arm.cores)
        else {
            found.push(Doubt::NotCalibrated);
            continue;
        };
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(0.0, f64::max);
        match case.planned.claim.metric {
            Metric::ResponseTime(_) if least < NEAR_FLOOR * calibration.floor_us_p50 => {
                found.push(Doubt::NearFloor { value_us: least, floor_us: calibration.floor_us_p50 });
            }
            Metric::Throughput(_) | Metric::Capacity(_) if greatest > NEAR_CEILING * calibration.ceiling_per_s => {
                found.push(Doubt::NearCeiling { rate_per_s: greatest, ceiling_per_s: calibration.ceiling_per_s });
            }
            _ => {}
        }
    }
    found.dedup();
    found
}

fn about_the_runs(record: &RunRecord, case: &Case<'_>) -> Vec<Doubt> {
    let mut found = Vec::new();
    let steady = case.comparison.gates.iter().find(|result| result.gate == Gate::G7);
    if steady.is_some_and(|result| result.detail.starts_with(crate::gates::NOT_APPLICABLE)) {
        found.push(Doubt::NotClassified);
    }
    let arms = [&case.planned.baseline, &case.planned.treatment];
    let of_claim = |trial: &&TrialRecord| {
        let experiment = record.header.plan.experiments.get(trial.trial.experiment);
        arms.contains(&&trial.trial.arm) && experiment.is_some_and(|of| std::ptr::eq(of, case.experiment))
    };
    match record.repeats.iter().filter(of_claim).count() {
        0 => {}
        trials => found.push(Doubt::Repeated { trials }),
    }
    let unwatched = record.trials.iter().filter(of_claim).filter_map(|trial| match &trial.outcome {
        TrialOutcome::Observed(observation) => Some(observation.hiccups.iter().all(|hiccups| !hiccups.real_time)),
        TrialOutcome::Failed(_) => None,
    });
    if unwatched.into_iter().any(|unwatched| unwatched) {
        found.push(Doubt::StallsNotWatched);
    }
    found
}
