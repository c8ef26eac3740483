//! How fast a processor is now: a fixed piece of work, timed again and again beside the load.
//!
//! A virtual processor is often one hardware thread of a core. While the host runs something on the core's other thread, work here
//! takes up to twice as long, and no counter of the guest shows it: nothing is stolen, nothing stalls. The work below keeps a core's
//! arithmetic units full, so that it notices who shares them; it reads and writes nothing but registers, so that it leaves the
//! server's caches alone.

use std::hint::black_box;
use std::time::Duration;

use crate::platform;

/// Rounds of the timed work: some 6 µs on a processor of 2021, of which the clock's own cost is under a hundredth.
const ROUNDS: u64 = 4_000;
/// Rounds before it, untimed: the code and the clock are then at hand.
const ROUNDS_BEFORE: u64 = 400;
/// Timings of one processor that its own speed is taken from.
const TIMINGS: usize = 40_000;
/// How long a processor is timed for its own speed. The host moves its threads within seconds: long enough to meet a
/// moment in which nothing shares the core.
const TIMED_FOR: Duration = Duration::from_millis(400);
/// One timing in so many is faster than what counts as a core's own speed: odd ones.
const ODD_ONE_IN: usize = 20;

/// What the fixed work takes now on the calling thread's processor.
pub(crate) fn time_work() -> Duration {
    black_box(work(black_box(ROUNDS_BEFORE)));
    let began = platform::monotonic();
    black_box(work(black_box(ROUNDS)));
    platform::monotonic().saturating_sub(began)
}

/// What the fixed work takes on a processor when nothing else uses its core: the fastest of many timings.
///
/// # Errors
/// When no thread can be had or pinned there.
pub(crate) fn own_speed(cpu: u16) -> Result<Duration, String> {
    let timing = std::thread::spawn(move || {
        crate::machine::pin_current_thread(&[cpu]).map_err(|error| error.to_string())?;
        let end = platform::monotonic() + TIMED_FOR;
        let mut timings = Vec::with_capacity(TIMINGS);
        while platform::monotonic() < end && timings.len() < TIMINGS {
            timings.push(time_work());
        }
        Ok::<_, String>(timings)
    });
    let timings = timing.join().map_err(|_| "the timing thread panicked".to_owned())??;
    fastest(timings).ok_or_else(|| "the processor was not timed".to_owned())
}

/// The fastest of some timings but for odd ones.
pub(crate) fn fastest(mut timings: Vec<Duration>) -> Option<Duration> {
    timings.sort_unstable();
    timings.get(timings.len() / ODD_ONE_IN).copied()
}

/// Eight sums that do not wait for each other. Each round's number is opaque, so that no compiler foresees the end.
#[inline(never)]
fn work(rounds: u64) -> u64 {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = black_box([1_u64, 2, 3, 4, 5, 6, 7, 8]);
    for round in 0..rounds {
        let i = black_box(round);
        a = a.wrapping_add(i) ^ 0x55;
        b = (b ^ i).wrapping_add(7);
        c = c.wrapping_sub(i) ^ 0x33;
        d = d.wrapping_add(3).wrapping_sub(i);
        e = (e ^ a).wrapping_add(9);
        f = f.wrapping_add(b) ^ i;
        g = g.wrapping_sub(c).wrapping_add(5);
        h = (h ^ d).wrapping_sub(1);
    }
    a ^ b ^ c ^ d ^ e ^ f ^ g ^ h
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_work_takes_longer() {
        let time = |rounds| {
            let each = (0..50).map(|_| {
                let began = platform::monotonic();
                black_box(work(black_box(rounds)));
                platform::monotonic().saturating_sub(began)
            });
            each.min().expect("fifty timings")
        };
        // A compiler that foresaw the end would take the same time for both.
        assert!(time(8 * ROUNDS) > 4 * time(ROUNDS), "{:?} {:?}", time(8 * ROUNDS), time(ROUNDS));
    }

    #[test]
    fn a_processors_own_speed_is_its_fastest() {
        let own = own_speed(crate::machine::look().cpus[0].id).expect("it can be timed");
        assert!(own > Duration::ZERO && own < Duration::from_millis(1), "{own:?}");
        let timings = (1..=100).map(Duration::from_micros).collect();
        assert_eq!(fastest(timings), Some(Duration::from_micros(6)));
        assert_eq!(fastest(Vec::new()), None);
    }
}
