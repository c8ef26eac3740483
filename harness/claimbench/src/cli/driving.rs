//! The options of the commands around the load generator: `drive`, `merge`, which adds up its logs, and `calibrate`.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use load::arrival::Stage;
use load::search::Objective;
use model::units::{PerSecond, Span};

/// The share of requests that may fail within the objective of `--search`: gate G6 of the method.
const ERRORS_AT_MOST: f64 = 0.001;

/// Options of `drive`.
#[derive(Debug, Args)]
pub struct DriveArgs {
    /// The URL, such as http://127.0.0.1:8080/plain, or ws://127.0.0.1:8080/echo for WebSocket.
    pub url: String,
    /// Open loop: requests due a second, whatever the server does.
    #[arg(long, value_parser = parse_rate)]
    pub rate: Option<PerSecond>,
    /// Open loop in stages: `10s:1000` holds a rate, `20s:1000..5000` goes evenly from one to another; may be repeated.
    #[arg(long = "stage", value_name = "TIME:RATE[..RATE]", value_parser = parse_stage,
        conflicts_with_all = ["rate", "duration"])]
    pub stages: Vec<Stage>,
    /// Open loop at rising rates from one to another, each for the duration; tells where the knee of the latency is.
    #[arg(long, value_name = "FROM..TO", value_parser = parse_range, conflicts_with_all = ["rate", "stages"])]
    pub sweep: Option<(f64, f64)>,
    /// How many rates a sweep has.
    #[arg(long, default_value_t = 10, requires = "sweep")]
    pub points: u32,
    /// Open loop: search the greatest rate within an objective, such as `p99<=50ms`, and confirm it in a run of twice the duration.
    #[arg(long, value_name = "OBJECTIVE", value_parser = parse_objective,
        conflicts_with_all = ["rate", "stages", "sweep"])]
    pub search: Option<Objective>,
    /// Connections; in a closed loop, which it is where no rate is given, each sends its next request once the last was answered
    /// (default: 8 in a closed loop, 256 in an open one).
    #[arg(long)]
    pub connections: Option<u32>,
    /// Open the connections at this many a second before the load begins (default: all at once).
    #[arg(long, value_parser = parse_rate)]
    pub connect_rate: Option<PerSecond>,
    /// What is spoken.
    #[command(flatten)]
    pub protocol: ProtocolArgs,
    /// How long is measured.
    #[arg(long, default_value = "10s")]
    pub duration: Span,
    /// Load before the measurement.
    #[arg(long, default_value = "1s")]
    pub warm_up: Span,
    /// How open-loop requests are spaced.
    #[arg(long, value_enum, default_value = "constant")]
    pub arrival: ArrivalArg,
    /// Generator threads, each on a core of its own as far as there are; the load is split over them.
    #[arg(long, default_value = "1")]
    pub workers: NonZeroU32,
    /// The status that a right answer has.
    #[arg(long, default_value_t = 200)]
    pub expect_status: u16,
    /// The body that a right answer has, byte for byte (default: any).
    #[arg(long, value_name = "TEXT")]
    pub expect_body: Option<String>,
    /// Seed of random arrivals.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print JSON (version 1 of the interface; see the README).
    #[arg(long)]
    pub json: bool,
    /// Write the response times as HdrHistogram's plotters read them.
    #[arg(long, value_name = "FILE")]
    pub hgrm: Option<PathBuf>,
    /// Write an HdrHistogram interval log: the response times of each second. `merge` adds up several.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sweep", "search"])]
    pub hlog: Option<PathBuf>,
    /// Show nothing while it runs.
    #[arg(long)]
    pub quiet: bool,
    /// Allow a host that is not this machine; make sure that it is yours to load.
    #[arg(long, value_name = "HOST")]
    pub allow_host: Option<String>,
}

