//! How a run's time was spent, in words.

use model::record::Finished;
use model::units::Span;

use crate::progress::minutes;

/// One line: the whole time beside the planned one, where one session made the whole run, and the share of each part.
#[must_use]
pub fn in_words(finished: &Finished, planned: Option<Span>) -> String {
    let phases = &finished.phases;
    let parts = [
        ("measuring", phases.measure_s),
        ("warm-up", phases.warm_up_s),
        ("start-up", phases.start_up_s),
        ("contract checks", phases.contract_check_s),
        ("shut-down", phases.shut_down_s),
        ("set-up and calibration", finished.calibration_s),
    ];
    let known: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
    let all = finished.wall_s.max(known).max(f64::MIN_POSITIVE);
    let shares = parts.iter().copied().chain([("idle", all - known)]);
    let shares: Vec<String> = shares.map(|(name, seconds)| format!("{name} {:.0} %", 100.0 * seconds / all)).collect();
    let planned = planned.map_or_else(String::new, |planned| {
        let off = 100.0 * (finished.wall_s / planned.as_secs_f64() - 1.0);
        format!(" (planned: {}, {off:+.0} %)", minutes(planned.as_secs_f64()))
    });
    format!("took {}{planned}: {}", minutes(finished.wall_s), shares.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::record::PhaseTimes;

    #[test]
    fn shares_add_up_to_the_whole() {
        let phases =
            PhaseTimes { start_up_s: 10.0, contract_check_s: 5.0, warm_up_s: 5.0, measure_s: 60.0, shut_down_s: 5.0 };
        let finished = Finished { wall_s: 100.0, calibration_s: 10.0, phases };
        assert!(in_words(&finished, None).starts_with("took 2 min: measuring 60 %"));
        assert_eq!(
            in_words(&finished, Some(Span::from_secs(80))),
            "took 2 min (planned: 80 s, +25 %): measuring 60 %, warm-up 5 %, start-up 10 %, contract checks 5 %, shut-down 5 %, set-up and calibration 10 %, idle 5 %"
        );
    }
}
