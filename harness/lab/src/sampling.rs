//! Samples of server and host on one clock, ten times a second, while load is driven.

mod readings;
mod series;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use model::record::Samples;

use crate::platform;
use readings::{Reader, Reading};

/// How often is sampled. One sample costs about 0.2 ms.
const EVERY: Duration = Duration::from_millis(100);
/// A last interval shorter than this joins the one before it: the host counts in ticks of 10 ms.
const LAST_LEAST: Duration = Duration::from_millis(40);
/// The most samples that are kept: an hour of them.
const READINGS_MAX: usize = 36_000;

/// Samples until it is finished or dropped.
#[derive(Debug)]
pub(crate) struct Sampler {
    finish: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<Reading>>>,
    server: i32,
}

/// What was sampled.
#[derive(Debug)]
pub(crate) struct Sampled {
    /// For the record.
    pub(crate) samples: Samples,
    /// CPU seconds of the backing services during the window.
    pub(crate) services_cpu_s: f64,
}

/// Which process trees are sampled, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Sampling {
    /// The leader of the server's processes.
    pub(crate) server: i32,
    /// The leaders of the backing services' processes.
    pub(crate) services: Vec<i32>,
    /// The processors on which the sampling thread runs.
    pub(crate) on: Vec<u16>,
    /// When the server's proportional set size is read.
    pub(crate) proportional: Proportional,
}

/// When a proportional set size is read: the kernel goes through all pages for it, which takes about a millisecond for 100 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proportional {
    /// After the load only.
    AtTheEnd,
    /// Once a second, too.
    EachSecond,
}

impl Sampler {
    /// Starts sampling.
    pub(crate) fn start(sampling: Sampling) -> std::io::Result<Self> {
        let finish = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&finish);
        let server = sampling.server;
        let thread = std::thread::Builder::new().name("sampler".to_owned()).spawn(move || sample(&sampling, &seen))?;
        Ok(Self { finish, thread: Some(thread), server })
    }

    /// Ends sampling. The series count from `zero`; the services' use is of `window`. Both are on the clock of
    /// [`platform::monotonic`].
    pub(crate) fn finish(mut self, zero: Duration, window: std::ops::Range<Duration>) -> Sampled {
        let readings = self.end();
        let services_cpu_s = series::services_cpu_s(&readings, &window);
        let mut samples = series::samples(&readings, zero);
        samples.server_pss_mib = readings::proportional_mib(self.server);
        Sampled { samples, services_cpu_s }
    }

    fn end(&mut self) -> Vec<Reading> {
        self.finish.store(true, Ordering::Relaxed);
        let Some(thread) = self.thread.take() else { return Vec::new() };
        thread.thread().unpark();
        // A sampler that panicked has sampled nothing.
        thread.join().unwrap_or_default()
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.end();
    }
}

fn sample(sampling: &Sampling, finish: &AtomicBool) -> Vec<Reading> {
    // Where pinning fails the samples are as good; only their cost falls elsewhere.
    let _ = crate::machine::pin_current_thread(&sampling.on);
    let mut reader = Reader::new(sampling);
    let mut readings = Vec::with_capacity(1024);
    let mut due = platform::monotonic();
    while !finish.load(Ordering::Relaxed) && readings.len() < READINGS_MAX {
        readings.push(reader.read());
        due += EVERY;
        wait_until(due, finish);
    }
    let last = reader.read();
    if readings.len() > 1 && readings.last().is_some_and(|before| last.at.saturating_sub(before.at) < LAST_LEAST) {
        readings.pop();
    }
    readings.push(last);
    readings
}

/// Sleeps until the next sample is due, or sampling shall finish.
fn wait_until(due: Duration, finish: &AtomicBool) {
    while !finish.load(Ordering::Relaxed) {
        match due.saturating_sub(platform::monotonic()) {
            Duration::ZERO => return,
            left => std::thread::park_timeout(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_dropped_samples_no_more() {
        let server = i32::try_from(std::process::id()).expect("a pid");
        let on = vec![crate::machine::look().cpus[0].id];
        let sampling = Sampling { server, services: Vec::new(), on, proportional: Proportional::AtTheEnd };
        let sampler = Sampler::start(sampling).expect("a thread");
        let samples = Arc::downgrade(&sampler.finish);
        drop(sampler);
        assert_eq!(samples.strong_count(), 0, "its thread still runs");
    }

    #[test]
    fn a_busy_process_is_seen_to_be_busy() {
        let mut child = std::process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn().expect("a shell");
        let server = i32::try_from(child.id()).expect("a pid");
        let on = vec![crate::machine::look().cpus[0].id];
        let start = platform::monotonic();
        let sampler =
            Sampler::start(Sampling { server, services: vec![server], on, proportional: Proportional::EachSecond })
                .expect("a thread");
        std::thread::sleep(Duration::from_millis(450));
        let sampled = sampler.finish(start, start..platform::monotonic());
        child.kill().expect("it runs");
        child.wait().expect("it was ours");
        let samples = sampled.samples;
        assert!((4..=6).contains(&samples.at_s.len()), "{:?}", samples.at_s);
        for length in [samples.server_cores.len(), samples.server_threads.len(), samples.server_switches_per_s.len()] {
            assert_eq!(length, samples.at_s.len());
        }
        assert!(samples.server_cores.iter().all(|cores| (0.0..=1.1).contains(cores)), "{:?}", samples.server_cores);
        assert!(sampled.services_cpu_s > 0.05, "{}", sampled.services_cpu_s);
        assert!(samples.busy.values().chain(samples.stolen.values()).all(|series| series.len() == samples.at_s.len()));
        assert!(samples.server_threads.iter().all(|threads| *threads == 1));
        assert!(samples.server_rss_mib[0] > 0.1 && samples.server_pss_mib.is_some());
        let [first] = samples.server_pss[..] else { panic!("{:?}", samples.server_pss) };
        assert!(
            first.mib > 0.05 && first.mib <= samples.server_rss_mib[0] * 1.5 && first.at_s.abs() < 0.3,
            "{first:?}"
        );
    }
}
