//! CPU per request of the generator in a closed loop, paired and alternating with the other generators: same server, same minute.

use std::time::Duration;

use anyhow::Context;
use claimbench::print;
use stats::paired::mean_ratio_interval;
use stats::{Confidence, Interval};

use crate::child;
use crate::generators::{Generator, Load, OTHERS, Pace, our_answers, ours};
use crate::manner::Manner;
use crate::options::Options;
use crate::place::Place;
use crate::running::Running;
use crate::server::BODY;
use crate::table::{Bound, Row, Table};

/// As in load.md.
const CONNECTIONS: u32 = 64;
/// What ours may take of what another takes (load.md, *Targets*).
const TARGETS: &[(&str, f64)] = &[("wrk", 0.8), ("oha", 0.5)];

/// One generator's figures, one a round.
struct Figures {
    name: &'static str,
    cpu_us_per_request: Vec<f64>,
}

/// Measures all that are there.
pub(crate) fn measure(options: &Options, place: &Place, table: &mut Table) -> anyhow::Result<()> {
    let server = Running::start(place, Manner::Plain)?;
    place.go_to_generator()?;
    let (there, absent): (Vec<&Generator>, Vec<&Generator>) = OTHERS.iter().partition(|other| other.is_there());
    for other in absent {
        table.note(&format!("{} is not installed and was left out.", other.name));
    }
    let load = Load { url: &server.url, connections: CONNECTIONS, time: options.measure(), pace: Pace::Closed };
    let mut own = Figures { name: "claimbench", cpu_us_per_request: Vec::new() };
    let mut others: Vec<Figures> =
        there.iter().map(|other| Figures { name: other.name, cpu_us_per_request: Vec::new() }).collect();
    for round in 0..options.rounds() {
        print::note(&format!("cost: round {} of {}", round + 1, options.rounds()));
        // Every second round runs backwards, so that a drift of the host falls on all alike.
        let mut order: Vec<usize> = (0..=there.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for turn in order {
            match turn.checked_sub(1) {
                None => own.cpu_us_per_request.push(own_cost(&load)?),
                Some(other) => others[other].cpu_us_per_request.push(cost(there[other], &load)?),
            }
        }
    }
    report(&own, &others, table)
}

fn own_cost(load: &Load<'_>) -> anyhow::Result<f64> {
    // It says itself that a generator which works all the time makes no valid run; here that is the point.
    let ended = child::run(&mut ours(load, BODY)?)?;
    Ok(per_request_us(ended.cpu, our_answers(&ended.output)?))
}

fn cost(generator: &Generator, load: &Load<'_>) -> anyhow::Result<f64> {
    let mut command = generator.command(load).with_context(|| format!("{} has no closed loop", generator.name))?;
    let ended = child::run(&mut command)?;
    Ok(per_request_us(ended.cpu, generator.answers(ended.well()?)?))
}

fn per_request_us(cpu: Duration, answers: u64) -> f64 {
    cpu.as_secs_f64() * 1e6 / answers as f64
}

fn report(own: &Figures, others: &[Figures], table: &mut Table) -> anyhow::Result<()> {
    table.row(Row {
        what: "CPU per request, closed loop, 64 connections: claimbench".to_owned(),
        measured: own.in_words(),
        bound: Bound::None,
    });
    for other in others {
        let ratio: Interval = mean_ratio_interval(&own.cpu_us_per_request, &other.cpu_us_per_request, Confidence::P95)
            .with_context(|| format!("{} cannot be compared", other.name))?;
        let target = TARGETS.iter().find(|(name, _)| *name == other.name);
        table.row(Row {
            what: format!("… {}, and ours over it", other.name),
            measured: format!("{}; {:.2} ({:.2} to {:.2})", other.in_words(), ratio.estimate, ratio.low, ratio.high),
            bound: target.map_or(Bound::None, |(_, most)| Bound::AtMost { value: ratio.estimate, most: *most }),
        });
    }
    Ok(())
}

impl Figures {
    /// The median and the range.
    fn in_words(&self) -> String {
        let mut sorted = self.cpu_us_per_request.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let (least, most) = (sorted.first().copied().unwrap_or_default(), sorted.last().copied().unwrap_or_default());
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
        format!("{median:.2} µs ({least:.2} to {most:.2})")
    }
}
