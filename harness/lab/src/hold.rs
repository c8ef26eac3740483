//! Holds a server up for a known part of each period, by stopping all its processes: a delay that any server can have without a change.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use model::plan::Hold;
use model::record::Injected;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::platform::{self, Urgency};

/// The most stops that are kept: many minutes of them.
const STOPS_MAX: usize = 100_000;

/// Holds a server up until it is finished or dropped; either way the server goes on.
#[derive(Debug)]
pub(crate) struct HoldUp {
    finish: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<Range<Duration>>>>,
}

impl HoldUp {
    /// Begins to hold up the process group of `leader`, from a thread on these processors: not the server's, which it would disturb.
    pub(crate) fn start(leader: i32, hold: Hold, cpus: &[u16]) -> std::io::Result<Self> {
        let finish = Arc::new(AtomicBool::new(false));
        let (seen, cpus) = (Arc::clone(&finish), cpus.to_vec());
        let thread = std::thread::Builder::new().name("hold".to_owned()).spawn(move || {
            // Without its own core or priority it is late now and then; how long the server stood still is measured in any case.
            if crate::machine::pin_current_thread(&cpus).is_ok() {
                platform::raise_priority(Urgency::Watching);
            }
            stop_and_go(Pid::from_raw(leader), hold, &seen)
        })?;
        Ok(Self { finish, thread: Some(thread) })
    }

    /// Lets the server go on for good, and says how long it stood still in the window, given on the clock of [`platform::monotonic`].
    pub(crate) fn finish(mut self, window: &Range<Duration>) -> Injected {
        self.finish.store(true, Ordering::Relaxed);
        // A thread that panicked has stopped nothing that is known of; gate G11 then finds no delay.
        let stops = self.thread.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        within(&stops, window)
    }
}

impl Drop for HoldUp {
    fn drop(&mut self) {
        self.finish.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn stop_and_go(group: Pid, hold: Hold, finish: &AtomicBool) -> Vec<Range<Duration>> {
    let (stop, every) = (hold.stop.duration(), hold.every.duration());
    let mut stops = Vec::with_capacity(1_024);
    let mut due = platform::monotonic() + every;
    while !finish.load(Ordering::Relaxed) && stops.len() < STOPS_MAX {
        platform::sleep_until(due);
        let from = platform::monotonic();
        // A group that is gone cannot be stopped; that its server ended is found elsewhere.
        if killpg(group, Signal::SIGSTOP).is_err() {
            break;
        }
        platform::sleep_until(from + stop);
        let went_on = killpg(group, Signal::SIGCONT);
        stops.push(from..platform::monotonic());
        if went_on.is_err() {
            break;
        }
        due = due.max(platform::monotonic().saturating_sub(every)) + every;
    }
    stops
}

fn within(stops: &[Range<Duration>], window: &Range<Duration>) -> Injected {
    let inside = stops.iter().map(|stop| stop.end.min(window.end).saturating_sub(stop.start.max(window.start)));
    let inside: Vec<Duration> = inside.filter(|length| !length.is_zero()).collect();
    Injected {
        stops: u32::try_from(inside.len()).unwrap_or(u32::MAX),
        stopped_s: inside.iter().sum::<Duration>().as_secs_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::units::Span;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    #[test]
    fn only_what_lies_in_the_window_counts() {
        let ms = Duration::from_millis;
        let stops = [ms(0)..ms(20), ms(60)..ms(80), ms(120)..ms(140)];
        let found = within(&stops, &(ms(10)..ms(130)));
        assert_eq!(found.stops, 3);
        assert!((found.stopped_s - 0.040).abs() < 1e-9, "{found:?}");
        assert_eq!(within(&stops, &(ms(200)..ms(300))), Injected { stops: 0, stopped_s: 0.0 });
    }

    #[test]
    fn a_busy_process_gets_about_a_third_less_time_and_goes_on_afterwards() {
        let mut child = Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell");
        let leader = i32::try_from(child.id()).expect("a process id");
        let hold = Hold { stop: Span::from_millis(20), every: Span::from_millis(60) };
        let began = platform::monotonic();
        let held = HoldUp::start(leader, hold, &[]).expect("a thread");
        std::thread::sleep(Duration::from_millis(900));
        let found = held.finish(&(began..began + Duration::from_millis(900)));
        let state = std::fs::read_to_string(format!("/proc/{leader}/stat")).expect("it runs");
        child.kill().expect("it runs");
        child.wait().expect("it ended");
        // A loaded machine may make stops longer and fewer.
        assert!((0.15..0.7).contains(&found.stopped_s) && found.stops >= 5, "{found:?}");
        assert!(!state.contains(") T "), "it was left stopped: {state}");
    }
}
