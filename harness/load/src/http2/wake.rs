//! Remembers what has been woken, instead of scheduling it: the worker's loop is the only executor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

/// Raised when something can go on.
#[derive(Debug, Default)]
pub(crate) struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A flag with the waker that raises it.
#[derive(Debug)]
pub(crate) struct Woken {
    flag: Arc<Flag>,
    pub(crate) waker: Waker,
}

impl Woken {
    pub(crate) fn new() -> Self {
        let flag = Arc::new(Flag::default());
        Self { waker: Waker::from(Arc::clone(&flag)), flag }
    }

    /// Whether it was raised since the last look.
    #[inline]
    pub(crate) fn take(&self) -> bool {
        self.flag.0.load(Ordering::Relaxed) && self.flag.0.swap(false, Ordering::Relaxed)
    }

    pub(crate) fn raise(&self) {
        self.flag.0.store(true, Ordering::Relaxed);
    }
}
