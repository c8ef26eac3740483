//! Hiccups: one thread a processor wakes every few milliseconds and notes by how much it was late. What delays a thread
//! above all ordinary ones is the host, not the load.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use model::machine::Layout;
use model::record::Hiccups;

use crate::platform;

/// How often each thread wakes: costs about 0.2 % of a core, and no stall of 2 ms is missed.
const EVERY: Duration = Duration::from_millis(2);
/// The most wakes that are kept: half an hour of them.
const WAKES_MAX: usize = 1_000_000;
/// Delays longer than this count as time lost.
const LOST_FROM: Duration = Duration::from_millis(1);

/// Watches processors until it is finished.
#[derive(Debug)]
pub(crate) struct HiccupMonitor {
    finish: Arc<AtomicBool>,
    threads: Vec<(u16, JoinHandle<Watched>)>,
}

/// What one thread noted: when it was to wake, and how late it was.
#[derive(Debug, Default)]
struct Watched {
    real_time: bool,
    wakes: Vec<(Duration, Duration)>,
}

impl HiccupMonitor {
    /// Starts a thread on each processor of a layout.
    pub(crate) fn start(layout: &Layout) -> std::io::Result<Self> {
        let mut cpus: Vec<u16> =
            layout.generator.iter().chain(&layout.server).chain(&layout.services).copied().collect();
        cpus.sort_unstable();
        cpus.dedup();
        let finish = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for cpu in cpus {
            let seen = Arc::clone(&finish);
            let thread = std::thread::Builder::new().name(format!("hiccup {cpu}")).spawn(move || watch(cpu, &seen))?;
            threads.push((cpu, thread));
        }
        Ok(Self { finish, threads })
    }

    /// Ends watching and sums up the window, given on the clock of [`platform::monotonic`].
    pub(crate) fn finish(mut self, window: &Range<Duration>) -> Vec<Hiccups> {
        self.finish.store(true, Ordering::Relaxed);
        let threads = std::mem::take(&mut self.threads);
        // A thread that panicked has seen nothing.
        threads.into_iter().map(|(cpu, thread)| sum_up(cpu, &thread.join().unwrap_or_default(), window)).collect()
    }
}

impl Drop for HiccupMonitor {
    fn drop(&mut self) {
        self.finish.store(true, Ordering::Relaxed);
    }
}

fn watch(cpu: u16, finish: &AtomicBool) -> Watched {
    let pinned = crate::machine::pin_current_thread(&[cpu]).is_ok();
    let mut watched = Watched { real_time: pinned && platform::raise_priority(), wakes: Vec::with_capacity(16_384) };
    let mut due = platform::monotonic() + EVERY;
    while !finish.load(Ordering::Relaxed) && watched.wakes.len() < WAKES_MAX {
        let late = platform::sleep_until(due);
        watched.wakes.push((due, late));
        // After a stall the schedule goes on from here: one stall is one delay.
        due = due.max(platform::monotonic().saturating_sub(EVERY)) + EVERY;
    }
    watched
}

fn sum_up(cpu: u16, watched: &Watched, window: &Range<Duration>) -> Hiccups {
    let within = watched.wakes.iter().filter(|(due, _)| window.contains(due));
    let mut delays: Vec<Duration> = within.map(|(_, late)| *late).collect();
    delays.sort_unstable();
    let micros = |delay: Option<&Duration>| delay.map_or(0.0, |delay| delay.as_secs_f64() * 1e6);
    let p99 = (delays.len() * 99).div_ceil(100).saturating_sub(1);
    Hiccups {
        cpu,
        wakes: delays.len() as u64,
        max_us: micros(delays.last()),
        p99_us: micros(delays.get(p99)),
        lost_s: delays.iter().filter(|delay| **delay > LOST_FROM).sum::<Duration>().as_secs_f64(),
        real_time: watched.real_time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_window_counts() {
        let ms = Duration::from_millis;
        let wakes = (0..100).map(|n| (ms(2 * n), if n == 60 { ms(5) } else { Duration::from_micros(n) })).collect();
        let hiccups = sum_up(3, &Watched { real_time: true, wakes }, &(ms(100)..ms(200)));
        assert_eq!((hiccups.cpu, hiccups.wakes), (3, 50));
        assert!((hiccups.max_us - 5_000.0).abs() < 1e-6 && (hiccups.lost_s - 0.005).abs() < 1e-9);
        assert!((hiccups.p99_us - 5_000.0).abs() < 1e-6);
        assert_eq!(sum_up(0, &Watched::default(), &(ms(0)..ms(1))).wakes, 0);
    }

    #[test]
    fn a_processor_is_watched_every_two_milliseconds() {
        let cpu = crate::machine::look().cpus[0].id;
        let layout = Layout { generator: vec![cpu], server: vec![cpu], services: vec![cpu] };
        let start = platform::monotonic();
        let monitor = HiccupMonitor::start(&layout).expect("a thread");
        std::thread::sleep(Duration::from_millis(200));
        let hiccups = monitor.finish(&(start..platform::monotonic()));
        assert_eq!(hiccups.len(), 1);
        // A loaded machine may lose some.
        assert!((20..=101).contains(&hiccups[0].wakes), "{hiccups:?}");
    }
}
