//! From readings of counters to the series of the record: differences over each interval.

use std::ops::Range;
use std::time::Duration;

use model::record::{PssPoint, Samples};

use super::readings::Reading;
use crate::platform::CpuTicks;

/// The series; `zero` is the start of the measuring window.
pub(super) fn samples(readings: &[Reading], zero: Duration) -> Samples {
    let since_s = |at: Duration| at.as_secs_f64() - zero.as_secs_f64();
    let sizes = readings.iter().filter_map(|now| Some(PssPoint { at_s: since_s(now.at), mib: now.server_pss_mib? }));
    let mut samples = Samples { server_pss: sizes.collect(), ..Samples::default() };
    for pair in readings.windows(2) {
        let [before, now] = pair else { continue };
        let interval_s = (now.at.saturating_sub(before.at)).as_secs_f64();
        // A reading of the host that failed leaves its interval out, so that all series keep one length.
        if interval_s <= 0.0 || now.host.len() != before.host.len() {
            continue;
        }
        samples.at_s.push(since_s(now.at));
        samples.server_cores.push((now.server_cpu_s - before.server_cpu_s) / interval_s);
        samples.server_rss_mib.push(now.server_rss_mib);
        samples.server_threads.push(now.server_threads);
        samples.server_switches_per_s.push(now.server_switches_per_s);
        if let (Some(now), Some(before)) = (now.pressure_us, before.pressure_us) {
            samples.cpu_pressure.push((now.saturating_sub(before) as f64 / 1e6 / interval_s).min(1.0));
        }
        for (&cpu, ticks) in &now.host {
            let last = before.host.get(&cpu).copied().unwrap_or(*ticks);
            let (busy, stolen) = shares(last, *ticks);
            samples.busy.entry(cpu).or_default().push(busy);
            samples.stolen.entry(cpu).or_default().push(stolen);
        }
    }
    samples
}

/// The shares of an interval in which a processor was busy and stolen.
fn shares(before: CpuTicks, now: CpuTicks) -> (f64, f64) {
    let total = now.total.saturating_sub(before.total).max(1) as f64;
    let share = |now: u64, before: u64| now.saturating_sub(before) as f64 / total;
    (share(now.busy, before.busy), share(now.stolen, before.stolen))
}

/// CPU seconds of the backing services within the window, between readings in proportion.
pub(super) fn services_cpu_s(readings: &[Reading], window: &Range<Duration>) -> f64 {
    let pairs = readings.windows(2).filter_map(|pair| match pair {
        [before, now] => Some((before, now)),
        _ => None,
    });
    let within = pairs.map(|(before, now)| {
        let length_s = now.at.saturating_sub(before.at).as_secs_f64();
        let overlap = now.at.min(window.end).saturating_sub(before.at.max(window.start)).as_secs_f64();
        if length_s > 0.0 { (now.services_cpu_s - before.services_cpu_s) * overlap / length_s } else { 0.0 }
    });
    within.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(at_ms: u64, cpu_s: f64, busy: u64) -> Reading {
        let ticks = CpuTicks { busy, stolen: busy / 2, total: at_ms / 10 };
        Reading {
            at: Duration::from_millis(at_ms),
            server_cpu_s: cpu_s,
            services_cpu_s: cpu_s,
            host: [(0, ticks)].into(),
            pressure_us: Some(at_ms * 500),
            ..Reading::default()
        }
    }

    #[test]
    fn rates_belong_to_the_interval_that_ends_there() {
        let readings = [reading(1_000, 1.0, 0), reading(1_100, 1.05, 10), reading(1_300, 1.35, 20)];
        let samples = samples(&readings, Duration::from_millis(1_200));
        let close = |found: &[f64], wanted: &[f64]| {
            assert_eq!(found.len(), wanted.len());
            assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} {wanted:?}");
        };
        close(&samples.at_s, &[-0.1, 0.1]);
        close(&samples.server_cores, &[0.5, 1.5]);
        close(&samples.busy[&0], &[1.0, 0.5]);
        close(&samples.stolen[&0], &[0.5, 0.25]);
        close(&samples.cpu_pressure, &[0.5, 0.5]);
    }

    #[test]
    fn services_count_within_the_window_only() {
        let readings = [reading(0, 0.0, 0), reading(100, 0.1, 0), reading(200, 0.3, 0)];
        let window = Duration::from_millis(50)..Duration::from_millis(150);
        assert!((services_cpu_s(&readings, &window) - 0.15).abs() < 1e-9);
    }
}
