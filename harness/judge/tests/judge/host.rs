//! The host: what it took withholds a verdict that it could have made (G13), and is not held against server or generator (G4, G2).

use judge::analyse;
use model::analysis::Gate;
use model::record::{Contention, Hiccups, RunRecord, TrialOutcome};
use model::verdict::Outcome;

use crate::builder::{Truth, each, one, record};
use crate::gates::{failed, latency, throughput};
use crate::observed::histogram;
use crate::rule::judged;

#[test]
fn g13_a_host_that_takes_time() {
    // The ratio is 2.0 and the border 1.5: a host that takes a third of the baseline's time could make that difference.
    let stolen = |share: f64| {
        let mut record = throughput();
        each(&mut record, |observation| {
            observation.samples.stolen.insert(1, vec![share; 121]);
        });
        failed(&record)
    };
    assert_eq!(stolen(0.4), [Gate::G13]);
    assert_eq!(stolen(0.1), [], "less than the effect");
    let mut stalled = throughput();
    each(&mut stalled, |observation| observation.hiccups[0].lost_s = 4.0);
    assert_eq!(failed(&stalled), [Gate::G13]);
    let mut once = throughput();
    one(&mut once, 5, |observation| observation.hiccups[0].lost_s = 4.0);
    assert_eq!(failed(&once), [], "one run of seven moves the mean by little");
    let mut elsewhere = throughput();
    each(&mut elsewhere, |observation| {
        observation.samples.stolen.insert(7, vec![0.9; 121]);
    });
    assert_eq!(failed(&elsewhere), [], "another processor does not matter");
}

#[test]
fn g13_stalls_that_may_be_the_servers_own_are_a_doubt() {
    let mut record = throughput();
    each(&mut record, |observation| (observation.hiccups[0].lost_s, observation.hiccups[0].real_time) = (4.0, false));
    assert_eq!(failed(&record), []);
    assert!(judged(&record)[0].doubts.iter().any(|doubt| doubt.contains("real-time priority")));
}

#[test]
fn g13_stalls_that_may_be_the_quantile() {
    // The claim is that p99 differs by less than 10 %. Requests hit by stalls may be the slowest ones: without them, p99 is a lower quantile.
    let hit = |share: f64| {
        let mut record = latency();
        each(&mut record, |observation| {
            observation.streams[0].response_time = histogram(&[(2_000.0, 4_500), (8_000.0, 500)]);
            observation.hiccups[0].lost_s = share * observation.phases.measure_s;
        });
        failed(&record)
    };
    assert_eq!(hit(0.1), [Gate::G13]);
    assert_eq!(hit(0.01), []);
}

#[test]
fn g4_counts_time_that_the_hypervisor_took_as_asked_for() {
    let mut record = throughput();
    let told = |record: &RunRecord| {
        let gates = analyse(record).experiments[0].comparisons[0].gates.clone();
        gates.into_iter().find(|result| result.gate == Gate::G4).expect("G4").detail
    };
    one(&mut record, 5, |observation| observation.samples.server_cores.fill(0.75));
    assert!(told(&record).contains("1 of 14 checks failed"), "{}", told(&record));
    one(&mut record, 5, |observation| {
        observation.samples.stolen.insert(1, vec![0.2; 121]);
    });
    assert!(told(&record).starts_with("at worst"), "{}", told(&record));
}

#[test]
fn g2_leaves_out_what_left_late_while_the_host_stalled() {
    let mut record = latency();
    one(&mut record, 5, |observation| observation.streams[0].send_lag = histogram(&[(50.0, 4_900), (5_000.0, 100)]));
    assert!(failed(&record).contains(&Gate::G2));
    one(&mut record, 5, |observation| {
        observation.samples.stolen.insert(0, vec![0.03; 121]);
    });
    assert!(!failed(&record).contains(&Gate::G2));
}

#[test]
fn g13_another_thread_on_the_servers_core() {
    // Half of the time in which something else used the core counts: beyond two thirds of it the baseline may have made 2.0 of 1.5.
    let contended = |cpu: u16, slowed_share: f64| {
        let mut record = throughput();
        let contention = Contention { timings: 60, slowed_share, mean_us: 9.0, own_us: 6.3 };
        each(&mut record, |observation| {
            (observation.hiccups[0].cpu, observation.hiccups[0].contention) = (cpu, Some(contention));
        });
        failed(&record)
    };
    assert_eq!(contended(1, 0.9), [Gate::G13]);
    assert_eq!(contended(1, 0.2), [], "less than the effect");
    assert_eq!(contended(0, 0.9), [], "the generator's core");
}

#[test]
fn g13_what_both_arms_lost_moves_no_ratio() {
    // The baseline may have lost 30 %, which alone could make 2.0 of 1.5. The treatment, contended all along, lost over a fifth.
    let contended = |treatment: f64, busy: f64| {
        let mut record = throughput();
        let baseline = record.header.plan.experiments[0].claims[0].baseline.clone();
        for done in &mut record.trials {
            let slowed_share = if done.trial.arm == baseline { 0.6 } else { treatment };
            if let TrialOutcome::Observed(observation) = &mut done.outcome {
                let samples = observation.samples.at_s.len();
                let contention = Some(Contention { timings: 60, slowed_share, mean_us: 9.0, own_us: 6.3 });
                observation.samples.busy.extend([(1, vec![busy; samples]), (2, vec![busy; samples])]);
                let watched = observation.hiccups[0];
                observation.hiccups = [1, 2].map(|cpu| Hiccups { cpu, contention, ..watched }).to_vec();
            }
        }
        failed(&record)
    };
    assert_eq!(contended(0.0, 1.0), [Gate::G13]);
    assert_eq!(contended(1.0, 1.0), []);
    assert_eq!(contended(1.0, 0.5), [Gate::G13], "a server that waits may have lost nothing");
}

#[test]
fn g13_looks_at_the_near_end_of_the_interval() {
    // Estimate 2.0 and border 1.5 are a third apart, the interval's lower end and the border much less.
    let mut wide = record(&[Truth { spread: 0.15, ..Truth::of(2.0) }], 7, 2);
    assert_eq!(judged(&wide)[0].outcome, Outcome::Supported);
    each(&mut wide, |observation| {
        observation.samples.stolen.insert(1, vec![0.2; 121]);
    });
    assert_eq!(failed(&wide), [Gate::G13]);
}
