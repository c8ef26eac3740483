//! Whether generator and server were loaded as they should have been (G3, G4): what ran short withholds what it may have made, and no more.

use model::analysis::Gate;
use model::define::claim::Limit;
use model::record::{CapacitySearch, Observation, RunRecord, SearchStep};
use model::verdict::Outcome;
use serde_json::json;

use crate::builder::{BASELINE, TREATMENT, Truth, each, of_arm, one, one_of_arm, record};
use crate::gates::{assert_caught, failed, latency, result, throughput};
use crate::rule::judged;

#[test]
fn g3_a_busy_generator() {
    assert_caught(throughput(), Gate::G3, |observation| observation.generator.busy_s = 8.5);
}

#[test]
fn g3_services_that_ran_short_can_only_have_slowed_their_arm() {
    let short = |record: &mut RunRecord, arm: &str| {
        one_of_arm(record, arm, |observation| observation.generator.services_cpu_s = 7.5);
    };
    let mut slowed_baseline = throughput();
    short(&mut slowed_baseline, BASELINE);
    assert_eq!(failed(&slowed_baseline), [Gate::G3], "the ratio may be lower");
    let mut slowed_treatment = throughput();
    short(&mut slowed_treatment, TREATMENT);
    assert_eq!(failed(&slowed_treatment), [], "the ratio may only be higher, and is above the border");
    let told = result(&slowed_treatment, Gate::G3).detail;
    assert!(told.contains("lowered it by any number of times at most"), "{told}");
    short(&mut slowed_treatment, BASELINE);
    assert_eq!(failed(&slowed_treatment), [Gate::G3], "either may be the faster");

    let mut within_a_tenth = latency();
    short(&mut within_a_tenth, TREATMENT);
    assert_eq!(failed(&within_a_tenth), [Gate::G3], "there is a border on either side");
    let mut generator = throughput();
    one_of_arm(&mut generator, TREATMENT, |observation| observation.generator.busy_s = 8.5);
    assert_eq!(failed(&generator), [Gate::G3], "a busy generator makes another load, and not only a slower arm");
}

#[test]
fn g3_a_generator_in_the_way() {
    let sharing = |cpu_s: f64| {
        move |observation: &mut Observation| {
            observation.generator.shares_core = true;
            observation.generator.cpu_s = cpu_s;
        }
    };
    let mut large = throughput();
    each(&mut large, sharing(0.25));
    assert_eq!(failed(&large), [Gate::G3]);
    let mut small = throughput();
    each(&mut small, sharing(0.15));
    assert_eq!(failed(&small), []);
    one(&mut small, 5, sharing(0.25));
    assert_eq!(failed(&small), [], "a single run is the host's doing");
}

#[test]
fn g4_a_server_that_was_not_loaded() {
    let with = |arm: &str, share: f64| {
        let mut record = throughput();
        of_arm(&mut record, arm, |observation| observation.samples.server_cores.fill(share));
        record
    };
    assert_eq!(failed(&with(BASELINE, 0.5)), [Gate::G4]);
    assert_eq!(judged(&with(BASELINE, 0.5))[0].outcome, Outcome::Inconclusive);
    assert_eq!(failed(&with(TREATMENT, 0.5)), [], "at its limit the ratio would be further from the border");
    assert_eq!(judged(&with(TREATMENT, 0.5))[0].outcome, Outcome::Supported);
}

#[test]
fn g4_a_single_run_counts_by_what_it_may_have_done() {
    let mut record = throughput();
    one_of_arm(&mut record, BASELINE, |observation| observation.samples.server_cores.fill(0.6));
    assert_eq!(failed(&record), [], "a seventh of ln(1 / 0.6) is less than ln(2.0 / 1.5)");
    assert!(result(&record, Gate::G4).detail.contains("1 of 14 checks failed; that may have raised the ratio by 1.0"));
    one_of_arm(&mut record, BASELINE, |observation| observation.samples.server_cores.clear());
    assert!(!result(&record, Gate::G4).pass, "what was not sampled may have been anything");
}