/// What is spoken, where it is not HTTP/1.1 with one answer a request.
#[derive(Debug, Args)]
pub struct ProtocolArgs {
    /// Speak HTTP/2 with prior knowledge.
    #[arg(long, conflicts_with = "events")]
    pub http2: bool,
    /// Most HTTP/2 requests at once over each connection.
    #[arg(long, default_value_t = 32, requires = "http2", value_name = "STREAMS")]
    pub http2_streams: u32,
    /// Each request subscribes to server-sent events: the first event is the answer.
    #[arg(long)]
    pub events: bool,
    /// WebSocket: the message that is sent, and expected back.
    #[arg(long, default_value = "claimbench", value_name = "TEXT")]
    pub message: String,
    /// WebSocket: what a sender sends to its room, everyone in the room receives. The connections are the members, dealt to this many
    /// rooms; `{room}` in the path stands for the room's number.
    #[arg(long)]
    pub rooms: Option<u32>,
    /// Senders in each room.
    #[arg(long, default_value_t = 1, requires = "rooms")]
    pub senders: u32,
    /// Length of a message to a room, in bytes.
    #[arg(long, default_value_t = 128, requires = "rooms", value_name = "BYTES")]
    pub message_bytes: u32,
}

/// Options of `calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Print JSON (version 1 of the interface; see the README).
    #[arg(long)]
    pub json: bool,
}

/// Options of `merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Interval logs, as `drive --hlog` and other tools with HdrHistogram write them.
    #[arg(required = true, value_name = "LOG")]
    pub logs: Vec<PathBuf>,
    /// Print JSON (version 1 of the interface; see the README).
    #[arg(long)]
    pub json: bool,
    /// Write the sum as HdrHistogram's plotters read it.
    #[arg(long, value_name = "FILE")]
    pub hgrm: Option<PathBuf>,
}

/// Spacings as options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ArrivalArg {
    /// Evenly spaced.
    Constant,
    /// Independent exponential gaps.
    Poisson,
}

fn parse_rate(text: &str) -> Result<PerSecond, String> {
    let rate = text.parse::<f64>().map_err(|error| error.to_string())?;
    PerSecond::new(rate).ok_or_else(|| "a rate must be greater than 0".to_owned())
}

fn parse_stage(text: &str) -> Result<Stage, String> {
    let wrong = || "a stage is a time and a rate, such as 10s:1000, or two rates: 20s:1000..5000".to_owned();
    let (time, rates) = text.split_once(':').ok_or_else(wrong)?;
    let length: Span = time.parse().map_err(|error: model::units::SpanError| error.to_string())?;
    let (from, to) = rates.split_once("..").unwrap_or((rates, rates));
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
    Ok(Stage { length: length.duration(), from_per_s: number(from)?, to_per_s: number(to)? })
}

fn parse_range(text: &str) -> Result<(f64, f64), String> {
    let wrong = || "a sweep goes from one rate to a greater one, such as 100..10000".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
    Ok((number(from)?, number(to)?))
}

/// `p99<=50ms`, `p99.9<=1s`: a percentile of response time and the most that it may be.
fn parse_objective(text: &str) -> Result<Objective, String> {
    let wrong = || "an objective is a percentile and a time, such as p99<=50ms or p99.9<=1s".to_owned();
    let (percentile, time) = text.split_once("<=").ok_or_else(wrong)?;
    let percent: f64 = percentile.trim().strip_prefix('p').and_then(|digits| digits.parse().ok()).ok_or_else(wrong)?;
    if !(0.0 < percent && percent < 100.0) {
        return Err(wrong());
    }
    let at_most: Span = time.parse().map_err(|error: model::units::SpanError| error.to_string())?;
    let at_most = Some(at_most.duration()).filter(|time| *time > Duration::ZERO).ok_or_else(wrong)?;
    Ok(Objective { quantile: percent / 100.0, at_most, errors_at_most: ERRORS_AT_MOST })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_times_and_rates() {
        let length = Duration::from_secs(10);
        assert_eq!(parse_stage("10s:1000"), Ok(Stage::steady(length, 1_000.0)));
        assert_eq!(parse_stage("10s:0..5e3"), Ok(Stage { length, from_per_s: 0.0, to_per_s: 5_000.0 }));
        for wrong in ["10s", "10:5", "10s:", "10s:1..", "s:1"] {
            assert!(parse_stage(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn objectives_are_percentiles_and_times() {
        let objective = parse_objective("p99.9<=50ms").expect("an objective");
        assert!((objective.quantile - 0.999).abs() < 1e-12);
        assert_eq!(objective.at_most, Duration::from_millis(50));
        for wrong in ["p99", "99<=1s", "p0<=1s", "p100<=1s", "p99<=0s", "p99<=5"] {
            assert!(parse_objective(wrong).is_err(), "{wrong}");
        }
    }
}
