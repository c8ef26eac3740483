//! `claimbench drive`: an ad-hoc load test of one URL, by the same generator that tests the claims.

mod capacity;
mod carried;
mod crew;
mod onlooker;
mod outputs;
mod picture;
mod place;
mod protocol;
mod shape;
mod summary;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, anyhow};
use load::fleet::run_fleet;
use load::run::{Ending, Opening, Outcome, RunSpec, Target};
use load::stream::StreamSpec;
use load::window::Phases;
use serde::Serialize;

use crate::cli::DriveArgs;
use crate::failure::{Exit, Failure, Means};
use crate::{interrupt, print};
use crew::Crew;
use onlooker::Onlooker;
use place::Place;
use summary::Summary;

pub(crate) use summary::Times;

/// How long outstanding answers are waited for.
const DRAIN: Duration = Duration::from_secs(5);

/// Loads the URL and prints what came of it.
///
/// # Errors
/// When the URL is none, is not on this machine, nobody listens there, or the run is not valid.
pub fn drive(args: &DriveArgs) -> Result<(), Failure> {
    let place = Place::parse(args).means(Exit::BadInput)?;
    let stream = shape::stream(args, &place).means(Exit::BadInput)?;
    let crew = Crew::call(args.workers, &stream.arrival);
    let driver = Driver { args, place: &place, crew: &crew, interrupted: interrupt::flag()? };
    if let Some(objective) = &args.search {
        return capacity::search(&driver, stream, objective);
    }
    if let Some(range) = args.sweep {
        return capacity::sweep(&driver, stream, range);
    }
    once(&driver, stream)
}

fn once(driver: &Driver<'_>, stream: StreamSpec) -> Result<(), Failure> {
    let args = driver.args;
    let mut onlooker = Onlooker::new(args.quiet, driver.crew.workers());
    if let Some(file) = &args.hlog {
        onlooker.log_to(file, args.warm_up.duration()).means(Exit::Missing)?;
    }
    let streams = [stream];
    let outcome = driver.run(&streams, shape::length(args), args.warm_up.duration(), &mut onlooker);
    onlooker.end().means(Exit::Missing)?;
    let outcome = outcome?;
    let summary = Summary::of(&streams, &outcome, driver.crew.workers())?;
    outputs::hgrm(args.hgrm.as_deref(), &outcome).means(Exit::Missing)?;
    let summary = if driver.is_interrupted() { summary.of_interrupted() } else { summary };
    say(args, &summary, &summary.in_words())?;
    if driver.is_interrupted() {
        return Err(anyhow!("interrupted; the summary is of what was measured until then")).means(Exit::Interrupted);
    }
    summary.judged()
}

/// What all runs of a command have in common.
struct Driver<'a> {
    args: &'a DriveArgs,
    place: &'a Place,
    crew: &'a Crew,
    interrupted: Arc<AtomicBool>,
}

impl Driver<'_> {
    /// One run. An interrupted one ends early, and what it measured stands.
    fn run(
        &self,
        streams: &[StreamSpec],
        measure: Duration,
        warm_up: Duration,
        onlooker: &mut Onlooker,
    ) -> Result<Outcome, Failure> {
        let address = self.place.address;
        let spec = RunSpec {
            target: Target { address },
            streams,
            phases: Phases { warm_up, measure, drain: DRAIN },
            opening: self.args.connect_rate.map_or(Opening::AllAtOnce, |rate| Opening::AtRate { per_s: rate.get() }),
            pacer: self.crew.pacer(),
            seed: self.args.seed,
            stop: &[&self.interrupted],
            ending: Ending::Close,
        };
        let settle = |worker| self.crew.settle(worker);
        let outcome = run_fleet(&spec, &self.crew.fleet(&settle), onlooker);
        outcome.with_context(|| format!("cannot load {address}")).means(Exit::Missing)
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// Prints a result as JSON or in words.
fn say(args: &DriveArgs, result: &impl Serialize, words: &str) -> Result<(), Failure> {
    let text = if args.json {
        serde_json::to_string_pretty(result).context("a result is not serialisable")?
    } else {
        words.to_owned()
    };
    Ok(print::result(&text)?)
}

/// A failure where there are doubts.
fn judged(doubts: &[String]) -> Result<(), Failure> {
    if doubts.is_empty() {
        return Ok(());
    }
    Err(anyhow!("the run is not valid: {}", doubts.join("; "))).means(Exit::Condition)
}
