//! Has a server under load start one process more, and sees when that one answers.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use model::record::AddedProcess;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::http::{Client, Request};
use crate::platform::{self, Urgency};

/// How long after the warm-up's planned end the process is asked for: connections have to be opened before it begins.
const AFTER: Duration = Duration::from_millis(500);
/// Between two questions.
const ASK_EVERY: Duration = Duration::from_millis(10);
/// How long one answer may take: the process that serves already has more to do than it can.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// Asks for the process once, and who answers until it is the new one, or it is finished or dropped.
#[derive(Debug)]
pub(super) struct Adding {
    finish: Arc<AtomicBool>,
    answered: Arc<AtomicBool>,
    thread: Option<JoinHandle<Moments>>,
}

/// What its thread and the rest tell each other.
struct Flags {
    finish: Arc<AtomicBool>,
    answered: Arc<AtomicBool>,
}

/// On the clock of [`platform::monotonic`].
#[derive(Debug, Default)]
struct Moments {
    asked: Option<Duration>,
    answered: Option<Duration>,
}

/// The server and where it is asked.
pub(super) struct Asked<'a> {
    /// The process that hears the signal.
    pub(super) leader: i32,
    pub(super) port: u16,
    /// What it said of itself before the load.
    pub(super) before: &'a Value,
}

impl Adding {
    /// Begins, from a thread on these processors: not the server's, which it would disturb.
    pub(super) fn start(server: &Asked<'_>, warm_up: Duration, cpus: &[u16]) -> std::io::Result<Self> {
        let (finish, answered) = (Arc::default(), Arc::default());
        let flags = Flags { finish: Arc::clone(&finish), answered: Arc::clone(&answered) };
        let cpus = cpus.to_vec();
        let (leader, port, known) = (Pid::from_raw(server.leader), server.port, pids(server.before));
        let due = platform::monotonic() + warm_up + AFTER;
        let thread = std::thread::Builder::new().name("adding".to_owned()).spawn(move || {
            // Without its own core or priority it is late now and then; when it asked is measured in any case.
            if crate::machine::pin_current_thread(&cpus).is_ok() {
                platform::raise_priority(Urgency::Watching);
            }
            add(leader, port, &known, due, &flags)
        })?;
        Ok(Self { finish, answered, thread: Some(thread) })
    }

    /// Is set once the new process has answered: there is nothing more to measure then.
    pub(super) fn answered(&self) -> &AtomicBool {
        &self.answered
    }

    /// When it was asked for and answered, from the window's start on; nothing where it was not asked for in the window.
    pub(super) fn finish(mut self, window: &Range<Duration>) -> Option<AddedProcess> {
        self.finish.store(true, Ordering::Relaxed);
        // A thread that panicked has added nothing that is known of.
        let moments = self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let asked = moments.asked.filter(|asked| window.contains(asked))?;
        let since_start = |moment: Duration| moment.saturating_sub(window.start).as_secs_f64();
        let answered = moments.answered.filter(|answered| window.contains(answered));
        Some(AddedProcess { asked_s: since_start(asked), answered_s: answered.map(since_start) })
    }
}

impl Drop for Adding {
    fn drop(&mut self) {
        self.finish.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn add(leader: Pid, port: u16, known: &BTreeSet<u64>, due: Duration, flags: &Flags) -> Moments {
    platform::sleep_until(due);
    // The load may have ended before, or never begun.
    if flags.finish.load(Ordering::Relaxed) {
        return Moments::default();
    }
    let mut moments = Moments { asked: Some(platform::monotonic()), answered: None };
    // A server that is gone cannot be told; that it ended is found elsewhere.
    if kill(leader, Signal::SIGTTIN).is_err() {
        return Moments::default();
    }
    while !flags.finish.load(Ordering::Relaxed) {
        if who_answers(port).is_some_and(|pid| !known.contains(&pid)) {
            moments.answered = Some(platform::monotonic());
            flags.answered.store(true, Ordering::Relaxed);
            break;
        }
        std::thread::sleep(ASK_EVERY);
    }
    moments
}

/// The process that answers a new connection.
fn who_answers(port: u16) -> Option<u64> {
    let question = Request { headers: vec![("connection", "close")], ..Request::get("/stats") };
    let answer = Client::new(port, ANSWER_LIMIT).ask(&question).ok()?;
    serde_json::from_slice::<Value>(&answer.body).ok()?["pid"].as_u64()
}

/// The processes that serve.
fn pids(stats: &Value) -> BTreeSet<u64> {
    stats["pids"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}
