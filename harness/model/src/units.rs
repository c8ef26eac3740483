//! Units that stand in definitions and records: spans of time, rates and quantiles.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A span of time, written with its unit: `"150us"`, `"20ms"`, `"2.5s"` or `"3min"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    nanos: u64,
}

/// The units a [`Span`] may be written with, longest name first so that a suffix is never mistaken.
const SPAN_UNITS: [(&str, f64); 5] = [("min", 60e9), ("ms", 1e6), ("us", 1e3), ("ns", 1.0), ("s", 1e9)];

/// The longest span accepted: a day. Longer ones are mistakes, and nanoseconds stay far from overflow.
const LONGEST_SPAN_NS: f64 = 86_400e9;

impl Span {
    /// A span of whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self { nanos: millis * 1_000_000 }
    }

    /// A span of whole seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self { nanos: secs * 1_000_000_000 }
    }

    /// The span in seconds.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.duration().as_secs_f64()
    }

    /// The span in microseconds.
    #[must_use]
    pub fn as_micros_f64(self) -> f64 {
        self.duration().as_secs_f64() * 1e6
    }

    /// The span as the standard library's duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_nanos(self.nanos)
    }

    /// The span times a factor, at least a nanosecond and at most a day.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a day")]
    pub fn scaled(self, factor: f64) -> Self {
        Self { nanos: (self.duration().as_secs_f64() * 1e9 * factor).clamp(1.0, LONGEST_SPAN_NS) as u64 }
    }
}

/// Why a text is no span.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is no span of time: write a number with its unit, such as \"20ms\", \"1.5s\" or \"2min\"")]
pub struct SpanError {
    text: String,
}

impl FromStr for Span {
    type Err = SpanError;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked against a day")]
    fn from_str(text: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError { text: text.to_owned() };
        let trimmed = text.trim();
        let (number, scale) = SPAN_UNITS
            .iter()
            .find_map(|(unit, scale)| trimmed.strip_suffix(unit).map(|number| (number, *scale)))
            .ok_or_else(wrong)?;
        let nanos = number.trim().parse::<f64>().map_err(|_| wrong())? * scale;
        if !(0.0..=LONGEST_SPAN_NS).contains(&nanos) {
            return Err(wrong());
        }
        Ok(Self { nanos: nanos.round() as u64 })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.nanos;
        match nanos {
            0 => write!(out, "0s"),
            n if n % 1_000_000_000 == 0 => write!(out, "{}s", n / 1_000_000_000),
            n if n % 1_000_000 == 0 => write!(out, "{}ms", n / 1_000_000),
            n if n % 1_000 == 0 => write!(out, "{}us", n / 1_000),
            n => write!(out, "{n}ns"),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A span of time with its unit: \"150us\", \"20ms\", \"2.5s\", \"3min\".",
            "pattern": "^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min)$"
        })
    }
}

/// Events a second; greater than zero and finite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct PerSecond(f64);

impl PerSecond {
    /// A rate, if it is finite and greater than zero.
    #[must_use]
    pub fn new(rate: f64) -> Option<Self> {
        (rate.is_finite() && rate > 0.0).then_some(Self(rate))
    }

    /// The rate in events a second.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for PerSecond {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = f64::deserialize(deserializer)?;
        Self::new(rate).ok_or_else(|| serde::de::Error::custom(format!("a rate must be greater than 0, not {rate}")))
    }
}

/// A quantile, strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Quantile(f64);

impl Quantile {
    /// A quantile, if it lies strictly between 0 and 1.
    #[must_use]
    pub fn new(quantile: f64) -> Option<Self> {
        (quantile > 0.0 && quantile < 1.0).then_some(Self(quantile))
    }

    /// The quantile as a number between 0 and 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.0 * 1e8).round() / 1e6;
        write!(out, "p{percent}")
    }
}

impl<'de> Deserialize<'de> for Quantile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let quantile = f64::deserialize(deserializer)?;
        Self::new(quantile).ok_or_else(|| {
            serde::de::Error::custom(format!("a quantile lies between 0 and 1 (p99 is 0.99), not {quantile}"))
        })
    }
}

/// A quantile is estimable where at least this many requests lie beyond it: 1,000 requests for p99 and 10,000 for p99.9
/// (method.md, "Numbers").
const REQUESTS_BEYOND: f64 = 10.0;
/// Rounding of 1 − q must not make 1,000 requests too few for p99.
const ROUNDING: f64 = 1e-9;

/// How many requests a quantile, between 0 and 1, needs to be estimable.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "quantiles are below 1, so this is a moderate count"
)]
pub fn requests_needed(quantile: f64) -> u64 {
    (REQUESTS_BEYOND / (1.0 - quantile) * (1.0 - ROUNDING)).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_read_with_their_units() {
        let read = |text: &str| text.parse::<Span>().map(|span| span.nanos).ok();
        assert_eq!(read("20ms"), Some(20_000_000));
        assert_eq!(read("1.5s"), Some(1_500_000_000));
        assert_eq!(read("2min"), Some(120_000_000_000));
        assert_eq!(read("150us"), Some(150_000));
        for wrong in ["20", "ms", "-1s", "1h", "NaNs", "infs", "90000s", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_quantile_is_named_like_a_percentile() {
        let named = |quantile| Quantile::new(quantile).map(|q| q.to_string());
        assert_eq!(named(0.99).as_deref(), Some("p99"));
        assert_eq!(named(0.999).as_deref(), Some("p99.9"));
        assert_eq!(named(1.0), None);
    }

    #[test]
    fn ten_requests_lie_beyond_a_quantile_that_is_estimable() {
        assert_eq!([0.5, 0.99, 0.999, 0.9999].map(requests_needed), [20, 1_000, 10_000, 100_000]);
    }

    proptest! {
        #[test]
        fn a_printed_span_reads_back(nanos in 0u64..86_400_000_000_000) {
            let span = Span { nanos };
            prop_assert_eq!(span.to_string().parse::<Span>().ok(), Some(span));
        }
    }
}
