//! What is measured and for how long.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use model::units::Span;

/// A part of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// CPU per request in a closed loop, beside other generators.
    Cost,
    /// Send lag and regularity at 10,000/s.
    Pacing,
    /// Regularity at 10,000/s as the server sees it, beside other generators.
    Arrivals,
    /// A server that freezes, against the distribution that follows.
    Freeze,
    /// Memory at 50,000/s over time.
    Memory,
    /// Memory for each of ten thousand WebSocket connections.
    Sockets,
}

/// Measures what the load generator is held to, beside the other generators that are installed.
#[derive(Debug, Parser)]
#[command(name = "accuracy")]
pub(crate) struct Options {
    /// Only these parts.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Rounds of paired measurements; in each, every generator runs once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub(crate) rounds: u32,
    /// How long one measurement takes.
    #[arg(long, default_value = "3s")]
    measure: Span,
    /// How long memory is watched; `60min` for what load.md asks.
    #[arg(long, default_value = "30s")]
    memory: Span,
    /// Replace the table in this file, between its two marks (the one of `benches/README.md`).
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
    /// Given by `cargo bench`; without it everything is tiny, and nothing is judged.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Whether the figures are worth judging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Long enough to be judged.
    Full,
    /// Only shows that everything runs.
    Tiny,
}

impl Options {
    pub(crate) fn parse(arguments: Vec<OsString>) -> anyhow::Result<Self> {
        // `cargo test` hands over its own arguments, such as a filter; they are not for this bench.
        let is_bench = arguments.iter().any(|argument| argument == "--bench");
        let own = if is_bench { arguments } else { vec![OsString::from("accuracy")] };
        Ok(Self::try_parse_from(own).unwrap_or_else(|error| error.exit()))
    }

    pub(crate) fn measures(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    pub(crate) fn effort(&self) -> Effort {
        if self.bench { Effort::Full } else { Effort::Tiny }
    }

    /// How long one measurement takes.
    pub(crate) fn measure(&self) -> Duration {
        match self.effort() {
            Effort::Full => self.measure.duration(),
            Effort::Tiny => Duration::from_millis(100),
        }
    }

    /// How long memory is watched.
    pub(crate) fn memory(&self) -> Duration {
        match self.effort() {
            Effort::Full => self.memory.duration(),
            Effort::Tiny => Duration::from_millis(500),
        }
    }

    /// How many rounds there are.
    pub(crate) fn rounds(&self) -> u32 {
        match self.effort() {
            Effort::Full => self.rounds,
            Effort::Tiny => 2,
        }
    }
}
