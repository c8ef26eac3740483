//! How regular the arrivals of each generator are at an even 10,000/s, as the server sees them: its clock is no generator's own.

use claimbench::print;

use crate::child;
use crate::generators::{Load, OTHERS, Pace, ours};
use crate::manner::Manner;
use crate::options::Options;
use crate::place::Place;
use crate::running::Running;
use crate::server::BODY;
use crate::table::{Bound, Row, Table};

/// As in load.md.
const RATE_PER_S: u32 = 10_000;
/// Divides the rate evenly, for generators that pace each connection in whole requests.
const CONNECTIONS: u32 = 50;

/// Measures ours and all others that have a rate.
pub(crate) fn measure(options: &Options, place: &Place, table: &mut Table) -> anyhow::Result<()> {
    // Ours goes to the generator's core by itself, and spins where it sees that the server has another.
    place.go_anywhere()?;
    let own = fano_factor(place, &mut |load| child::run(&mut ours(load, BODY)?).map(drop), options, Starts::Anywhere)?;
    table.row(Row {
        what: "Fano factor per 100 µs at an even 10,000/s, as the server sees it: claimbench".to_owned(),
        measured: in_words(own),
        bound: Bound::None,
    });
    for other in OTHERS.iter().filter(|other| other.is_there()) {
        print::note(&format!("arrivals: {}", other.name));
        let run = &mut |load: &Load<'_>| match other.command(load) {
            Some(mut command) => child::run(&mut command).map(drop),
            None => Ok(()),
        };
        let seen = fano_factor(place, run, options, Starts::OnGeneratorCore)?;
        if seen.is_some() {
            table.row(Row { what: format!("… {}", other.name), measured: in_words(seen), bound: Bound::None });
        }
    }
    Ok(())
}

/// Where a generator's process starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Starts {
    Anywhere,
    OnGeneratorCore,
}

/// What a server of its own saw of a generator; nothing where it saw nothing.
fn fano_factor(
    place: &Place,
    run: &mut dyn FnMut(&Load<'_>) -> anyhow::Result<()>,
    options: &Options,
    starts: Starts,
) -> anyhow::Result<Option<f64>> {
    let server = Running::start(place, Manner::Counting)?;
    match starts {
        Starts::Anywhere => place.go_anywhere()?,
        Starts::OnGeneratorCore => place.go_to_generator()?,
    }
    let time = options.measure();
    run(&Load { url: &server.url, connections: CONNECTIONS, time, pace: Pace::Open(RATE_PER_S) })?;
    server.arrivals_fano_factor()
}

fn in_words(fano_factor: Option<f64>) -> String {
    fano_factor.map_or_else(|| "–".to_owned(), |fano_factor| format!("{fano_factor:.2}"))
}