#[test]
fn g4_asks_once_more_at_the_level_that_the_family_leaves() {
    // Two members at their border leave the first a third of the error, so that its interval ends nearer to its own.
    let [first, second, third] = ["first", "second", "third"];
    let alone = [Truth { claim: first, ..Truth::of(2.0) }];
    let at_border = |claim| Truth { claim, spread: 0.1, ..Truth::of(1.5) };
    let shared = [alone[0].clone(), at_border(second), at_border(third)];
    let idle = |truths: &[Truth], share: f64| {
        let mut record = record(truths, 7, 1);
        of_arm(&mut record, BASELINE, |observation| observation.samples.server_cores.fill(share));
        record
    };
    let (mut fails, mut passes) = (0.5, 0.89);
    while passes - fails > 1e-5 {
        let between = (fails + passes) / 2.0;
        let side = if result(&idle(&alone, between), Gate::G4).pass { &mut passes } else { &mut fails };
        *side = between;
    }
    assert_eq!(judged(&idle(&alone, passes))[0].outcome, Outcome::Supported);
    assert_eq!(judged(&idle(&shared, 0.89))[0].outcome, Outcome::Supported);
    let in_family = &judged(&idle(&shared, passes))[0];
    assert_eq!(in_family.outcome, Outcome::Inconclusive);
    assert!(in_family.reason.contains("the error level that its family leaves"), "{}", in_family.reason);
}

#[test]
fn g4_asks_for_the_limit_that_each_arm_names() {
    let with = |limit: Limit| {
        let mut record = throughput();
        record.header.plan.experiments[0].arms.iter_mut().for_each(|arm| arm.limit = limit);
        failed(&record)
    };
    // The servers use 0.98 of their two cores.
    assert_eq!(with(Limit::ServerCores), [Gate::G4], "both may have done twice as much");
    assert_eq!(with(Limit::OneCore), []);
    assert_eq!(with(Limit::Concurrency), []);
    assert_eq!(with(Limit::None), []);
}

/// The same servers, with the greatest rate searched for instead of measured under closed load.
pub(crate) fn capacity() -> RunRecord {
    let mut record = throughput();
    let experiment = &mut record.header.plan.experiments[0];
    experiment.claims[0].claim.metric = serde_json::from_value(json!({ "capacity": {} })).expect("a metric");
    let objective = json!({ "quantile": 0.99, "at_most": "50ms", "errors_at_most": 0.001 });
    let load = json!({ "search": { "objective": objective, "connections": 64 } });
    experiment.workload.streams[0].load = serde_json::from_value(load).expect("a load");
    each(&mut record, |observation| {
        let greatest = observation.streams[0].completed as f64 / 10.0;
        let step = |share: f64, held| SearchStep {
            rate_per_s: greatest * share,
            response_us: 1e4,
            error_share: 0.0,
            held,
            confirming: held,
        };
        observation.search = Some(CapacitySearch {
            steps: vec![step(1.1, false), step(1.0, true)],
            greatest_per_s: Some(greatest),
            bounded_by_generator: false,
        });
    });
    record
}

#[test]
fn g4_a_search_that_did_not_end_at_the_server() {
    assert_eq!(failed(&capacity()), []);
    let searched = |change: fn(&mut CapacitySearch)| {
        move |observation: &mut Observation| observation.search.iter_mut().for_each(change)
    };
    for open in [searched(|search| search.bounded_by_generator = true), searched(|search| search.steps.truncate(0))] {
        let mut record = capacity();
        one_of_arm(&mut record, TREATMENT, open);
        assert_eq!(failed(&record), [], "it can only be more");
        assert_eq!(judged(&record)[0].outcome, Outcome::Supported);
        one_of_arm(&mut record, BASELINE, open);
        assert_eq!(judged(&record)[0].outcome, Outcome::Inconclusive);
    }
    let mut never_failed = capacity();
    one_of_arm(&mut never_failed, BASELINE, searched(|search| search.steps.truncate(0)));
    assert_eq!(failed(&never_failed), [Gate::G4]);
}
