//! The judge's own examination: how often it is right where the truth is known (method.md, "Judging the judge").

use model::verdict::Outcome;

use crate::builder::{Shape, Truth, record};
use crate::rule::judged;

/// Simulated runs of each scenario. At a true rate of 5 % the count scatters by 3.8 around 15.
const RUNS: u64 = 300;
/// More than this many of [`RUNS`] would happen by chance once in a thousand if the rate were 5 % (`scipy.stats.binom.ppf(0.999, 300, 0.05)`).
const MOST_AT_5_PERCENT: usize = 28;
/// Fewer than this many likewise: the rule uses what it is allowed, or it would never find anything.
const FEWEST_AT_5_PERCENT: usize = 5;

fn count(truth: &Truth, blocks: u32, wanted: Outcome) -> usize {
    (0..RUNS).filter(|&seed| judged(&record(std::slice::from_ref(truth), blocks, seed))[0].outcome == wanted).count()
}

#[test]
fn at_the_border_support_is_seldom_and_not_never() {
    let supported = count(&Truth { spread: 0.05, ..Truth::of(1.5) }, 7, Outcome::Supported);
    assert!((FEWEST_AT_5_PERCENT..=MOST_AT_5_PERCENT).contains(&supported), "{supported} of {RUNS}");
}

#[test]
fn at_the_other_border_refutation_is_seldom() {
    let truth = Truth { spread: 0.05, region: "at-most", ..Truth::of(1.4999) };
    let refuted = count(&truth, 7, Outcome::Refuted);
    assert!((FEWEST_AT_5_PERCENT..=MOST_AT_5_PERCENT).contains(&refuted), "{refuted} of {RUNS}");
}

#[test]
fn equivalence_is_not_found_at_its_border() {
    let supported =
        count(&Truth { spread: 0.02, region: "equivalent", margin: 0.1, ..Truth::of(1.1) }, 7, Outcome::Supported);
    assert!(supported <= MOST_AT_5_PERCENT, "{supported} of {RUNS}");
}

#[test]
fn skewed_blocks_do_not_fool_twenty_blocks() {
    for region in ["greater", "at-most"] {
        let truth = Truth { spread: 0.05, shape: Shape::Skewed, region, ..Truth::of(1.5) };
        let supported = count(&truth, 20, Outcome::Supported);
        assert!(supported <= MOST_AT_5_PERCENT, "{region}: {supported} of {RUNS}");
    }
}

#[test]
fn clear_truths_are_always_found() {
    let clear = |ratio, wanted| count(&Truth { spread: 0.05, ..Truth::of(ratio) }, 7, wanted);
    assert_eq!(clear(2.0, Outcome::Supported), usize::try_from(RUNS).expect("small"));
    assert_eq!(clear(1.0, Outcome::Refuted), usize::try_from(RUNS).expect("small"));
}

#[test]
fn a_family_at_its_borders_errs_no_more_than_one_claim() {
    let family = ["one", "two", "three"].map(|claim| Truth { claim, spread: 0.05, ..Truth::of(1.5) });
    let wrong = (0..RUNS)
        .filter(|&seed| judged(&record(&family, 7, seed)).iter().any(|verdict| verdict.outcome == Outcome::Supported))
        .count();
    assert!(wrong <= MOST_AT_5_PERCENT, "{wrong} of {RUNS}");
}
