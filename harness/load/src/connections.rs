//! What became of a stream's connections: established, alive and lost, in all and each second.

use crate::error::{ErrorClass, ErrorCounts};

const SECOND_NS: u64 = 1_000_000_000;
/// Longest series, in seconds: a day.
const SECONDS_MAX: usize = 86_400;
/// Seconds whose memory is set aside at the start, so that none is asked for during most runs.
const SECONDS_RESERVED: usize = 1_024;

/// What became of a stream's connections, from the first that was opened to the end of the drain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// When the first was opened, on the run's clock; nothing where none was.
    pub began_ns: Option<u64>,
    /// Connections that were wanted.
    pub asked: u32,
    /// How often one was established, handshake included; more than asked, if some were lost and opened again.
    pub established: u64,
    /// How often one was lost: broken, closed by the server, timed out, or given up for what came over it.
    pub lost: u64,
    /// How often one ended in good order after an answer, as the server had said.
    pub ended: u64,
    /// Attempts at opening one that failed.
    pub failed: u64,
    /// Why they were lost or failed.
    pub reasons: ErrorCounts,
    /// Connections alive now; in an outcome, when the load ended.
    pub alive: u64,
    /// The most that were alive at once.
    pub alive_max: u64,
    /// One entry a second since the first was opened.
    pub seconds: Vec<ConnectionsSecond>,
}

/// One second of the connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionsSecond {
    /// Established in it.
    pub established: u64,
    /// Lost in it.
    pub lost: u64,
    /// Alive at its end.
    pub alive: u64,
}

impl Connections {
    /// Adds those of another worker, which began its own as good as at the same time.
    pub(crate) fn add(&mut self, other: &Self) {
        self.began_ns = self.began_ns.into_iter().chain(other.began_ns).min();
        self.asked += other.asked;
        self.established += other.established;
        self.lost += other.lost;
        self.ended += other.ended;
        self.failed += other.failed;
        self.reasons.add_all(&other.reasons);
        self.alive += other.alive;
        // At most so many; when each worker had its most is not kept.
        self.alive_max += other.alive_max;
        // A worker that came to its end earlier kept what it had until then.
        let last = |seconds: &[ConnectionsSecond]| seconds.last().map_or(0, |second| second.alive);
        let (mine, others) = (last(&self.seconds), last(&other.seconds));
        let length = self.seconds.len().max(other.seconds.len());
        self.seconds.resize(length, ConnectionsSecond { alive: mine, ..ConnectionsSecond::default() });
        for (at, second) in self.seconds.iter_mut().enumerate() {
            let more = other.seconds.get(at).copied();
            let more = more.unwrap_or(ConnectionsSecond { alive: others, ..ConnectionsSecond::default() });
            second.established += more.established;
            second.lost += more.lost;
            second.alive += more.alive;
        }
    }
}

/// Counts them.
#[derive(Debug)]
pub(crate) struct Count {
    counts: Connections,
    next_ns: u64,
    second: ConnectionsSecond,
}

impl Count {
    pub(crate) fn new(asked: u32) -> Self {
        let seconds = Vec::with_capacity(SECONDS_RESERVED);
        Self {
            counts: Connections { asked, seconds, ..Connections::default() },
            next_ns: u64::MAX,
            second: ConnectionsSecond::default(),
        }
    }

    /// The opening begins.
    pub(crate) const fn begin(&mut self, now_ns: u64) {
        self.counts.began_ns = Some(now_ns);
        self.next_ns = now_ns.saturating_add(SECOND_NS);
    }

    pub(crate) fn established(&mut self, now_ns: u64) {
        self.go_on(now_ns);
        self.counts.established += 1;
        self.second.established += 1;
        self.counts.alive += 1;
        self.counts.alive_max = self.counts.alive_max.max(self.counts.alive);
    }

    pub(crate) fn lost(&mut self, class: ErrorClass, now_ns: u64) {
        self.go_on(now_ns);
        self.counts.lost += 1;
        self.second.lost += 1;
        self.counts.reasons.add(class);
        self.counts.alive = self.counts.alive.saturating_sub(1);
    }

    pub(crate) fn ended(&mut self, now_ns: u64) {
        self.go_on(now_ns);
        self.counts.ended += 1;
        self.counts.alive = self.counts.alive.saturating_sub(1);
    }

    pub(crate) const fn failed(&mut self, class: ErrorClass) {
        self.counts.failed += 1;
        self.counts.reasons.add(class);
    }

    /// Closes all seconds that are over.
    pub(crate) fn go_on(&mut self, now_ns: u64) {
        while now_ns >= self.next_ns {
            self.close();
            self.next_ns = self.next_ns.saturating_add(SECOND_NS);
        }
    }

    pub(crate) fn finish(mut self, now_ns: u64) -> Connections {
        self.go_on(now_ns);
        self.close();
        self.counts
    }

    fn close(&mut self) {
        self.second.alive = self.counts.alive;
        if self.counts.seconds.len() < SECONDS_MAX {
            self.counts.seconds.push(self.second);
        }
        self.second = ConnectionsSecond::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_add_up_second_by_second() {
        let second = |established, lost, alive| ConnectionsSecond { established, lost, alive };
        let seconds = vec![second(2, 0, 2)];
        let mut sum = Connections { began_ns: Some(900), established: 2, seconds, ..Connections::default() };
        let seconds = vec![second(1, 0, 1), second(0, 1, 0)];
        sum.add(&Connections { began_ns: Some(700), established: 1, lost: 1, seconds, ..Connections::default() });
        assert_eq!(sum.began_ns, Some(700));
        assert_eq!(sum.seconds, [second(3, 0, 3), second(0, 1, 2)]);
        assert_eq!((sum.established, sum.lost), (3, 1));
    }

    #[test]
    fn seconds_add_up_to_the_whole() {
        let mut count = Count::new(3);
        count.begin(500);
        count.established(600);
        count.established(700);
        count.lost(ErrorClass::Reset, 500 + SECOND_NS);
        count.established(500 + 3 * SECOND_NS);
        count.ended(500 + 3 * SECOND_NS);
        count.failed(ErrorClass::ConnectFailed);
        let counts = count.finish(600 + 3 * SECOND_NS);
        let seconds: Vec<_> =
            counts.seconds.iter().map(|second| (second.established, second.lost, second.alive)).collect();
        assert_eq!(seconds, [(2, 0, 2), (0, 1, 1), (0, 0, 1), (1, 0, 1)]);
        assert_eq!((counts.established, counts.lost, counts.ended, counts.failed), (3, 1, 1, 1));
        assert_eq!((counts.alive, counts.alive_max, counts.began_ns), (1, 2, Some(500)));
        assert_eq!(counts.reasons.get(ErrorClass::Reset), 1);
    }
}
