//! Recorded histograms as steps: how many values lie in each bucket. They are drawn and exported from; numbers that verdicts
//! rest on come from the analysis, never from here.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use model::names::StreamName;
use model::plan::ArmId;
use model::record::{Observation, RunRecord, TrialOutcome};

/// A distribution of times, as the upper edges of its buckets in ns with the number of values in each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Distribution {
    /// In rising order; a record has thousands of these, so that they are kept flat.
    buckets: Vec<(u64, u64)>,
}

/// The response times of every arm and stream of a record by block, each decoded once.
#[derive(Debug, Default)]
pub(crate) struct Times {
    of: BTreeMap<(usize, ArmId, StreamName), Vec<(u32, Distribution)>>,
}

impl Times {
    /// Decodes a record; blocks without a readable histogram are left out.
    pub(crate) fn of(record: &RunRecord) -> Self {
        let mut times = Self::default();
        for found in &record.trials {
            let TrialOutcome::Observed(observation) = &found.outcome else { continue };
            for stream in &observation.streams {
                let Some(distribution) = Distribution::decode(&stream.response_time) else { continue };
                let key = (found.trial.experiment, found.trial.arm.clone(), stream.stream.clone());
                times.of.entry(key).or_default().push((found.trial.block, distribution));
            }
        }
        times.of.values_mut().for_each(|blocks| blocks.sort_by_key(|(block, _)| *block));
        times
    }

    /// The blocks of one stream of an arm.
    pub(crate) fn blocks(&self, experiment: usize, arm: &ArmId, stream: &StreamName) -> &[(u32, Distribution)] {
        self.of.get(&(experiment, arm.clone(), stream.clone())).map_or(&[], Vec::as_slice)
    }
}

impl Distribution {
    /// Decodes the text that a record keeps; nothing where it is damaged or empty.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let histogram = histogram(text)?;
        let mut buckets = Vec::new();
        // The library's own iterators walk all buckets; there are hundreds of histograms in a record.
        let mut next = (!histogram.is_empty()).then(|| histogram.lowest_equivalent(histogram.min()));
        while let Some(value) = next {
            let (count, edge_ns) = (histogram.count_at(value), histogram.highest_equivalent(value));
            if count > 0 {
                buckets.push((edge_ns, count));
            }
            next = (edge_ns < histogram.max()).then(|| edge_ns + 1);
        }
        (!buckets.is_empty()).then_some(Self { buckets })
    }

    /// All values of several distributions.
    pub(crate) fn pooled<'d>(all: impl IntoIterator<Item = &'d Self>) -> Self {
        let mut pooled: BTreeMap<u64, u64> = BTreeMap::new();
        for (edge, count) in all.into_iter().flat_map(|one| &one.buckets) {
            *pooled.entry(*edge).or_default() += count;
        }
        Self { buckets: pooled.into_iter().collect() }
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }

    /// The upper edge of each bucket in ns, with how many values lie at or below it.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (u64, u64)> {
        self.buckets.iter().scan(0, |below, (edge, count)| {
            *below += count;
            Some((*edge, *below))
        })
    }

    /// The share of values above `from` and at most `to`, in ns.
    pub(crate) fn share_between(&self, from: u64, to: u64) -> f64 {
        let first = self.buckets.partition_point(|(edge, _)| *edge <= from);
        let within: u64 =
            self.buckets.iter().skip(first).take_while(|(edge, _)| *edge <= to).map(|(_, count)| count).sum();
        within as f64 / (self.count() as f64).max(1.0)
    }

    /// The time by which a share of the values had come, in µs; nothing where there are none.
    pub(crate) fn micros_at(&self, share: f64) -> Option<f64> {
        let wanted = self.count() as f64 * share;
        self.steps().find(|(_, below)| *below as f64 >= wanted).map(|(edge, _)| edge as f64 / 1e3)
    }

    /// The least and the greatest edge in ns.
    pub(crate) fn ends(&self) -> Option<(u64, u64)> {
        Some((self.buckets.first()?.0, self.buckets.last()?.0))
    }
}

/// The library's own histogram of a text; nothing where it is damaged.
pub(crate) fn histogram(text: &str) -> Option<Histogram<u64>> {
    let bytes = STANDARD.decode(text).ok()?;
    Deserializer::new().deserialize(&mut bytes.as_slice()).ok()
}

/// The observed trials of an arm in the order of their blocks.
pub(crate) fn observed<'r>(record: &'r RunRecord, experiment: usize, arm: &'r ArmId) -> Vec<(u32, &'r Observation)> {
    let of_arm = record.trials.iter().filter(|found| found.trial.experiment == experiment && found.trial.arm == *arm);
    let mut found: Vec<(u32, &Observation)> = of_arm
        .filter_map(|found| match &found.outcome {
            TrialOutcome::Observed(observation) => Some((found.trial.block, &**observation)),
            TrialOutcome::Failed(_) => None,
        })
        .collect();
    found.sort_by_key(|(block, _)| *block);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};

    fn text(values: &[u64]) -> String {
        let mut histogram = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3).unwrap();
        values.iter().for_each(|value| histogram.record(*value).unwrap());
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&histogram, &mut bytes).unwrap();
        STANDARD.encode(bytes)
    }

    #[test]
    fn what_was_recorded_is_found_again() {
        let values = [1_000, 1_000, 2_000_000, 5_000_000_000];
        let decoded = Distribution::decode(&text(&values)).expect("a histogram");
        assert_eq!(decoded.count(), 4);
        let steps: Vec<(u64, u64)> = decoded.steps().collect();
        assert_eq!(steps.iter().map(|(_, below)| *below).collect::<Vec<_>>(), [2, 3, 4]);
        for ((edge, _), value) in steps.iter().zip([1_000_u64, 2_000_000, 5_000_000_000]) {
            assert!(*edge >= value && (*edge as f64) < value as f64 * 1.002, "{edge} for {value}");
        }
        assert!((decoded.share_between(0, 1_500) - 0.5).abs() < 1e-12);
        assert!((decoded.share_between(1_500, 3_000_000) - 0.25).abs() < 1e-12);
        let at = |share| decoded.micros_at(share).expect("values");
        assert!((at(0.5) - 1.0).abs() < 0.01 && (at(0.75) / 2_000.0 - 1.0).abs() < 0.002, "{} {}", at(0.5), at(0.75));
        assert_eq!(Distribution::default().micros_at(0.5), None);
    }

    #[test]
    fn pooling_loses_nothing_and_damage_is_nothing() {
        let (one, other) = (Distribution::decode(&text(&[10, 20])), Distribution::decode(&text(&[20, 30])));
        let pooled = Distribution::pooled(one.iter().chain(&other));
        assert_eq!(pooled.steps().last(), Some((30, 4)));
        for damaged in ["", "not base64!", "AAAA"] {
            assert_eq!(Distribution::decode(damaged), None, "{damaged}");
        }
    }
}
