//! Little's law, as a check that concurrency, rate and response time were measured of the same system.
//!
//! Source: Little 1961, "A proof for the queuing formula L = λW": over a long enough time the mean number in a system is the rate of
//! completion times the mean time spent in it. A closed loop knows its number, so the three must fit.

/// |N − X·R| / N for `concurrency` N, `rate_per_s` X and `mean_response_s` R; `None` where a number is not finite, or N is not positive.
#[must_use]
pub fn relative_error(concurrency: f64, rate_per_s: f64, mean_response_s: f64) -> Option<f64> {
    let implied = rate_per_s * mean_response_s;
    (concurrency > 0.0 && concurrency.is_finite() && implied.is_finite())
        .then(|| (concurrency - implied).abs() / concurrency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_connections_at_five_milliseconds_make_eight_hundred_a_second() {
        assert!(relative_error(4.0, 800.0, 0.005).is_some_and(|error| error < 1e-12));
        assert!(relative_error(4.0, 600.0, 0.005).is_some_and(|error| (error - 0.25).abs() < 1e-12));
        assert!(relative_error(4.0, 1000.0, 0.005).is_some_and(|error| (error - 0.25).abs() < 1e-12));
    }

    #[test]
    fn no_answer_from_no_numbers() {
        assert_eq!(relative_error(0.0, 1.0, 1.0), None);
        assert_eq!(relative_error(4.0, f64::NAN, 1.0), None);
        assert_eq!(relative_error(4.0, 1.0, f64::INFINITY), None);
    }
}
