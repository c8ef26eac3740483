//! The synthetic transport through a whole run: what is recorded is what was drawn.

use std::time::Duration;

use load::arrival::Arrival;
use load::error::ErrorClass;
use load::pacer::PacerKind;
use load::recorder::StreamOutcome;
use load::run::{Ending, Opening, RunSpec, Target, run};
use load::synthetic::{Latency, SyntheticSpec};
use load::transport::Transport;

use crate::support::{assert_counts_add_up, closed, open, phases, stream};

fn synthetic(connections: u32, arrival: Arrival, spec: SyntheticSpec) -> StreamOutcome {
    let streams = [stream(connections, arrival).over(Transport::Synthetic(spec))];
    let outcome = run(&RunSpec {
        // Nobody listens there, and nobody asks.
        target: Target { address: ([127, 0, 0, 1], 1).into() },
        streams: &streams,
        phases: phases(50, 800, 500),
        opening: Opening::AllAtOnce,
        pacer: PacerKind::shared_core(),
        seed: 5,
        stop: &[],
        ending: Ending::Close,
    });
    let main = outcome.unwrap().streams.remove(0);
    assert_counts_add_up(&main);
    main
}

#[test]
fn an_open_loop_records_the_distribution_that_was_drawn() {
    let mean = Duration::from_millis(5);
    let latency = Latency::Exponential { mean };
    let main = synthetic(512, open(5_000.0), SyntheticSpec { latency, error_share: 0.0 });
    assert_eq!(main.counts.due, 4_000);
    for quantile in [0.5_f64, 0.9, 0.99] {
        let wanted_ns = -5e6 * (1.0 - quantile).ln();
        // Three standard errors of the quantile of 4,000 draws.
        let tolerance = 3.0 * (quantile / (1.0 - quantile) / 4_000.0).sqrt() * 5e6;
        let found_ns = main.service_time.value_at_quantile(quantile) as f64;
        assert!((found_ns - wanted_ns).abs() < tolerance, "{quantile}: {found_ns} ns, not {wanted_ns} ns");
    }
}

#[test]
fn a_closed_loop_has_the_rate_of_its_latency_and_the_errors_that_were_drawn() {
    let latency = Latency::Constant(Duration::from_millis(10));
    let main = synthetic(4, closed(), SyntheticSpec { latency, error_share: 0.25 });
    let ended = main.counts.completed + main.counts.errors.failed_requests();
    // Four users, 80 rounds of 10 ms each; fewer on a machine that is busy with tests.
    assert!((200..=324).contains(&ended), "{:?}", main.counts);
    let share = main.counts.errors.get(ErrorClass::WrongStatus) as f64 / ended as f64;
    assert!((share - 0.25).abs() < 0.1, "{share}");
    let found_ns = main.service_time.max() as f64;
    assert!((found_ns / 1e7 - 1.0).abs() < 2e-3, "{found_ns} ns: the drawn time itself, not when it was noticed");
}
