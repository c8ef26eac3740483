//! Decodes a recorded histogram into its steps, and reads quantiles from them.
//!
//! A record keeps histograms as base64 texts of the HdrHistogram V2 DEFLATE encoding, of whole nanoseconds with three significant
//! digits. Decoded in full each would take hundreds of kilobytes; its non-empty buckets take a few.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::encoded::{Bucket, buckets};

/// Nanoseconds in a microsecond.
const NS_PER_US: f64 = 1e3;

/// Rounding of 1 − q must not make 1,000 requests too few for p99.
const ROUNDING: f64 = 1e-9;

/// The distribution of a time, as the upper edges of its histogram's buckets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Distribution {
    /// Upper edge in ns, and how many values lie at or below it; both rising.
    steps: Vec<(u64, u64)>,
    mean_ns: f64,
}

/// Why a text is no histogram.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum DecodeError {
    /// Not base64.
    #[error("a histogram of the record is damaged: it is no base64 text ({0})")]
    Base64(String),
    /// Not an HdrHistogram.
    #[error("a histogram of the record is damaged: {0}")]
    Histogram(&'static str),
}

impl Distribution {
    /// Decodes the text that a record keeps.
    pub(crate) fn decode(text: &str) -> Result<Self, DecodeError> {
        let bytes = STANDARD.decode(text).map_err(|error| DecodeError::Base64(error.to_string()))?;
        buckets(&bytes).map(|found| Self::of(&found)).map_err(DecodeError::Histogram)
    }

    fn of(buckets: &[Bucket]) -> Self {
        let (mut steps, mut below, mut sum_ns) = (Vec::with_capacity(buckets.len()), 0_u64, 0.0);
        for bucket in buckets {
            below = below.saturating_add(bucket.count);
            // The middle of a bucket stands for its values.
            sum_ns += bucket.count as f64 * (bucket.lowest + bucket.width / 2) as f64;
            steps.push((bucket.lowest + (bucket.width - 1), below));
        }
        Self { steps, mean_ns: sum_ns / below as f64 }
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> u64 {
        self.steps.last().map_or(0, |&(_, below)| below)
    }

    /// The mean in µs; nothing from no values.
    pub(crate) fn mean_us(&self) -> Option<f64> {
        (self.count() > 0).then_some(self.mean_ns / NS_PER_US)
    }

    /// The value in µs at a quantile, of at least one value.
    pub(crate) fn quantile_us(&self, quantile: f64) -> Option<f64> {
        self.at_rank_us(rank(quantile, self.count()))
    }

    /// The value in µs of the `rank`-th smallest value, from 1; nothing beyond the last.
    pub(crate) fn at_rank_us(&self, rank: u64) -> Option<f64> {
        let step = self.steps.partition_point(|&(_, below)| below < rank.max(1));
        self.steps.get(step).map(|&(edge_ns, _)| edge_ns as f64 / NS_PER_US)
    }
}

/// The rank, from 1, of a quantile among `count` values: the smallest with at least that share at or below it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count, rounded up, is a count"
)]
pub(crate) fn rank(quantile: f64, count: u64) -> u64 {
    ((quantile * count as f64 - ROUNDING).ceil() as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
    use proptest::prelude::*;

    fn encoded(values_ns: impl IntoIterator<Item = u64>) -> String {
        written(Histogram::<u64>::new(3).expect("three digits"), values_ns)
    }

    fn written(mut histogram: Histogram<u64>, values_ns: impl IntoIterator<Item = u64>) -> String {
        values_ns.into_iter().for_each(|value| histogram.record(value).expect("resizes"));
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&histogram, &mut bytes).expect("to memory");
        STANDARD.encode(bytes)
    }

    #[test]
    fn quantiles_come_back_within_three_digits() {
        let times = Distribution::decode(&encoded((1..=1000).map(|at| at * 1_000_000))).expect("intact");
        assert_eq!(times.count(), 1000);
        for (quantile, truth_us) in [(0.5, 500e3), (0.99, 990e3), (0.001, 1e3)] {
            let ours = times.quantile_us(quantile).expect("has values");
            assert!((ours / truth_us - 1.0).abs() < 0.001, "{quantile}: {ours}");
        }
        assert!((times.mean_us().expect("has values") / 500_500.0 - 1.0).abs() < 0.001);
        assert_eq!(times.at_rank_us(1001), None);
    }

    #[test]
    fn nothing_comes_from_nothing() {
        let none = Distribution::decode(&encoded([])).expect("intact");
        assert_eq!((none.count(), none.mean_us(), none.quantile_us(0.5)), (0, None, None));
    }

    #[test]
    fn damage_is_an_error() {
        assert!(matches!(Distribution::decode("?"), Err(DecodeError::Base64(_))));
        assert!(matches!(Distribution::decode("AAAA"), Err(DecodeError::Histogram(_))));
        assert!(matches!(Distribution::decode(""), Err(DecodeError::Histogram(_))));
        let whole = encoded([5, 6, 7]);
        assert!(Distribution::decode(&whole[..whole.len() / 8 * 4]).is_err());
    }

    #[test]
    fn a_rank_is_the_smallest_with_the_share_at_or_below() {
        assert_eq!((rank(0.99, 1000), rank(0.5, 3), rank(0.0, 3)), (990, 2, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_reads_what_the_library_reads(
            values in prop::collection::vec((0_u32..44, 0_u64..1_000_000, 1_u64..1_000_000), 0..40),
            digits in 0_u8..=4, lowest in 1_u64..5_000,
        ) {
            let mut histogram = Histogram::<u64>::new_with_bounds(lowest, 1 << 62, digits).expect("bounds");
            for (shift, value, count) in values {
                histogram.record_n((value << shift) & ((1 << 62) - 1), count).expect("within");
            }
            let text = written(histogram, []);
            let bytes = STANDARD.decode(&text).expect("base64");
            let theirs: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).expect("intact");
            let ours = Distribution::decode(&text).expect("intact");
            let mut below = 0;
            let steps = theirs.iter_recorded().map(|step| {
                below += step.count_at_value();
                (step.value_iterated_to(), below)
            });
            prop_assert_eq!(&ours.steps, &steps.collect::<Vec<_>>());
            prop_assert!(theirs.is_empty() || (ours.mean_ns / theirs.mean() - 1.0).abs() < 1e-9 || theirs.mean() == 0.0);
        }

        #[test]
        fn damage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..60, bit in 0_u32..8) {
            let _ = buckets(&bytes);
            let mut damaged = STANDARD.decode(encoded([5, 6, 7_000_000])).expect("base64");
            let at = at % damaged.len();
            damaged[at] ^= 1 << bit;
            let _ = buckets(&damaged);
        }
    }
}
