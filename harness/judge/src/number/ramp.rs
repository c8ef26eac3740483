//! How long a server takes from its start to its steady rate, from the answers in each tenth of a second of a load that begins with the
//! measurement; and how long until a process that it adds answers.

use super::{NoNumber, Number, US_PER_S};
use crate::runs::{Measured, StreamRun};

/// The share of the steady rate that counts as having come to it (claims.md, *rapid-scaling*).
const REACHED: f64 = 0.9;
/// So many tenths in a row must come to it on average: one alone may be a burst.
const IN_A_ROW: usize = 3;
/// Of fewer tenths the second half is no steady rate: two seconds.
const TENTHS_MIN: usize = 20;
/// A tenth of a second, in µs.
const TENTH_US: f64 = 1e5;

/// From the server's start to its first right answer, and from the first request of the load to the end of the first tenth of a second at its
/// steady rate, in µs. What lies between (the check of the contract, the opening of the connections) is the harness's own and left out.
pub(super) fn time_to_steady_rate(measured: &Measured<'_>, stream: &StreamRun<'_>) -> Result<Number, NoNumber> {
    let tenths = &stream.seen.tenths;
    if tenths.len() < TENTHS_MIN {
        return Err(NoNumber::NotCarried("answers in each tenth of a second, for two seconds at least"));
    }
    let first = first_steady(tenths).ok_or(NoNumber::NoAnswer)?;
    let start_up_us = measured.observation.phases.start_up_s * US_PER_S;
    Ok(Number::exact(start_up_us + (first as f64 + 1.0) * TENTH_US))
}

/// From when the process was asked for to its first answer, in µs.
pub(super) fn time_to_added_process(measured: &Measured<'_>) -> Result<Number, NoNumber> {
    let added = measured.observation.added.ok_or(NoNumber::NotCarried("a process that was added"))?;
    let waited_s = measured.observation.phases.measure_s - added.asked_s;
    let answered_s = added.answered_s.ok_or(NoNumber::NotAdded(waited_s))?;
    Ok(Number::exact((answered_s - added.asked_s) * US_PER_S))
}

/// The first tenth at the steady rate, which is the median of the window's second half; nothing where nothing was answered there.
fn first_steady(tenths: &[u32]) -> Option<usize> {
    let mut second_half = tenths[tenths.len() / 2..].to_vec();
    second_half.sort_unstable();
    let steady = second_half.get(second_half.len() / 2).copied().filter(|&steady| steady > 0)?;
    let wanted = REACHED * f64::from(steady) * IN_A_ROW as f64;
    tenths.windows(IN_A_ROW).position(|row| row.iter().copied().map(f64::from).sum::<f64>() >= wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_rate_is_reached_where_it_stays_and_not_at_a_burst() {
        let steady = |before: &[u32]| [before, &[200; 30]].concat();
        assert_eq!(first_steady(&steady(&[])), Some(0));
        assert_eq!(first_steady(&steady(&[10, 40, 90, 150, 170])), Some(4));
        // 170 + 185 + 200 is more than 3 × 180, with which the first of the three counts.
        assert_eq!(first_steady(&steady(&[10, 40, 170, 185])), Some(2));
        assert_eq!(first_steady(&steady(&[10, 260, 20, 30])), Some(4));
        assert_eq!(first_steady(&[&[50; 20][..], &[0; 30]].concat()), None);
    }
}
