//! A histogram as the text that HdrHistogram's plotters read (`.hgrm`): `outputPercentileDistribution` of the Java implementation.

use std::fmt::Write;

use hdrhistogram::Histogram;

/// Lines for each halving of the distance to 100 %, as the other tools have them.
const TICKS_PER_HALF_DISTANCE: u32 = 5;

/// The text of a histogram of nanoseconds, in milliseconds: value, quantile, requests up to it, and 1/(1 − quantile).
#[must_use]
pub fn hgrm(times_ns: &Histogram<u64>) -> String {
    let mut text = String::from("       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    let mut count = 0;
    // Writing to a string cannot fail.
    for step in times_ns.iter_quantiles(TICKS_PER_HALF_DISTANCE) {
        count += step.count_since_last_iteration();
        let (value_ms, quantile) = (millis(step.value_iterated_to()), step.quantile_iterated_to());
        let _ = if quantile < 1.0 {
            writeln!(text, "{value_ms:12.3} {quantile:14.12} {count:10} {:14.2}", 1.0 / (1.0 - quantile))
        } else {
            writeln!(text, "{value_ms:12.3} {quantile:14.12} {count:10}            inf")
        };
    }
    let (mean_ms, deviation_ms) = (times_ns.mean() / 1e6, times_ns.stdev() / 1e6);
    let _ = writeln!(text, "#[Mean    = {mean_ms:12.3}, StdDeviation   = {deviation_ms:12.3}]");
    let _ = writeln!(text, "#[Max     = {:12.3}, Total count    = {:12}]", millis(times_ns.max()), times_ns.len());
    // What the reference implementation says of its arrays: for a histogram from 1 ns on, of this many digits.
    let sub_buckets = 1_u64 << (u32::from(times_ns.sigfig()) * 10).div_ceil(3).max(1);
    let buckets = buckets(times_ns.high(), sub_buckets * 2);
    let _ = writeln!(text, "#[Buckets = {buckets:12}, SubBuckets     = {:12}]", sub_buckets * 2);
    text
}

/// How many doublings of `sub_buckets` cover the greatest value.
fn buckets(greatest: u64, sub_buckets: u64) -> u32 {
    let mut covered = sub_buckets;
    let mut buckets = 1;
    while covered <= greatest && covered <= u64::MAX / 2 {
        covered *= 2;
        buckets += 1;
    }
    buckets
}

#[expect(clippy::cast_precision_loss, reason = "three digits are what it has")]
fn millis(time_ns: u64) -> f64 {
    time_ns as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::histogram;

    #[test]
    fn every_line_tells_value_quantile_and_count() {
        let mut times = histogram();
        (1..=1_000_u64).for_each(|ms| times.saturating_record(ms * 1_000_000));
        let text = hgrm(&times);
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().map(|word| word.parse().unwrap()).collect())
            .collect();
        assert!(rows.iter().all(|row| row.len() == 4) && rows.len() > 20);
        for row in &rows {
            // A thousand evenly spaced values: value, quantile and count say the same, to the histogram's three digits.
            assert!((row[0] / 1_000.0 - row[2] / 1_000.0).abs() < 2e-3, "{row:?}");
            assert!(row[2] / 1_000.0 >= row[1] - 1e-3, "{row:?}");
        }
        let last = rows.last().unwrap();
        assert_eq!((last[1], last[2]), (1.0, 1_000.0));
        assert!(text.contains("Total count    =         1000]"), "{text}");
        assert!(text.contains("#[Buckets =           32, SubBuckets     =         2048]"), "{text}");
    }

    #[test]
    fn an_empty_one_has_no_rows() {
        assert!(hgrm(&histogram()).contains("Total count    =            0]"));
    }
}
