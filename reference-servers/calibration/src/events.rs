//! An event stream with known gaps: event n is numbered n, and comes n gaps after the request.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::timer::{self, Timer};

/// The events that are still to come.
pub(crate) struct EventStream {
    timer: Rc<Timer>,
    start_ns: u64,
    gap_ns: u64,
    sent: u64,
    /// How many there are in all; without end where there is no number.
    count: Option<u64>,
    wait: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

impl EventStream {
    /// So many events, or events without end, at these intervals.
    pub(crate) fn new(timer: Rc<Timer>, count: Option<u64>, gap_ms: u64) -> Self {
        Self { timer, start_ns: timer::now_ns(), gap_ns: gap_ms * 1_000_000, sent: 0, count, wait: None }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.count.is_some_and(|count| self.sent >= count)
    }

    /// The next event, when its time has come.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.is_over() {
            return Poll::Ready(None);
        }
        let number = self.sent + 1;
        let wait = self.wait.get_or_insert_with(|| {
            let timer = Rc::clone(&self.timer);
            let due_ns = self.start_ns + number * self.gap_ns;
            Box::pin(async move { timer.wait_until(due_ns).await })
        });
        if wait.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.wait = None;
        self.sent = number;
        Poll::Ready(Some(Bytes::from(format!("id: {number}\ndata: event {number}\n\n"))))
    }
}
