//! The judge's examination: thousands of simulated runs of each scenario, from trials to verdicts, as the table of `harness/judge/README.md`.
//!
//! `cargo run --release -p judge --example examination [-- RUNS]` prints the table; with `--write` it takes its place in the README. With `--gates` only the
//! table of the gates is made, which takes seconds.

use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

#[path = "../tests/judge/builder.rs"]
mod builder;
#[path = "../tests/judge/effort.rs"]
mod effort;
#[path = "../tests/judge/faults.rs"]
mod faults;
#[path = "../tests/judge/observed.rs"]
mod observed;
#[path = "../tests/judge/scenarios.rs"]
#[expect(dead_code, reason = "the tests ask for power")]
mod scenarios;
#[path = "../tests/judge/sitting.rs"]
mod sitting;
#[path = "../tests/judge/world.rs"]
mod world;

use effort::{Saving, saving, sit_adaptive, spine};
use faults::{FAULTS, plant};
use model::plan::ProfileName;
use scenarios::Scenario;
use sitting::{Tally, sit};

/// Runs of each scenario: a rate of 5 % is then known to within about one percent.
const RUNS: u32 = 2_000;
/// An adaptive run is analysed up to a dozen times, so that fewer of them are made; and one of the spine has 14 claims.
const ADAPTIVE_PART: u32 = 2;
const SPINE_PART: u32 = 20;
/// A planted fault is found or not, hardly ever by luck.
const FAULT_PART: u32 = 20;
/// Between these lines of the README stands the table.
const BEGIN: &str = "<!-- examination: begin -->\n";
const END: &str = "<!-- examination: end -->\n";

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runs = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(RUNS);
    if arguments.iter().any(|argument| argument == "--gates") {
        return std::io::stdout().write_all(gates(runs.div_ceil(FAULT_PART)).as_bytes());
    }
    let scenarios = scenarios::all();
    let adaptive = scenarios::adaptive();
    let adaptive_runs = runs.div_ceil(ADAPTIVE_PART);
    let table = format!(
        "{}\n{}\nWith adaptive effort (a look after each block from the sixth on, of 15 and up to 22):\n\n{}\n{}",
        table(&scenarios, &examined(&scenarios, runs, sit), runs),
        gates(runs.div_ceil(FAULT_PART)),
        table(&adaptive, &examined(&adaptive, adaptive_runs, sit_adaptive), adaptive_runs),
        savings(runs.div_ceil(SPINE_PART))
    );
    if arguments.iter().any(|argument| argument == "--write") {
        return into_readme(&table);
    }
    std::io::stdout().write_all(table.as_bytes())
}

/// All tallies, by as many threads as there are processors; each scenario has its own seeds, so that the order does not matter. One that is
/// another turned over is not simulated again.
fn examined(scenarios: &[Scenario], runs: u32, sit: fn(&Scenario, u32) -> Tally) -> Vec<Tally> {
    let turned: Vec<Option<usize>> = (0..scenarios.len())
        .map(|at| (0..at).find(|&before| scenarios[before].is_turned_over(&scenarios[at])))
        .collect();
    let tallies = Mutex::new(vec![Tally::default(); scenarios.len()]);
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((at, scenario)) = Some(next.fetch_add(1, Ordering::Relaxed)).map(|at| (at, scenarios.get(at))) {
            let Some(scenario) = scenario else { break };
            if turned[at].is_none() {
                let tally = sit(scenario, runs);
                tallies.lock().unwrap_or_else(PoisonError::into_inner)[at] = tally;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    let mut tallies = tallies.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (at, before) in turned.into_iter().enumerate() {
        if let Some(before) = before {
            tallies[at] = tallies[before].turned_over();
        }
    }
    tallies
}

fn table(scenarios: &[Scenario], tallies: &[Tally], runs: u32) -> String {
    let mut lines = vec![
        format!("{runs} simulated runs of each; rates in percent, with their 95 % intervals."),
        String::new(),
        "| machine | metric | region | truth | blocks | wrong | right | withheld |".to_owned(),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for (scenario, tally) in scenarios.iter().zip(tallies) {
        let truth = &scenario.truths[0];
        let metric = if truth.load == builder::Kind::P99 { "p99" } else { "throughput" };
        lines.push(format!(
            "| {} | {metric} | {} | {} | {} | {} | {} | {} |",
            scenario.name,
            truth.region,
            scenario.at,
            scenario.blocks,
            rate(tally.wrong, runs),
            rate(tally.right, runs),
            rate(tally.withheld, runs)
        ));
    }
    let wrong = tallies.iter().map(|tally| tally.wrong).max().unwrap_or(0);
    lines.insert(1, format!("At most {} wrong in any row.", rate(wrong, runs)));
    lines.join("\n") + "\n"
}

/// Each gate with a fault just beyond its limit, and just within.
fn gates(runs: u32) -> String {
    let mut lines = vec![
        format!(
            "Each gate with a fault planted into {runs} sound runs, just beyond its limit and just within it; in percent."
        ),
        String::new(),
        "| gate | what is planted; the limit | beyond: withheld by this gate alone | within: right verdict |"
            .to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for fault in &FAULTS {
        let found = plant(fault, runs);
        let percent = |count: u32| 100.0 * f64::from(count) / f64::from(runs);
        lines.push(format!(
            "| {:?} {} | {} | {:.0} | {:.0} |",
            fault.gate,
            fault.gate.title(),
            fault.what,
            percent(found.caught),
            percent(found.let_pass)
        ));
    }
    lines.join("\n") + "\n"
}

/// What adaptive effort saves on the claims of the spine.
fn savings(runs: u32) -> String {
    let line = |name: &str, found: Saving| {
        let claims = f64::from(found.same + found.lost + found.gained + found.contradicting);
        let percent = |count: u32| 100.0 * f64::from(count) / claims;
        format!(
            "| {name} | {:.0} % | {:.1} % | {:.1} % | {:.1} % | {:.1} % |\n",
            100.0 * found.adaptive_blocks as f64 / found.fixed_blocks as f64,
            percent(found.same),
            percent(found.lost),
            percent(found.gained),
            percent(found.contradicting)
        )
    };
    let (standard, full) = std::thread::scope(|scope| {
        let full = scope.spawn(|| saving(&spine(), ProfileName::Full, runs));
        (saving(&spine(), ProfileName::Standard, runs), full.join().unwrap_or_default())
    });
    format!(
        "The claims of the spine, with effect and spread as in the published run, {runs} times each: adaptive effort against the fixed design.\n\n\
         | profile | trials | same verdict | lost | gained | contradicting |\n|---|---|---|---|---|---|\n{}{}",
        line("standard", standard),
        line("full", full)
    )
}

/// A rate with its 95 % interval (Wilson 1927).
fn rate(count: u32, runs: u32) -> String {
    const Z: f64 = 1.959_964;
    let (count, runs) = (f64::from(count), f64::from(runs));
    let share = count / runs;
    let middle = (share + Z * Z / (2.0 * runs)) / (1.0 + Z * Z / runs);
    let reach = Z / (1.0 + Z * Z / runs) * (share * (1.0 - share) / runs + (Z / (2.0 * runs)).powi(2)).sqrt();
    format!("{:.1} ({:.1} to {:.1})", share * 100.0, (middle - reach).max(0.0) * 100.0, (middle + reach) * 100.0)
}

fn into_readme(table: &str) -> std::io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path)?;
    let missing = || std::io::Error::other("the README has no place for the table");
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}"))
}
