//! G6: hardly any request went wrong, in either arm; and where very many connections are held, hardly any of them was lost.
//!
//! "Alike across arms" needs no second threshold: two shares that are each at most 0.1 % differ by no more than that.

use model::analysis::{Gate, GateResult};

use super::{Evidence, Reading, by_worst};
use crate::runs::{Run, StreamRun};
use crate::words::percent;

/// The greatest share of requests that may go wrong in a run (method.md, G6).
const GREATEST_SHARE: f64 = 0.001;

/// From so many connections on, holding them is a part of what is tested.
const MANY: u32 = 1_000;

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    let requests = evidence.streams().map(|(run, stream)| reading(run, stream));
    let connections = evidence.streams().filter_map(|(run, stream)| held(run, stream));
    by_worst(Gate::G6, requests.chain(connections).collect())
}

/// The connections that were not there to the end, of very many.
fn held(run: &Run<'_>, stream: &StreamRun<'_>) -> Option<Reading> {
    let connections = &stream.seen.transport.as_ref()?.connections;
    if connections.asked < MANY {
        return None;
    }
    let missing = u64::from(connections.asked).saturating_sub(connections.established);
    let share = missing.saturating_add(connections.lost) as f64 / f64::from(connections.asked);
    let detail = format!(
        "{} of {} connections were established, {} lost",
        connections.established, connections.asked, connections.lost
    );
    Some(Reading::at_most(share, GREATEST_SHARE, run, detail))
}

fn reading(run: &Run<'_>, stream: &StreamRun<'_>) -> Reading {
    let wrong = stream.seen.errors.values().copied().fold(0, u64::saturating_add);
    let all = stream.seen.completed.saturating_add(wrong);
    if all == 0 {
        return Reading::fault(run, format!("no request of the stream `{}` was answered", stream.seen.stream));
    }
    let share = wrong as f64 / all as f64;
    let detail = match stream.seen.errors.iter().max_by_key(|(_, count)| **count).filter(|(_, count)| **count > 0) {
        Some((class, count)) => {
            format!("{} of {all} requests went wrong, most of them by `{class}` ({count})", percent(share))
        }
        None => format!("none of {all} requests went wrong"),
    };
    Reading::at_most(share, GREATEST_SHARE, run, detail)
}
