//! Searches the greatest rate that holds an objective: growth, bisection, and a longer run that confirms.
//!
//! Pure but for the closure that makes a run at a rate. One slow moment (of the host, or of a server that still warms up) can
//! make a single short run fail at a rate that the server holds easily, and a bisection never looks up again: so a rate counts
//! as failed only if it failed by far, or a second time.

use std::time::Duration;

use crate::run::Outcome;

/// A rate that fails only because the generator is this busy says nothing of the server (gate G3 of the method).
pub const GENERATOR_BUSY_MAX: f64 = 0.8;
/// What is tried to confirm, as shares of the greatest rate that held a short run: close below it first, then faster down, so that
/// a search that was lucky does not end with nothing.
pub const CONFIRMATIONS: [f64; 7] = [1.0, 0.95, 0.88, 0.79, 0.65, 0.45, 0.25];
/// The factor by which rates grow until one fails, and fall until one holds, so that a start that is near is refined.
const GROWTH: f64 = 1.2;
/// From this many steps on it is squared after each, so that a start that is far off is left quickly.
const NEAR_STEPS: usize = 2;
/// A factor is squared no further than this.
const GROWTH_MAX: f64 = 4.0;
/// A run that takes this many times what it may has failed by far: no single slow moment does that at the quantile.
const FAR: u128 = 3;
/// So has one with this share of errors and unsent requests.
const FAR_ERRORS: f64 = 0.05;

/// What a rate must hold to count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// The quantile of response time that is judged, between 0 and 1.
    pub quantile: f64,
    /// The response time it may reach.
    pub at_most: Duration,
    /// The greatest share of requests that may fail or stay unsent.
    pub errors_at_most: f64,
}

/// Where to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The rate to begin with, in requests/s.
    pub start_per_s: f64,
    /// The lowest rate that is tried.
    pub least_per_s: f64,
    /// The greatest rate that is tried: what the generator can show.
    pub most_per_s: f64,
    /// The search ends once the rates that hold and fail are this close, as a ratio above one.
    pub precision: f64,
    /// Most runs, the confirming ones left out.
    pub steps_max: u32,
    /// Where confirming begins, as a share of the greatest rate that held a short run: 1 where that is likely to hold, less where short runs
    /// differ so much that the greatest rate of several was probably a lucky one.
    pub confirm_from: f64,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Finding the rate.
    Searching,
    /// Confirming it; longer.
    Confirming,
}

/// What a run at one rate gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The objective's quantile of response time, in nanoseconds.
    pub response_ns: u64,
    /// Share of the requests due that failed or stayed unsent.
    pub error_share: f64,
    /// Share of the time in which the generator worked.
    pub generator_busy_share: f64,
}

/// One run of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Requests due a second.
    pub rate_per_s: f64,
    /// What it was for.
    pub kind: StepKind,
    /// What it gave.
    pub measured: Measured,
    /// Whether the objective held.
    pub held: bool,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// All runs, in order.
    pub steps: Vec<Step>,
    /// The greatest rate that held and was confirmed; nothing where none was.
    pub greatest_per_s: Option<f64>,
    /// Whether the true value may be greater, since the generator or the bounds ended the search.
    pub bounded_by_generator: bool,
}

impl Measured {
    /// What a run measured of one of its streams.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn of(outcome: &Outcome, stream: usize, objective: &Objective) -> Self {
        let generator_busy_share = outcome.generator.busy_share();
        let stream = &outcome.streams[stream];
        let bad = stream.counts.errors.failed_requests() + stream.counts.unsent;
        Self {
            response_ns: stream.response_time.value_at_quantile(objective.quantile),
            error_share: bad as f64 / stream.counts.due.max(1) as f64,
            generator_busy_share,
        }
    }
}

impl Objective {
    /// Whether it holds. A run that measured nothing holds nothing.
    #[must_use]
    pub fn holds(&self, measured: &Measured) -> bool {
        measured.response_ns > 0
            && u128::from(measured.response_ns) <= self.at_most.as_nanos()
            && measured.error_share <= self.errors_at_most
    }

    /// Whether it fails so clearly that a second look is not worth its time.
    fn fails_by_far(&self, measured: &Measured) -> bool {
        u128::from(measured.response_ns) > FAR * self.at_most.as_nanos()
            || measured.error_share > self.errors_at_most + FAR_ERRORS
    }
}

/// Searches, running each step by `run_at`.
///
/// # Errors
/// Whatever `run_at` fails with.
pub fn search<E>(
    bounds: &Bounds,
    objective: &Objective,
    run_at: impl FnMut(f64, StepKind) -> Result<Measured, E>,
) -> Result<Found, E> {
    let mut search = Search { objective, run_at, steps: Vec::new() };
    let (held, failed) = search.bracket(bounds)?;
    let Some(mut greatest) = held else {
        return Ok(search.found(None, false));
    };
    let mut limited = failed.is_none_or(|failed| failed.by_generator);
    if let Some(failed) = failed {
        let (held, failed) = search.bisect(bounds, greatest, failed)?;
        (greatest, limited) = (held, failed.by_generator);
    }
    let confirmed = search.confirm(greatest, bounds.confirm_from)?;
    Ok(search.found(confirmed, limited))
}

