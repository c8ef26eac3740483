//! Right answers in each tenth of a second of the window's first minute: how a server that has just started comes to its rate. The memory is
//! set aside at the start.

use crate::window::Window;

/// A tenth of a second.
const TENTH_NS: u64 = 100_000_000;
/// As many are kept: a minute of them. What has not come to its rate by then is no start any more.
const TENTHS_MAX: u64 = 600;

/// Counts right answers.
#[derive(Debug)]
pub(crate) struct Tenths {
    start_ns: u64,
    counts: Vec<u32>,
}

impl Tenths {
    /// Of a window; a last part that is shorter than a tenth is left out.
    pub(crate) fn new(window: Window) -> Self {
        let whole = (window.length_ns() / TENTH_NS).min(TENTHS_MAX);
        Self { start_ns: window.start_ns, counts: vec![0; usize::try_from(whole).unwrap_or_default()] }
    }

    /// A right answer came.
    #[inline]
    pub(crate) fn completed(&mut self, now_ns: u64) {
        let at = usize::try_from(now_ns.saturating_sub(self.start_ns) / TENTH_NS).unwrap_or(usize::MAX);
        if let Some(count) = self.counts.get_mut(at) {
            *count = count.saturating_add(1);
        }
    }

    /// The counts.
    pub(crate) fn finish(self) -> Vec<u32> {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_in_its_tenth_and_beyond_the_last_nowhere() {
        let window = Window { start_ns: 7, end_ns: 7 + 3 * TENTH_NS + TENTH_NS / 2 };
        let mut tenths = Tenths::new(window);
        for now_ns in [7, 6 + TENTH_NS, 7 + TENTH_NS, 6 + 3 * TENTH_NS, 7 + 3 * TENTH_NS] {
            tenths.completed(now_ns);
        }
        assert_eq!(tenths.finish(), [2, 1, 1]);
        let day = Window { start_ns: 0, end_ns: 86_400 * 10 * TENTH_NS };
        assert_eq!(Tenths::new(day).finish().len(), 600);
    }
}
