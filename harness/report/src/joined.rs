//! Joins record, analysis and verdicts, so that charts and pages ask one place; what is missing is `None`.

use std::collections::BTreeSet;

use model::analysis::{Analysis, ArmAnalysis, Comparison, ExperimentAnalysis, StreamAnalysis};
use model::define::claim::ClaimRole;
use model::define::workload::{Role, Stream};
use model::expect::Expectations;
use model::history::Trend;
use model::names::{ClaimId, StreamName};
use model::plan::{Arm, ArmId, Experiment, NotTestable, PlannedClaim};
use model::record::{
    Calibration, Observation, RunRecord, TransportObservation, TrialFailure, TrialOutcome, TrialRecord,
};
use model::verdict::Verdict;

use crate::distribution::{Times, observed};
use crate::prices::Prices;

/// A run with all that was made of it.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) record: &'a RunRecord,
    pub(crate) analysis: &'a Analysis,
    pub(crate) verdicts: &'a [Verdict],
    /// What earlier runs came to; none where no history is at hand.
    pub(crate) trends: &'a [Trend],
    /// What a maintainer knows to come out.
    pub(crate) expected: &'a Expectations,
    /// What the pages of claims about cost reckon with.
    pub(crate) prices: Prices,
    /// One for each verdict, in their order.
    pub(crate) claims: Vec<ClaimView<'a>>,
    /// The response times of every trial.
    pub(crate) times: Times,
}

/// One claim with its verdict and, where it was planned, its design and its numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimView<'a> {
    pub(crate) verdict: &'a Verdict,
    pub(crate) design: Option<Design<'a>>,
    pub(crate) analysis: Option<&'a ExperimentAnalysis>,
    pub(crate) comparison: Option<&'a Comparison>,
    pub(crate) not_testable: Option<&'a NotTestable>,
}

/// How a claim was put to the test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Design<'a> {
    pub(crate) number: usize,
    pub(crate) experiment: &'a Experiment,
    pub(crate) planned: &'a PlannedClaim,
}

impl<'a> Run<'a> {
    pub(crate) fn join(
        record: &'a RunRecord,
        analysis: &'a Analysis,
        verdicts: &'a [Verdict],
        trends: &'a [Trend],
        expected: &'a Expectations,
        prices: Prices,
    ) -> Self {
        let claims = verdicts.iter().map(|verdict| ClaimView::join(record, analysis, verdict)).collect();
        Self { record, analysis, verdicts, trends, expected, prices, claims, times: Times::of(record) }
    }

    pub(crate) fn claim(&self, id: &ClaimId) -> Option<&ClaimView<'a>> {
        self.claims.iter().find(|claim| claim.verdict.claim == *id)
    }

    /// The newest calibration of a core layout.
    pub(crate) fn calibration(&self, server_cores: u16) -> Option<&'a Calibration> {
        self.record.calibrations.iter().rev().find(|found| found.server_cores == server_cores)
    }

    pub(crate) fn trial(&self, index: u32) -> Option<&'a TrialRecord> {
        self.record.trials.iter().find(|found| found.trial.index == index)
    }

    pub(crate) fn observation(&self, index: u32) -> Option<&'a Observation> {
        match &self.trial(index)?.outcome {
            TrialOutcome::Observed(observation) => Some(observation),
            TrialOutcome::Failed(_) => None,
        }
    }

    pub(crate) fn failures(&self) -> impl Iterator<Item = (&'a TrialRecord, &'a TrialFailure)> {
        self.record.trials.iter().filter_map(|trial| match &trial.outcome {
            TrialOutcome::Failed(failure) => Some((trial, failure)),
            TrialOutcome::Observed(_) => None,
        })
    }

    /// What the transport of a stream gave in each block of an arm; blocks without it are left out.
    pub(crate) fn carried(
        &self,
        design: &Design<'a>,
        arm: &'a ArmId,
        stream: &StreamName,
    ) -> Vec<&'a TransportObservation> {
        let blocks = observed(self.record, design.number, arm).into_iter();
        let of_stream = |seen: &'a Observation| seen.streams.iter().find(|found| found.stream == *stream);
        blocks.filter_map(|(_, seen)| of_stream(seen)?.transport.as_ref()).collect()
    }

    /// An observation of an arm: the typical one, else the first.
    pub(crate) fn example(&self, design: &Design<'a>, arm: &ArmId, typical: Option<u32>) -> Option<&'a Observation> {
        typical.and_then(|index| self.observation(index)).or_else(|| {
            let mut of_arm = self
                .record
                .trials
                .iter()
                .filter(|found| found.trial.experiment == design.number && found.trial.arm == *arm);
            of_arm.find_map(|found| self.observation(found.trial.index))
        })
    }
}

impl<'a> ClaimView<'a> {
    fn join(record: &'a RunRecord, analysis: &'a Analysis, verdict: &'a Verdict) -> Self {
        let plan = &record.header.plan;
        let design = plan.experiments.iter().enumerate().find_map(|(number, experiment)| {
            let planned = experiment.claims.iter().find(|planned| planned.claim.id == verdict.claim)?;
            Some(Design { number, experiment, planned })
        });
        let experiment = design.and_then(|design| analysis.experiments.get(design.number));
        let comparisons = experiment.into_iter().flat_map(|experiment| &experiment.comparisons);
        Self {
            verdict,
            design,
            analysis: experiment,
            comparison: comparisons.into_iter().find(|comparison| comparison.claim == verdict.claim),
            not_testable: plan.not_testable.iter().find(|found| found.claim == verdict.claim),
        }
    }

    pub(crate) fn is_control(&self) -> bool {
        self.design.is_some_and(|design| design.planned.claim.role == ClaimRole::Control)
    }

    pub(crate) fn arm_analysis(&self, arm: &ArmId) -> Option<&'a ArmAnalysis> {
        self.analysis?.arms.iter().find(|found| found.arm == *arm)
    }

    /// The numbers of the stream that the claim is about, for one arm.
    pub(crate) fn stream_analysis(&self, arm: &ArmId) -> Option<&'a StreamAnalysis> {
        let stream = self.design?.stream()?;
        self.arm_analysis(arm)?.streams.iter().find(|found| found.stream == stream.name)
    }
}

impl<'a> Design<'a> {
    /// The stream that the claim is about.
    pub(crate) fn stream(&self) -> Option<&'a Stream> {
        let streams = &self.experiment.workload.streams;
        match self.planned.claim.metric.stream() {
            Some(name) => streams.iter().find(|stream| stream.name == *name),
            None => streams.iter().find(|stream| stream.role == Role::Measured),
        }
    }

    pub(crate) fn arm(&self, id: &ArmId) -> Option<&'a Arm> {
        self.experiment.arms.iter().find(|arm| arm.id == *id)
    }

    /// Baseline, then treatment; fewer where the plan lacks one.
    pub(crate) fn compared(&self) -> Vec<&'a Arm> {
        [&self.planned.baseline, &self.planned.treatment].into_iter().filter_map(|id| self.arm(id)).collect()
    }

    /// Baseline, treatment and the arms of the other levels, each once.
    pub(crate) fn arms(&self) -> Vec<&'a Arm> {
        let levels = self.planned.levels.iter().map(|level| &level.arm);
        let mut seen = BTreeSet::new();
        [&self.planned.baseline, &self.planned.treatment]
            .into_iter()
            .chain(levels)
            .filter(|id| seen.insert(*id))
            .filter_map(|id| self.arm(id))
            .collect()
    }
}