struct Search<'a, F> {
    objective: &'a Objective,
    run_at: F,
    steps: Vec<Step>,
}

/// A rate that did not hold.
#[derive(Clone, Copy)]
struct Failed {
    rate_per_s: f64,
    by_generator: bool,
}

impl<E, F: FnMut(f64, StepKind) -> Result<Measured, E>> Search<'_, F> {
    fn step(&mut self, rate_per_s: f64, kind: StepKind) -> Result<Measured, E> {
        let measured = (self.run_at)(rate_per_s, kind)?;
        let held = self.objective.holds(&measured);
        self.steps.push(Step { rate_per_s, kind, measured, held });
        Ok(measured)
    }

    /// Whether a rate holds: the second of two short runs decides where the first failed narrowly.
    fn look(&mut self, rate_per_s: f64, bounds: &Bounds) -> Result<Result<(), Failed>, E> {
        let mut measured = self.step(rate_per_s, StepKind::Searching)?;
        if !self.objective.holds(&measured) && !self.objective.fails_by_far(&measured) && self.has_steps(bounds) {
            measured = self.step(rate_per_s, StepKind::Searching)?;
        }
        let by_generator = measured.generator_busy_share >= GENERATOR_BUSY_MAX;
        Ok(if self.objective.holds(&measured) { Ok(()) } else { Err(Failed { rate_per_s, by_generator }) })
    }

    /// A rate that holds and a greater one that fails, as far as there are such within the bounds.
    fn bracket(&mut self, bounds: &Bounds) -> Result<(Option<f64>, Option<Failed>), E> {
        let (mut held, mut failed) = (None, None);
        let mut rate_per_s = bounds.start_per_s.clamp(bounds.least_per_s, bounds.most_per_s);
        let (mut growth, mut tried) = (GROWTH, 0);
        while self.has_steps(bounds) {
            match self.look(rate_per_s, bounds)? {
                Ok(()) => held = Some(rate_per_s),
                Err(failure) => failed = Some(failure),
            }
            let next = if failed.is_some() { rate_per_s / growth } else { rate_per_s * growth };
            tried += 1;
            if tried >= NEAR_STEPS {
                growth = (growth * growth).min(GROWTH_MAX);
            }
            let next = next.clamp(bounds.least_per_s, bounds.most_per_s);
            let both = held.is_some() && failed.is_some();
            if both || (next - rate_per_s).abs() < f64::EPSILON * rate_per_s {
                break;
            }
            rate_per_s = next;
        }
        Ok((held, failed))
    }

    /// Halves the ratio between the two until they are close.
    fn bisect(&mut self, bounds: &Bounds, mut held: f64, mut failed: Failed) -> Result<(f64, Failed), E> {
        while failed.rate_per_s / held > bounds.precision && self.has_steps(bounds) {
            let middle = (held * failed.rate_per_s).sqrt();
            match self.look(middle, bounds)? {
                Ok(()) => held = middle,
                Err(failure) => failed = failure,
            }
        }
        Ok((held, failed))
    }

    fn confirm(&mut self, greatest: f64, from: f64) -> Result<Option<f64>, E> {
        for share in CONFIRMATIONS.into_iter().filter(|share| *share <= from) {
            let rate_per_s = greatest * share;
            let measured = self.step(rate_per_s, StepKind::Confirming)?;
            if self.objective.holds(&measured) {
                return Ok(Some(rate_per_s));
            }
        }
        Ok(None)
    }

    fn has_steps(&self, bounds: &Bounds) -> bool {
        self.steps.len() < bounds.steps_max as usize
    }

    fn found(self, greatest_per_s: Option<f64>, bounded_by_generator: bool) -> Found {
        Found { steps: self.steps, greatest_per_s, bounded_by_generator }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    const OBJECTIVE: Objective =
        Objective { quantile: 0.99, at_most: Duration::from_millis(50), errors_at_most: 0.001 };
    const BOUNDS: Bounds = Bounds {
        start_per_s: 100.0,
        least_per_s: 1.0,
        most_per_s: 50_000.0,
        precision: 1.02,
        steps_max: 30,
        confirm_from: 1.0,
    };

    /// A server whose response time explodes at its capacity.
    fn server(capacity: f64, busy_share: f64) -> impl FnMut(f64, StepKind) -> Result<Measured, Infallible> {
        move |rate_per_s, _| {
            let response_ns = if rate_per_s <= capacity { 2_000_000 } else { 900_000_000 };
            Ok(Measured { response_ns, error_share: 0.0, generator_busy_share: busy_share })
        }
    }

    fn found(bounds: &Bounds, run_at: impl FnMut(f64, StepKind) -> Result<Measured, Infallible>) -> Found {
        search(bounds, &OBJECTIVE, run_at).unwrap()
    }

    proptest! {
        #[test]
        fn finds_any_capacity_to_the_precision(capacity in 1.0..49_000.0_f64) {
            let found = found(&BOUNDS, server(capacity, 0.1));
            let greatest = found.greatest_per_s.unwrap();
            prop_assert!(greatest <= capacity && capacity / greatest <= BOUNDS.precision, "{greatest} of {capacity}");
            prop_assert!(!found.bounded_by_generator);
            prop_assert_eq!(found.steps.last().map(|step| step.kind), Some(StepKind::Confirming));
        }

        #[test]
        fn never_makes_more_runs_than_allowed(capacity in 0.1..1e6_f64, steps_max in 1_u32..10) {
            let bounds = Bounds { steps_max, ..BOUNDS };
            let found = found(&bounds, server(capacity, 0.1));
            prop_assert!(found.steps.len() <= steps_max as usize + CONFIRMATIONS.len());
        }
    }

    #[test]
    fn confirming_begins_where_it_is_told_to() {
        let bounds = Bounds { confirm_from: 0.95, ..BOUNDS };
        let found = found(&bounds, server(1_000.0, 0.1));
        let held = found.steps.iter().filter(|step| step.held && step.kind == StepKind::Searching);
        let greatest = held.map(|step| step.rate_per_s).fold(0.0, f64::max);
        assert_eq!(found.greatest_per_s, Some(greatest * 0.95));
    }

    #[test]
    fn no_rate_holds_below_the_least() {
        assert_eq!(found(&BOUNDS, server(0.5, 0.1)).greatest_per_s, None);
    }

    #[test]
    fn a_server_beyond_the_bounds_or_the_generator_is_said_to_be_so() {
        let beyond = found(&BOUNDS, server(1e9, 0.1));
        assert_eq!((beyond.greatest_per_s, beyond.bounded_by_generator), (Some(50_000.0), true));
        assert!(found(&BOUNDS, server(1_000.0, 0.9)).bounded_by_generator);
    }

    #[test]
    fn a_rate_that_is_not_confirmed_is_lowered() {
        let mut first = true;
        let mut honest = server(1_000.0, 0.1);
        let found = found(&BOUNDS, |rate_per_s, kind| {
            let fails = kind == StepKind::Confirming && std::mem::take(&mut first);
            honest(if fails { 1e9 } else { rate_per_s }, kind)
        });
        let kinds: Vec<_> = found.steps.iter().rev().take(2).map(|step| (step.kind, step.held)).collect();
        assert_eq!(kinds, [(StepKind::Confirming, true), (StepKind::Confirming, false)]);
        assert!(found.greatest_per_s.unwrap() <= 950.0);
    }

    proptest! {
        #[test]
        fn one_slow_moment_does_not_end_the_search(capacity in 200.0..20_000.0_f64, slow_at in 0_usize..6) {
            let mut runs = 0;
            let mut honest = server(capacity, 0.1);
            let found = found(&BOUNDS, |rate_per_s, kind| {
                let slow = runs == slow_at && kind == StepKind::Searching;
                runs += 1;
                let measured = honest(rate_per_s, kind)?;
                // Slower than allowed, as after a pause of the host: not by far.
                let response_ns = if slow { measured.response_ns.max(80_000_000) } else { measured.response_ns };
                Ok(Measured { response_ns, ..measured })
            });
            let greatest = found.greatest_per_s.unwrap();
            prop_assert!(greatest <= capacity && capacity / greatest <= BOUNDS.precision, "{greatest} of {capacity}");
        }
    }

    #[test]
    fn a_rate_that_fails_by_far_is_not_tried_again() {
        let found = found(&BOUNDS, server(1_000.0, 0.1));
        let rates: Vec<_> =
            found.steps.iter().filter(|step| !step.held).map(|step| step.rate_per_s.to_bits()).collect();
        let different: std::collections::HashSet<_> = rates.iter().collect();
        assert_eq!(different.len(), rates.len());
    }

    #[test]
    fn an_objective_counts_errors_and_emptiness() {
        let good = Measured { response_ns: 50_000_000, error_share: 0.001, generator_busy_share: 0.0 };
        assert!(OBJECTIVE.holds(&good));
        assert!(!OBJECTIVE.holds(&Measured { error_share: 0.002, ..good }));
        assert!(!OBJECTIVE.holds(&Measured { response_ns: 50_000_001, ..good }));
        assert!(!OBJECTIVE.holds(&Measured { response_ns: 0, ..good }));
    }
}
