//! One run by several workers, each on a core and thread of its own: every stream is split over them, they start at the same moment,
//! and what they measured is added up. The calling thread looks on, second by second.

mod collector;
mod meeting;

use std::num::NonZeroU32;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

use crate::arrival::Share;
use crate::courier::{Parcel, Seen, WAITING_MAX};
use crate::error::RunError;
use crate::run::{self, Opening, Outcome, Part, RunSpec};
use collector::Collector;
use meeting::Meeting;

/// Most workers: as many cores as a generator's machine is likely to have.
pub const WORKERS_MAX: u32 = 256;

/// Who drives.
#[derive(Clone, Copy)]
pub struct Fleet<'a> {
    /// How many workers; a stream with fewer connections is driven by as many as it has.
    pub workers: NonZeroU32,
    /// Called on each worker's thread, with its number, before it does anything: pins it to its core.
    pub settle: &'a (dyn Fn(u32) -> std::io::Result<()> + Sync),
}

/// Looks on while a run goes on.
pub trait Watcher {
    /// A second of a stream is over, for all workers.
    fn second(&mut self, second: &SecondOfStream<'_>);
}

/// What is known of one second of one stream.
#[derive(Clone, Copy, Debug)]
pub struct SecondOfStream<'a> {
    /// The stream's place among the run's.
    pub stream: usize,
    /// Its name.
    pub name: &'a str,
    /// When it began, in nanoseconds since the window did.
    pub from_ns: u64,
    /// When it ended. The last one may be shorter than a second.
    pub until_ns: u64,
    /// What was counted.
    pub seen: Seen,
    /// Response times, the ones of requests that took at least so long among them. All seconds together are the run's.
    pub response_time: &'a hdrhistogram::Histogram<u64>,
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn second(&mut self, _: &SecondOfStream<'_>) {}
}

/// Makes one run with several workers, and shows the watcher each second, on the calling thread.
///
/// # Errors
/// As [`run`](run::run); and where a worker cannot be pinned.
pub fn run_fleet(spec: &RunSpec<'_>, fleet: &Fleet<'_>, watcher: &mut dyn Watcher) -> Result<Outcome, RunError> {
    let workers = fleet.workers.get();
    if workers > WORKERS_MAX {
        let detail = format!("a run may have {WORKERS_MAX} workers, not {workers}");
        return Err(RunError::BadStream { stream: String::new(), detail });
    }
    run::check(spec)?;
    let (sender, parcels) = sync_channel(WAITING_MAX);
    let mut collector = Collector::new(spec.streams, workers);
    let posts: Vec<Post> =
        (0..workers).map(|number| Post::new(spec, number, workers, &sender, &mut collector)).collect();
    drop(sender);
    let ground = Ground { spec, fleet, meeting: Meeting::new(workers), turn: Mutex::new(()) };
    thread::scope(|scope| {
        let ground = &ground;
        let crew: Vec<_> = posts.into_iter().map(|post| scope.spawn(move || ground.work(post))).collect();
        let seconds = collector.collect(&parcels, watcher);
        let parts = crew.into_iter().map(joined).collect::<Result<Vec<_>, _>>()?;
        let mut outcome = run::add_up(spec.streams.len(), parts.into_iter().flatten()).ok_or_else(|| {
            RunError::BadStream { stream: String::new(), detail: "no worker came to its end".to_owned() }
        })?;
        for (stream, seconds) in outcome.streams.iter_mut().zip(seconds) {
            stream.seconds = seconds;
        }
        Ok(outcome)
    })
}

/// A worker's result; a bug in it is passed on as what it is.
fn joined(worker: ScopedJoinHandle<'_, Result<Option<Part>, RunError>>) -> Result<Option<Part>, RunError> {
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What one worker has to do.
struct Post {
    number: u32,
    shares: Vec<run::StreamShare>,
}

/// What the workers share, none of it while the load runs.
struct Ground<'a> {
    spec: &'a RunSpec<'a>,
    fleet: &'a Fleet<'a>,
    meeting: Meeting,
    /// Held while connections are opened one by one.
    turn: Mutex<()>,
}

impl Post {
    fn new(spec: &RunSpec<'_>, number: u32, workers: u32, to: &SyncSender<Parcel>, collector: &mut Collector) -> Self {
        let mut shares = Vec::new();
        for (stream, of) in spec.streams.iter().enumerate() {
            let parts = workers.min(of.transport.shares_max(of.connections));
            if number < parts {
                let connections = of.connections / parts + u32::from(number < of.connections % parts);
                let courier = Some(collector.courier(number, stream, to));
                shares.push(run::StreamShare { stream, connections, share: Share { number, of: parts }, courier });
            }
        }
        Self { number, shares }
    }
}

impl Ground<'_> {
    /// Drives one worker's share; nothing where another worker failed before the start, or there is nothing for this one to do.
    fn work(&self, post: Post) -> Result<Option<Part>, RunError> {
        let place = self.meeting.expect();
        let refused = |source| RunError::System { what: "to put a worker on its core", source };
        (self.fleet.settle)(post.number).map_err(refused)?;
        if post.shares.is_empty() {
            place.arrive();
            return Ok(None);
        }
        let mut driver = run::Driver::new(self.spec, post.shares)?;
        {
            let one_by_one = !matches!(self.spec.opening, Opening::AllAtOnce);
            let _turn = one_by_one.then(|| self.turn.lock().unwrap_or_else(PoisonError::into_inner));
            driver.open()?;
        }
        match place.arrive() {
            Some(start_ns) => driver.drive(start_ns).map(Some),
            None => Ok(None),
        }
    }
}
