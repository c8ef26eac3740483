//! Judging is quick enough to be done after every block, and for the whole suite at once.

use std::time::{Duration, Instant};

use judge::{analyse, verdicts};

use crate::builder::{Truth, record};

/// The whole suite: every claim of it, in twenty blocks.
const CLAIMS: usize = 60;
const BLOCKS: u32 = 20;
/// One second is what it may take (`cargo bench --bench accounting` measures it with the histograms of real trials); here other tests run beside it, and
/// some of what it calls is not optimised.
const LONGEST: Duration = Duration::from_secs(8);

#[test]
fn the_whole_suite_is_judged_quickly() {
    let names: Vec<&'static str> = (0..CLAIMS).map(|at| &*format!("claim-{at}").leak()).collect();
    let families: Vec<&'static str> = (0..CLAIMS).map(|at| &*format!("family-{}", at / 3).leak()).collect();
    let truth = |at: usize| Truth { claim: names[at], family: families[at], spread: 0.05, ..Truth::of(2.0) };
    let suite = record(&(0..CLAIMS).map(truth).collect::<Vec<_>>(), BLOCKS, 1);
    let began = Instant::now();
    let found = verdicts(&suite, &analyse(&suite));
    let took = began.elapsed();
    assert_eq!(found.len(), CLAIMS);
    assert!(took < LONGEST, "{took:?}");
}
