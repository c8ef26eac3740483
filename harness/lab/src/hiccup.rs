//! Hiccups: one thread a processor wakes every few milliseconds and notes by how much it was late, and now and then how long a fixed
//! piece of work takes. What delays a thread above all ordinary ones, or slows it, is the host, not the load.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use model::machine::Layout;
use model::record::{Contention, Hiccups, Samples};

use crate::platform::Urgency;
use crate::{core_speed, platform};

/// How often each thread wakes: costs about 0.2 % of a core, and no stall of 2 ms is missed.
const EVERY: Duration = Duration::from_millis(2);
/// Work is timed at every so many wakes: some 7 µs in 20 ms, a two-thousandth of the processor.
const TIMED_EVERY: usize = 10;
/// A timing that takes this much longer than the core's own speed was slowed: undisturbed ones stay within 3 %, those beside
/// another thread take 10 % to 80 % more.
const SLOWED_FROM: f64 = 1.07;
/// A processor that is idle just before is slow for a while, whatever the host does: only while it is this busy do timings tell.
const BUSY_FROM: f64 = 0.8;
/// Fewer timings tell nothing.
const TIMINGS_LEAST: usize = 5;

/// What the fixed work takes on each processor when nothing else uses its core.
pub(crate) type OwnSpeeds = BTreeMap<u16, Duration>;

/// The most wakes that are kept: half an hour of them.
const WAKES_MAX: usize = 1_000_000;
/// Delays longer than this count as time lost.
const LOST_FROM: Duration = Duration::from_millis(1);

/// Watches processors until it is finished or dropped.
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
    /// When work was timed, and what it took.
    timings: Vec<(Duration, Duration)>,
}

impl HiccupMonitor {
    /// Starts a thread on each processor of a layout.
    pub(crate) fn start(layout: &Layout) -> std::io::Result<Self> {
        let mut cpus: Vec<u16> =
            layout.generator.iter().chain(&layout.server).chain(&layout.services).copied().collect();
        cpus.sort_unstable();
        cpus.dedup();
        let mut monitor = Self { finish: Arc::default(), threads: Vec::new() };
        for cpu in cpus {
            let seen = Arc::clone(&monitor.finish);
            // Where one cannot be started, those before it end with the monitor.
            let thread = std::thread::Builder::new().name(format!("hiccup {cpu}")).spawn(move || watch(cpu, &seen))?;
            monitor.threads.push((cpu, thread));
        }
        Ok(monitor)
    }

    /// Ends watching and sums up the window, given on the clock of [`platform::monotonic`], beside what was sampled in it. A processor
    /// that proves faster than its own speed was thought to be has a new one.
    pub(crate) fn finish(mut self, window: &Range<Duration>, samples: &Samples, own: &mut OwnSpeeds) -> Vec<Hiccups> {
        let sum_up = |(cpu, watched): (u16, Watched)| {
            let contention = contention(&timings_when_busy(cpu, &watched, window, samples), own.get_mut(&cpu));
            Hiccups { contention, ..sum_up(cpu, &watched, window) }
        };
        self.end().into_iter().map(sum_up).collect()
    }

    fn end(&mut self) -> Vec<(u16, Watched)> {
        self.finish.store(true, Ordering::Relaxed);
        // A thread that panicked has seen nothing.
        self.threads.drain(..).map(|(cpu, thread)| (cpu, thread.join().unwrap_or_default())).collect()
    }
}

impl Drop for HiccupMonitor {
    fn drop(&mut self) {
        self.end();
    }
}

fn watch(cpu: u16, finish: &AtomicBool) -> Watched {
    let pinned = crate::machine::pin_current_thread(&[cpu]).is_ok();
    let real_time = pinned && platform::raise_priority(Urgency::Watching);
    let mut watched = Watched { real_time, wakes: Vec::with_capacity(16_384), timings: Vec::with_capacity(2_048) };
    let mut due = platform::monotonic() + EVERY;
    while !finish.load(Ordering::Relaxed) && watched.wakes.len() < WAKES_MAX {
        let late = platform::sleep_until(due);
        watched.wakes.push((due, late));
        if watched.wakes.len().is_multiple_of(TIMED_EVERY) {
            watched.timings.push((platform::monotonic(), core_speed::time_work()));
        }
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
        contention: None,
    }
}

