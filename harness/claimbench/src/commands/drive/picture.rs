//! The picture of a run on a terminal: the last second in words, and the seconds before it as two small charts. Pure: lines out of
//! numbers and a width.

use std::collections::VecDeque;

/// Most seconds in a chart.
const CHARTED: usize = 60;
/// What stands beside a chart: its name before it, its greatest value after it.
const BESIDE: usize = 24;
/// The chart's letters, from nothing to the most.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A second of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) until_s: f64,
    pub(super) rate_per_s: f64,
    pub(super) p50_ns: u64,
    pub(super) p99_ns: u64,
    pub(super) max_ns: u64,
    pub(super) errors: u64,
    pub(super) lag_ns_max: u64,
    pub(super) busy_share: f64,
}

/// The last seconds of a run.
#[derive(Debug, Default)]
pub(super) struct Picture {
    seconds: VecDeque<Shown>,
    errors: u64,
}

impl Picture {
    pub(super) fn add(&mut self, second: Shown) {
        self.errors += second.errors;
        self.seconds.push_back(second);
        if self.seconds.len() > CHARTED {
            self.seconds.pop_front();
        }
    }

    /// Lines of at most so many columns.
    pub(super) fn lines(&self, columns: usize) -> Vec<String> {
        let Some(last) = self.seconds.back() else { return Vec::new() };
        let rate = self.chart(columns, |second| second.rate_per_s, |most| format!("{most:.0}/s"));
        let p99 = self.chart(columns, |second| second.p99_ns as f64, micros_of);
        let lines = [
            format!(
                "{:>7.1} s {:>9.0}/s  p50 {}  p99 {}  max {}",
                last.until_s,
                last.rate_per_s,
                micros(last.p50_ns),
                micros(last.p99_ns),
                micros(last.max_ns)
            ),
            format!(
                "errors {} ({} in all)  send lag up to {}  generator {:.0} %",
                last.errors,
                self.errors,
                micros(last.lag_ns_max),
                last.busy_share * 100.0
            ),
            format!("rate {rate}"),
            format!("p99  {p99}"),
        ];
        lines.into_iter().map(|line| line.chars().take(columns).collect()).collect()
    }

    fn chart(&self, columns: usize, of: impl Fn(&Shown) -> f64, in_words: impl Fn(f64) -> String) -> String {
        let room = columns.saturating_sub(BESIDE).clamp(1, CHARTED);
        let seconds = || self.seconds.iter().skip(self.seconds.len().saturating_sub(room)).map(&of);
        let most = seconds().fold(0.0, f64::max);
        let bars: String = seconds().map(|value| bar(value / most.max(f64::MIN_POSITIVE))).collect();
        format!("{bars} up to {}", in_words(most))
    }
}

impl Shown {
    /// In one line, where nothing can be changed that was said.
    pub(super) fn in_a_line(&self) -> String {
        format!(
            "{:>6.1} s  {:>9.0}/s  p50 {}  p99 {}  max {}  errors {}  send lag up to {}  generator {:.0} %",
            self.until_s,
            self.rate_per_s,
            micros(self.p50_ns),
            micros(self.p99_ns),
            micros(self.max_ns),
            self.errors,
            micros(self.lag_ns_max),
            self.busy_share * 100.0
        )
    }
}

/// A time in a unit that keeps it short.
fn micros(time_ns: u64) -> String {
    micros_of(time_ns as f64)
}

/// The same, of a time that is no whole number of nanoseconds.
pub(super) fn micros_of(time_ns: f64) -> String {
    match time_ns / 1e3 {
        us if us < 1e4 => format!("{us:.0} µs"),
        us if us < 1e7 => format!("{:.1} ms", us / 1e3),
        us => format!("{:.1} s", us / 1e6),
    }
}

/// The letter of a share of the most.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the letters")]
fn bar(share: f64) -> char {
    let last = BARS.len() - 1;
    BARS[((share * last as f64).round().clamp(0.0, last as f64)) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Picture {
        let mut picture = Picture::default();
        for second in 1..=70_u32 {
            picture.add(Shown {
                until_s: f64::from(second),
                rate_per_s: if second > 60 { 50_000.0 } else { 100.0 },
                p50_ns: 999_000,
                p99_ns: 25_000_000,
                max_ns: 12_000_000_000,
                errors: u64::from(second > 68),
                lag_ns_max: 32_100_000,
                busy_share: 0.031,
            });
        }
        picture
    }

    #[test]
    fn the_last_second_is_told_and_the_ones_before_are_drawn() {
        let lines = picture().lines(100);
        assert_eq!(
            lines,
            [
                "   70.0 s     50000/s  p50 999 µs  p99 25.0 ms  max 12.0 s",
                "errors 1 (2 in all)  send lag up to 32.1 ms  generator 3 %",
                &format!("rate {}{} up to 50000/s", "▁".repeat(50), "█".repeat(10)),
                &format!("p99  {} up to 25.0 ms", "█".repeat(60)),
            ]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for columns in [0, 1, 20, 40, 60, 80, 200] {
            let lines = picture().lines(columns);
            assert_eq!(lines.len(), 4);
            assert!(lines.iter().all(|line| line.chars().count() <= columns), "{columns}: {lines:?}");
        }
        // On a usual terminal nothing is cut off.
        assert!(picture().lines(60).iter().all(|line| !line.ends_with("up t")));
        assert!(picture().lines(60)[2].ends_with("up to 50000/s"));
        assert!(Picture::default().lines(80).is_empty());
    }

    #[test]
    fn the_chart_rises_with_its_values() {
        let letters: String = [0.0, 0.5, 1.0, 7.0, f64::NAN].map(bar).iter().collect();
        assert_eq!(letters, "▁▅██▁");
        assert_eq!([micros(999_000), micros(25_000_000), micros(12_000_000_000)], ["999 µs", "25.0 ms", "12.0 s"]);
    }
}
