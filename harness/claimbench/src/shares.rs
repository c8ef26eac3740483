//! How a run's time was spent, in words.

use std::time::Duration;

use model::record::Finished;
use model::units::Span;

/// One line: the whole time, what setting up took of it, the rest beside the planned one where one session made the whole run, and the share of
/// each part.
#[must_use]
pub fn in_words(finished: &Finished, planned: Option<Span>) -> String {
    let phases = &finished.phases;
    let parts = [
        ("measuring", phases.measure_s),
        ("warm-up", phases.warm_up_s),
        ("start-up", phases.start_up_s),
        ("contract checks", phases.contract_check_s),
        ("shut-down", phases.shut_down_s),
        ("calibration", finished.calibration_s),
    ];
    let run_s = finished.wall_s - finished.set_up_s;
    let known: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
    let all = run_s.max(known).max(f64::MIN_POSITIVE);
    let shares = parts.iter().copied().chain([("idle", all - known)]);
    let shares: Vec<String> = shares.map(|(name, seconds)| format!("{name} {:.0} %", 100.0 * seconds / all)).collect();
    let planned = planned.map_or_else(String::new, |planned| {
        let off = 100.0 * (run_s / planned.as_secs_f64() - 1.0);
        format!(" (planned: {}, {off:+.0} %)", exactly(planned.as_secs_f64()))
    });
    let set_up = if finished.set_up_s < LITTLE_S {
        String::new()
    } else {
        format!("set up in {}; ", exactly(finished.set_up_s))
    };
    format!("{set_up}took {}{planned}: {}", exactly(run_s), shares.join(", "))
}

/// A set-up that took less found everything in its place and is not told of.
const LITTLE_S: f64 = 5.0;

/// A time that has passed: unlike time that is left, it is not rounded up.
fn exactly(seconds: f64) -> String {
    let whole = Duration::from_secs_f64(seconds.clamp(0.0, 1e7).round()).as_secs();
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::record::PhaseTimes;

    fn finished(set_up_s: f64) -> Finished {
        let phases =
            PhaseTimes { start_up_s: 10.0, contract_check_s: 5.0, warm_up_s: 5.0, measure_s: 60.0, shut_down_s: 5.0 };
        Finished { wall_s: 100.0 + set_up_s, set_up_s, calibration_s: 10.0, phases }
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        assert!(in_words(&finished(0.0), None).starts_with("took 1 min 40 s: measuring 60 %"));
        assert_eq!(
            in_words(&finished(0.0), Some(Span::from_secs(80))),
            "took 1 min 40 s (planned: 1 min 20 s, +25 %): measuring 60 %, warm-up 5 %, start-up 10 %, contract checks 5 %, shut-down 5 %, calibration 10 %, idle 5 %"
        );
    }

    #[test]
    fn a_time_that_has_passed_is_not_rounded_up() {
        assert_eq!(
            [0.4, 59.4, 61.0, 3_599.0, 10_859.0].map(exactly),
            ["0 s", "59 s", "1 min 1 s", "59 min 59 s", "3 h 0 min"]
        );
    }

    #[test]
    fn a_set_up_is_told_of_and_not_held_against_the_plan() {
        let said = in_words(&finished(50.0), Some(Span::from_secs(80)));
        assert!(
            said.starts_with("set up in 50 s; took 1 min 40 s (planned: 1 min 20 s, +25 %): measuring 60 %"),
            "{said}"
        );
    }
}