/// The timings of a window that fell into samples in which the processor was busy.
fn timings_when_busy(cpu: u16, watched: &Watched, window: &Range<Duration>, samples: &Samples) -> Vec<Duration> {
    let Some(busy) = samples.busy.get(&cpu) else { return Vec::new() };
    let was_busy = |at: Duration| {
        let at_s = at.saturating_sub(window.start).as_secs_f64();
        let sample = samples.at_s.iter().position(|&end_s| end_s >= at_s);
        sample.and_then(|sample| busy.get(sample)).is_some_and(|&busy| busy >= BUSY_FROM)
    };
    let counts = |&&(at, _): &&(Duration, Duration)| window.contains(&at) && was_busy(at);
    watched.timings.iter().filter(counts).map(|(_, took)| *took).collect()
}

/// How the timings fared against the processor's own speed.
fn contention(timings: &[Duration], own: Option<&mut Duration>) -> Option<Contention> {
    let own = own.filter(|_| timings.len() >= TIMINGS_LEAST)?;
    *own = core_speed::fastest(timings.to_vec())?.min(*own);
    let slowed = timings.iter().filter(|took| took.as_secs_f64() > own.as_secs_f64() * SLOWED_FROM).count();
    let count = timings.len() as f64;
    Some(Contention {
        timings: timings.len() as u64,
        slowed_share: slowed as f64 / count,
        mean_us: timings.iter().sum::<Duration>().as_secs_f64() * 1e6 / count,
        own_us: own.as_secs_f64() * 1e6,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_window_counts() {
        let ms = Duration::from_millis;
        let wakes = (0..100).map(|n| (ms(2 * n), if n == 60 { ms(5) } else { Duration::from_micros(n) })).collect();
        let hiccups = sum_up(3, &Watched { real_time: true, wakes, timings: Vec::new() }, &(ms(100)..ms(200)));
        assert_eq!((hiccups.cpu, hiccups.wakes), (3, 50));
        assert!((hiccups.max_us - 5_000.0).abs() < 1e-6 && (hiccups.lost_s - 0.005).abs() < 1e-9);
        assert!((hiccups.p99_us - 5_000.0).abs() < 1e-6);
        assert_eq!(sum_up(0, &Watched::default(), &(ms(0)..ms(1))).wakes, 0);
    }

    #[test]
    fn timings_count_while_the_processor_is_busy_and_those_beside_another_thread_are_slowed() {
        let (ms, us) = (Duration::from_millis, Duration::from_micros);
        // Busy for the first and the third 100 ms; slowed in the third.
        let samples = Samples {
            at_s: vec![0.1, 0.2, 0.3],
            busy: BTreeMap::from([(1, vec![0.95, 0.3, 1.0])]),
            ..Samples::default()
        };
        let took = |n: u64| if n < 10 { us(60 + n % 2) } else { us(90) };
        let timings = (0..15).map(|n| (ms(1_000 + 20 * n + 5), took(n))).collect();
        let watched = Watched { real_time: true, wakes: Vec::new(), timings };
        let window = ms(1_000)..ms(1_300);
        let busy = timings_when_busy(1, &watched, &window, &samples);
        assert_eq!(busy.len(), 10);
        assert!(timings_when_busy(0, &watched, &window, &samples).is_empty());
        let mut own = us(62);
        let found = contention(&busy, Some(&mut own)).expect("enough timings");
        assert_eq!((found.timings, own), (10, us(60)), "the processor proved faster than it was thought to be");
        assert!((found.slowed_share - 0.5).abs() < 1e-9 && (found.own_us - 60.0).abs() < 1e-9, "{found:?}");
        assert!(contention(&busy[..4], Some(&mut own)).is_none() && contention(&busy, None).is_none());
    }

    #[test]
    fn one_that_is_dropped_watches_no_more() {
        let cpu = crate::machine::look().cpus[0].id;
        let layout = Layout { generator: vec![cpu], server: vec![cpu], services: vec![cpu] };
        let monitor = HiccupMonitor::start(&layout).expect("a thread");
        let watches = Arc::downgrade(&monitor.finish);
        drop(monitor);
        assert_eq!(watches.strong_count(), 0, "a thread still runs");
    }

    #[test]
    fn a_processor_is_watched_every_two_milliseconds() {
        let cpu = crate::machine::look().cpus[0].id;
        let layout = Layout { generator: vec![cpu], server: vec![cpu], services: vec![cpu] };
        let start = platform::monotonic();
        let monitor = HiccupMonitor::start(&layout).expect("a thread");
        std::thread::sleep(Duration::from_millis(200));
        let hiccups = monitor.finish(&(start..platform::monotonic()), &Samples::default(), &mut OwnSpeeds::new());
        assert_eq!(hiccups.len(), 1);
        // A loaded machine may lose some.
        assert!((20..=101).contains(&hiccups[0].wakes), "{hiccups:?}");
    }
}
