//! An estimate between two bounds, and how sure one wants to be of them.

use thiserror::Error;

/// An estimate with a lower and an upper bound, all in the unit of the values it came from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The best single number.
    pub estimate: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Interval {
    /// From logarithms to factors: a mean log-ratio becomes a geometric mean ratio.
    #[must_use]
    pub fn exp(self) -> Self {
        Self { estimate: self.estimate.exp(), low: self.low.exp(), high: self.high.exp() }
    }

    /// The smallest interval that holds this one and `other`; the estimate stays this one's.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { estimate: self.estimate, low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Whether `value` lies between the bounds, bounds included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// High minus low.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// The chance with which a two-sided interval is to hold the truth; strictly between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

/// A confidence outside of (0, 1).
#[derive(Debug, Error, PartialEq)]
#[error("a confidence lies strictly between 0 and 1, not at {0}")]
pub struct NotAConfidence(pub f64);

impl Confidence {
    /// 90 %: 5 % outside on each side, as two one-sided tests at 5 % need it (Schuirmann 1987).
    pub const P90: Self = Self(0.90);
    /// 95 %.
    pub const P95: Self = Self(0.95);

    /// A confidence as a share of one.
    ///
    /// # Errors
    /// [`NotAConfidence`] unless `share` lies strictly between 0 and 1.
    pub fn new(share: f64) -> Result<Self, NotAConfidence> {
        if share > 0.0 && share < 1.0 { Ok(Self(share)) } else { Err(NotAConfidence(share)) }
    }

    /// The confidence whose interval leaves `alpha` outside on *each* side: 1 − 2 · `alpha`.
    ///
    /// # Errors
    /// [`NotAConfidence`] unless `alpha` lies strictly between 0 and one half.
    pub fn leaving_each_side(alpha: f64) -> Result<Self, NotAConfidence> {
        Self::new(1.0 - 2.0 * alpha)
    }

    /// As a share of one.
    #[must_use]
    pub fn share(self) -> f64 {
        self.0
    }

    /// The share outside on each side.
    #[must_use]
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confidence_is_a_share() {
        assert!(Confidence::new(0.0).is_err());
        assert!(Confidence::new(1.0).is_err());
        assert!(Confidence::new(f64::NAN).is_err());
        let each_side = Confidence::leaving_each_side(0.05).expect("0.05 is a tail");
        assert!((each_side.share() - 0.90).abs() < 1e-15);
        assert!((each_side.tail() - 0.05).abs() < 1e-15);
    }

    #[test]
    fn a_hull_holds_both() {
        let one = Interval { estimate: 1.0, low: 0.5, high: 1.5 };
        let other = Interval { estimate: 1.1, low: 0.4, high: 1.4 };
        assert_eq!(one.hull(other), Interval { estimate: 1.0, low: 0.4, high: 1.5 });
    }
}
