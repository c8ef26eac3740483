//! Where workers wait for each other before the load starts. One that fails on the way lets the others go home.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::run::first_due_ns;

/// A meeting of all workers.
#[derive(Debug)]
pub(super) struct Meeting {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
enum State {
    /// This many are still on their way.
    Waiting { missing: u32 },
    /// All are here; the load starts then.
    Starting { at_ns: u64 },
    /// One will not come.
    Off,
}

/// A worker's place, which has to be taken: one that is dropped before calls the meeting off.
#[derive(Debug)]
pub(super) struct Place<'a> {
    meeting: &'a Meeting,
    taken: bool,
}

impl Meeting {
    pub(super) fn new(workers: u32) -> Self {
        Self { state: Mutex::new(State::Waiting { missing: workers }), changed: Condvar::new() }
    }

    /// The calling worker will come.
    pub(super) fn expect(&self) -> Place<'_> {
        Place { meeting: self, taken: false }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// Waits for all others; when the load starts, on the monotonic clock. Nothing where the meeting was called off.
    pub(super) fn arrive(mut self) -> Option<u64> {
        self.taken = true;
        let mut state = self.meeting.lock();
        match *state {
            State::Waiting { missing: 1 } => *state = State::Starting { at_ns: first_due_ns() },
            State::Waiting { missing } => *state = State::Waiting { missing: missing - 1 },
            State::Starting { .. } | State::Off => {}
        }
        self.meeting.changed.notify_all();
        loop {
            match *state {
                State::Starting { at_ns } => return Some(at_ns),
                State::Off => return None,
                State::Waiting { .. } => {
                    state = self.meeting.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.taken {
            *self.meeting.lock() = State::Off;
            self.meeting.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn all_start_at_the_same_moment() {
        let meeting = Meeting::new(3);
        let starts: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..3).map(|_| scope.spawn(|| meeting.expect().arrive())).collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        assert!(starts[0].is_some() && starts.iter().all(|start| *start == starts[0]), "{starts:?}");
    }

    #[test]
    fn one_that_fails_lets_the_others_go() {
        let meeting = Meeting::new(2);
        let start = thread::scope(|scope| {
            let waiting = scope.spawn(|| meeting.expect().arrive());
            drop(meeting.expect());
            waiting.join().unwrap()
        });
        assert_eq!(start, None);
    }
}
