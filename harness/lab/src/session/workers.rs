//! One worker of the generator on each of its cores.

use std::num::NonZeroU32;

use load::error::RunError;
use load::fleet::{Fleet, Unwatched, run_fleet};
use load::run::{Outcome, RunSpec, run};

use crate::machine::pin_current_thread;

/// Makes a run with a worker on each of these cores. With one core that is the calling thread, which has been put there: nothing else
/// of ours then takes time of it.
pub(super) fn on_each(cores: &[u16], spec: &RunSpec<'_>) -> Result<Outcome, RunError> {
    match u32::try_from(cores.len()).ok().and_then(NonZeroU32::new) {
        None | Some(NonZeroU32::MIN) => run(spec),
        Some(workers) => {
            let settle = |worker: u32| pin_current_thread(&cores[worker as usize..=worker as usize]);
            run_fleet(spec, &Fleet { workers, settle: &settle }, &mut Unwatched)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use load::arrival::{Arrival, Spacing};
    use load::pacer::PacerKind;
    use load::request::RequestSpec;
    use load::run::{Ending, Opening, Target};
    use load::stream::StreamSpec;
    use load::synthetic::{Latency, SyntheticSpec};
    use load::transport::Transport;
    use load::window::Phases;

    use super::*;

    /// How many windows' worth of time the workers spent, and what was due.
    fn worked(cores: &[u16]) -> (f64, u64) {
        let latency = Latency::Exponential { mean: Duration::from_millis(1) };
        let arrival = Arrival::Open { rate_per_s: 200.0, spacing: Spacing::Constant };
        let stream = StreamSpec::new("main", 8, arrival, vec![RequestSpec::get("/")]);
        let streams = [stream.over(Transport::Synthetic(SyntheticSpec { latency, error_share: 0.0 }))];
        let ms = Duration::from_millis;
        let outcome = on_each(
            cores,
            &RunSpec {
                // Nobody listens there, and nobody asks.
                target: Target { address: ([127, 0, 0, 1], 1).into() },
                streams: &streams,
                phases: Phases { warm_up: ms(0), measure: ms(300), drain: ms(200) },
                opening: Opening::AllAtOnce,
                pacer: PacerKind::shared_core(),
                seed: 1,
                stop: &[],
                ending: Ending::Close,
            },
        );
        let outcome = outcome.expect("it runs");
        (outcome.generator.wall_ns as f64 / (outcome.window.length_s() * 1e9), outcome.streams[0].counts.due)
    }

    #[test]
    fn each_core_has_a_worker_and_together_they_make_one_run() {
        let (first, last) = {
            let cpus = crate::machine::look().cpus;
            (cpus[0].id, cpus[cpus.len() - 1].id)
        };
        let (windows, due) = worked(&[first]);
        assert!(windows > 0.9 && due == 60, "{windows} windows, {due} due");
        // A worker that is held up spends longer, but none spends less than a window.
        let (windows, due) = worked(&[first, last]);
        assert!(windows > 1.9 && due == 60, "{windows} windows, {due} due");
    }
}
