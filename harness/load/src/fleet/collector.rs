//! Joins the workers' seconds of a stream, shows them to the watcher in order, and keeps of each only a few numbers.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender};

use hdrhistogram::Histogram;

use super::{SecondOfStream, Watcher};
use crate::courier::{Courier, Parcel, Seen};
use crate::recorder::histogram;
use crate::series::{SECONDS_MAX, Second, SecondPercentiles};
use crate::stream::StreamSpec;

/// All streams.
pub(super) struct Collector {
    streams: Vec<Collected>,
    /// Where each worker's empty histograms go.
    back: BTreeMap<(u32, usize), SyncSender<Histogram<u64>>>,
}

/// One stream.
struct Collected {
    number: usize,
    name: String,
    /// How far each worker has told, in nanoseconds since the window began; `u64::MAX` where it has no part in the stream.
    told_ns: Vec<u64>,
    /// Seconds that some worker has not told of, by their end.
    open: BTreeMap<u64, Joined>,
    shown_ns: u64,
    seconds: Vec<Second>,
}

struct Joined {
    seen: Seen,
    response_time: Histogram<u64>,
}

impl Collector {
    pub(super) fn new(streams: &[StreamSpec], workers: u32) -> Self {
        let collected = |(number, stream): (usize, &StreamSpec)| Collected {
            number,
            name: stream.name.clone(),
            told_ns: vec![u64::MAX; workers as usize],
            open: BTreeMap::new(),
            shown_ns: 0,
            seconds: Vec::new(),
        };
        Self { streams: streams.iter().enumerate().map(collected).collect(), back: BTreeMap::new() }
    }

    /// The courier of a worker that has a part in a stream.
    pub(super) fn courier(&mut self, worker: u32, stream: usize, to: &SyncSender<Parcel>) -> Courier {
        let (courier, back) = Courier::new(worker, stream, to.clone());
        self.back.insert((worker, stream), back);
        self.streams[stream].told_ns[worker as usize] = 0;
        courier
    }

    /// Takes parcels until all workers have come to their end; the seconds of each stream.
    pub(super) fn collect(mut self, parcels: &Receiver<Parcel>, watcher: &mut dyn Watcher) -> Vec<Vec<Second>> {
        for parcel in parcels {
            let back = self.back.get(&(parcel.worker, parcel.stream));
            let mut empty = self.streams[parcel.stream].take(parcel);
            self.streams.iter_mut().for_each(|stream| stream.show_ended(watcher));
            empty.reset();
            if let Some(back) = back {
                // One too many is let go.
                let _ = back.try_send(empty);
            }
        }
        // A worker that failed has told nothing; what the others told stands.
        for stream in &mut self.streams {
            stream.told_ns.fill(u64::MAX);
            stream.show_ended(watcher);
        }
        self.streams.into_iter().map(|stream| stream.seconds).collect()
    }
}

impl Collected {
    /// Joins a worker's second to the others'; its histogram, which is no more needed.
    fn take(&mut self, parcel: Parcel) -> Histogram<u64> {
        let fresh = || Joined { seen: Seen::default(), response_time: histogram() };
        let joined = self.open.entry(parcel.until_ns).or_insert_with(fresh);
        joined.seen.add(&parcel.seen);
        joined.response_time.add(&parcel.response_time).expect("all recorders have histograms of one shape");
        self.told_ns[parcel.worker as usize] = parcel.until_ns;
        parcel.response_time
    }

    /// Shows the seconds that all workers have told of.
    fn show_ended(&mut self, watcher: &mut dyn Watcher) {
        let told_ns = self.told_ns.iter().copied().min().unwrap_or(u64::MAX);
        while let Some(first) = self.open.first_entry()
            && *first.key() <= told_ns
        {
            let (until_ns, Joined { seen, response_time }) = first.remove_entry();
            watcher.second(&SecondOfStream {
                stream: self.number,
                name: &self.name,
                from_ns: self.shown_ns,
                until_ns,
                seen,
                response_time: &response_time,
            });
            self.shown_ns = until_ns;
            if (self.seconds.len() as u64) < SECONDS_MAX {
                let response = SecondPercentiles::of(&response_time);
                self.seconds.push(Second { until_ns, completed: seen.completed, failed: seen.failed, response });
            }
        }
    }
}
