//! Waits that end on time: one timerfd for the earliest deadline, a heap for the others.
//!
//! tokio's own timer wakes about 1.1 ms late, since it waits in whole milliseconds.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;

/// Wakes tasks at deadlines on the monotonic clock. Holds at most one entry per waiting task and poll.
pub(crate) struct Timer {
    fd: AsyncFd<OwnedFd>,
    waiting: RefCell<BinaryHeap<Reverse<Entry>>>,
    next_id: Cell<u64>,
}

impl Timer {
    /// A timer; call it within the runtime, and run [`drive`] beside it.
    pub(crate) fn new() -> std::io::Result<Self> {
        let fd = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        #[expect(deprecated, reason = "unsound only for types whose descriptor changes; an OwnedFd's does not")]
        let fd = AsyncFd::new(fd)?;
        Ok(Self { fd, waiting: RefCell::default(), next_id: Cell::new(0) })
    }

    /// Waits for a time from now.
    pub(crate) async fn wait(&self, time: Duration) {
        let time_ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.wait_until(now_ns().saturating_add(time_ns)).await;
    }

    /// Waits until a moment of [`now_ns`]'s clock.
    pub(crate) async fn wait_until(&self, deadline_ns: u64) {
        let mut registered: Option<Waker> = None;
        std::future::poll_fn(|context| {
            if now_ns() >= deadline_ns {
                return Poll::Ready(());
            }
            if !registered.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
                registered = Some(context.waker().clone());
                self.register(deadline_ns, context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    fn register(&self, deadline_ns: u64, waker: Waker) {
        let id = self.next_id.replace(self.next_id.get() + 1);
        let mut waiting = self.waiting.borrow_mut();
        let earliest = waiting.peek().is_none_or(|Reverse(first)| deadline_ns < first.deadline_ns);
        waiting.push(Reverse(Entry { deadline_ns, id, waker }));
        if earliest {
            self.arm(deadline_ns);
        }
    }

    fn fire(&self) {
        let now_ns = now_ns();
        let mut waiting = self.waiting.borrow_mut();
        while let Some(Reverse(first)) = waiting.peek() {
            if first.deadline_ns > now_ns {
                self.arm(first.deadline_ns);
                return;
            }
            if let Some(Reverse(due)) = waiting.pop() {
                due.waker.wake();
            }
        }
    }

    fn arm(&self, deadline_ns: u64) {
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let time = Itimerspec { it_interval: zero, it_value: timespec(deadline_ns) };
        timerfd_settime(self.fd.get_ref(), TimerfdTimerFlags::ABSTIME, &time)
            .expect("a valid time on a timer of our own");
    }
}

/// Fires the timer's deadlines, for ever.
pub(crate) async fn drive(timer: Rc<Timer>) {
    loop {
        let Ok(mut ready) = timer.fd.readable().await else {
            return;
        };
        // How often it expired does not matter; an error means that it was armed anew meanwhile.
        let _ = rustix::io::read(timer.fd.get_ref(), &mut [0_u8; 8]);
        ready.clear_ready();
        timer.fire();
    }
}

/// Nanoseconds of the monotonic clock.
pub(crate) fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

fn timespec(time_ns: u64) -> Timespec {
    Timespec { tv_sec: (time_ns / 1_000_000_000).cast_signed(), tv_nsec: (time_ns % 1_000_000_000).cast_signed() }
}

struct Entry {
    deadline_ns: u64,
    id: u64,
    waker: Waker,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.deadline_ns, self.id).cmp(&(other.deadline_ns, other.id))
    }
}
