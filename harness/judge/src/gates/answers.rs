//! G5: every answer was right, and the server counted as many as the client.

use model::analysis::{Gate, GateResult};
use model::define::claim::Metric;

use super::{Evidence, Reading, by_worst};
use crate::runs::{Measured, Run};

/// The class of errors that are never noise: the server answered, and the answer was wrong.
const WRONG_BODY: &str = "wrong-body";

/// Classes of errors in which an answer came.
const ANSWERED: [&str; 2] = [WRONG_BODY, "wrong-status"];

pub(super) fn gate(evidence: &Evidence<'_>) -> GateResult {
    // What an attack gets where it is not stopped is the result, not a mistake.
    let attacked = matches!(evidence.planned.claim.metric, Metric::AttacksStopped(_));
    by_worst(Gate::G5, evidence.runs().map(|(run, measured)| reading(run, measured, attacked)).collect())
}

fn reading(run: &Run<'_>, measured: &Measured<'_>, attacked: bool) -> Reading {
    let wrong = errors(measured, |class| class == WRONG_BODY);
    if wrong > 0 && !attacked {
        return Reading::fault(run, format!("{wrong} answers had the wrong body"));
    }
    // A request that got no answer may or may not have been counted by the server. Errors are of the window; what was sent before
    // it may stay without an answer too.
    let unknown =
        errors(measured, |class| !ANSWERED.contains(&class)).max(measured.observation.server.requests_unanswered);
    let (server, client) =
        (measured.observation.server.requests_counted, measured.observation.server.requests_answered);
    let detail =
        format!("the server counted {server} requests and the client {client} answers, {unknown} without an answer");
    if (client..=client.saturating_add(unknown)).contains(&server) {
        Reading::at_most(unknown as f64, f64::INFINITY, run, detail)
    } else {
        Reading::fault(run, detail)
    }
}

fn errors(measured: &Measured<'_>, wanted: impl Fn(&str) -> bool) -> u64 {
    let all = measured.streams.iter().flat_map(|stream| &stream.seen.errors);
    all.filter(|(class, _)| wanted(class)).map(|(_, &count)| count).fold(0, u64::saturating_add)
}
