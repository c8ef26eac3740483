//! The command line as clap parses it: what the user wrote, nothing resolved yet.

mod driving;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::plan::{Effort, ProfileName};
use report::Prices;

pub use driving::{ArrivalArg, CalibrateArgs, DriveArgs, MergeArgs, ProtocolArgs};

/// Puts claims about backend runtimes to the test: starts real servers, drives them with calibrated load, and says for each
/// claim whether it is supported, refuted, inconclusive or not testable here.
#[derive(Debug, Parser)]
#[command(version, name = "claimbench", after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// Folder that holds `workloads/` and `reference-servers/` (default: the nearest one above here).
    #[arg(long, global = true, env = "CLAIMBENCH_ROOT", value_name = "FOLDER")]
    pub root: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    a condition of --fail-on holds, a verdict is not as --expect says, or a run of `drive` is not valid
  64   bad input: a definition, a name, an option or a record
  69   something needed is missing: a runtime, a network, a free port
  70   a bug of claimbench
  130  interrupted; what was measured is kept, and `run --resume` goes on from there";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the machine, its cores and layout, limits and runtimes; which claims can be tested here, and what would mend the rest.
    Doctor,
    /// List workloads, servers and claims.
    List(ListArgs),
    /// Check all definitions and report every mistake.
    Check,
    /// Count what stands in for the effort that each server took: source, tokens, dependencies. No verdict comes from it.
    Proxies(ProxiesArgs),
    /// Show every trial that a run would do, in order, with every default, and how long it will take.
    Plan(PlanArgs),
    /// Run the plan, and append each trial to the run's record.
    Run(RunArgs),
    /// Judge a run from its record alone.
    Judge(JudgeArgs),
    /// Say what changed between two runs: changed, equivalent, or can't tell, for each arm and number that both measured.
    Compare(CompareArgs),
    /// Draw the site of a run from its record alone.
    Report(ReportArgs),
    /// Append a run's line to a history, or bring the one that stands there up to date.
    History(HistoryArgs),
    /// Take a claim's verdict out of a run in which a fault of the measurement was found afterwards; what was measured stays.
    Withdraw(WithdrawArgs),
    /// Lay a base and a change side by side: a folder of definitions whose run tells whether the change's servers are slower.
    Pair(PairArgs),
    /// Start one server with what it needs, in the foreground, until interrupted.
    Serve(ServeArgs),
    /// Load-test one URL.
    Drive(Box<DriveArgs>),
    /// Measure what the generator can show on this machine: its floor, ceiling, lag and regularity in each core layout.
    Calibrate(CalibrateArgs),
    /// Add up the interval logs of several machines: the same percentiles as of one that had sent everything.
    Merge(MergeArgs),
    /// Write a commented template of a workload, claim or server.
    New(NewArgs),
    /// Write the JSON Schemas of the definitions, or check that they are up to date.
    Schema(SchemaArgs),
}

/// Options of `list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Print JSON (version 1 of the interface; see the README).
    #[arg(long, conflicts_with = "matrix")]
    pub json: bool,
    /// Print a matrix for GitHub Actions, as a line for $GITHUB_OUTPUT: each family of claims with a glob that matches its claims.
    #[arg(long)]
    pub matrix: bool,
}

/// Options of `proxies`.
#[derive(Debug, Args)]
pub struct ProxiesArgs {
    /// Print JSON (version 1 of the interface; see the README).
    #[arg(long)]
    pub json: bool,
}

/// What a run is made of.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Only claims whose id matches; may be repeated. Controls come along.
    #[arg(long, value_name = "GLOB")]
    pub claims: Vec<String>,
    /// Only claims whose servers all match; may be repeated.
    #[arg(long, value_name = "GLOB")]
    pub servers: Vec<String>,
    /// The effort: blocks and measuring time.
    #[arg(long, value_enum, default_value = "quick")]
    pub profile: ProfileArg,
    /// Every random choice comes from it (default: from the time, and recorded).
    #[arg(long)]
    pub seed: Option<u64>,
    /// End each experiment as soon as its claims are decided, and spend the time saved on those that are not; the profile's
    /// number of blocks is then what they may take, not what they take.
    #[arg(long)]
    pub adaptive: bool,
    /// Print the plan as JSON.
    #[arg(long)]
    pub json: bool,
}

impl PlanArgs {
    /// The effort that was asked for.
    #[must_use]
    pub const fn effort(&self) -> Effort {
        if self.adaptive { Effort::Adaptive } else { Effort::Fixed }
    }
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// What to run.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Go on with a run that was interrupted: its folder or record.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["claims", "servers", "seed", "out", "adaptive"])]
    pub resume: Option<PathBuf>,
    /// Folder of the run (default: `results/<time>-<profile>`).
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// Options of `judge`.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// The run's folder or record.
    pub run: PathBuf,
    /// Print JSON (version 1 of the interface; see the README).
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 when a claim has one of these verdicts.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "VERDICT")]
    pub fail_on: Vec<VerdictArg>,
    /// Exit with 1 when the verdict of a claim is not the one that this file expects; `--fail-on` is then for the other claims. The file is
    /// TOML with lists of claims: `supported = ["gil-threads"]`, and likewise `refuted`, `inconclusive` and `not_testable`.
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
}

/// Options of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The earlier run's folder or record.
    pub first: PathBuf,
    /// The later run's folder or record.
    pub second: PathBuf,
    /// Compare runs of different machines: what changed may then be the machine.
    #[arg(long)]
    pub across_machines: bool,
    /// Also write the changes as a page, one file that needs nothing beside it.
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,
    /// Print JSON (version 1 of the interface; see the README).
    #[arg(long)]
    pub json: bool,
}

/// Options of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The run's folder or record.
    pub run: PathBuf,
    /// Folder of the site (default: `site` beside the record).
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// A history, whose trends the site then shows too.
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// What a core costs for an hour, in US dollars, on the pages of claims about cost.
    #[arg(long, value_name = "DOLLARS", value_parser = price, default_value_t = Prices::REFERENCE.core_hour)]
    pub price_per_core_hour: f64,
    /// What a GiB of memory costs for an hour, in US dollars. The prices where none are given are those of AWS Fargate (Linux on x86,
    /// us-east-1, 2026), which bills CPU and memory apart.
    #[arg(long, value_name = "DOLLARS", value_parser = price, default_value_t = Prices::REFERENCE.gib_hour)]
    pub price_per_gib_hour: f64,
    /// Append the verdicts to the summary of a GitHub Actions step (the file that $GITHUB_STEP_SUMMARY names).
    #[arg(long)]
    pub step_summary: bool,
    /// The verdicts that are expected, for `junit.xml`: a claim fails there where its verdict is another. See `judge --help`.
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// Also write charts as PNG beside their SVG, on light paper: all, or those whose name matches, such as `--png='gil-*'`; may be repeated.
    #[arg(long, value_name = "GLOB", num_args = 0..=1, require_equals = true, default_missing_value = "*")]
    pub png: Vec<String>,
}

impl ReportArgs {
    /// The site of a run, beside its record and with nothing else.
    #[must_use]
    pub fn of(run: PathBuf) -> Self {
        let Prices { core_hour: price_per_core_hour, gib_hour: price_per_gib_hour } = Prices::REFERENCE;
        let (out, history, expect, png) = (None, None, None, Vec::new());
        Self { run, out, history, price_per_core_hour, price_per_gib_hour, step_summary: false, expect, png }
    }

    /// The prices that were given.
    #[must_use]
    pub const fn prices(&self) -> Prices {
        Prices { core_hour: self.price_per_core_hour, gib_hour: self.price_per_gib_hour }
    }
}

/// A price: a number that is not negative.
fn price(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(price) if price.is_finite() && price >= 0.0 => Ok(price),
        _ => Err(format!("`{text}` is no price: give US dollars, such as 0.05")),
    }
}

/// Options of `pair`.
#[derive(Debug, Args)]
pub struct PairArgs {
    /// A checkout of the base; `--root` is the change's.
    #[arg(long, value_name = "FOLDER")]
    pub base: PathBuf,
    /// The new folder, for `--root` of `run`.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
}

/// Options of `history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The run's folder or record.
    pub run: PathBuf,
    /// The history.
    #[arg(long, value_name = "FILE", default_value = "results/history.ndjson")]
    pub into: PathBuf,
}

/// Options of `withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// The run's folder or record.
    pub run: PathBuf,
    /// The claim.
    pub claim: String,
    /// The fault, as a reader of the verdict is told it.
    #[arg(long, value_name = "TEXT")]
    pub because: String,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The server, and its mode behind a colon: `express` or `express:cluster`.
    #[arg(value_name = "SERVER[:MODE]")]
    pub server: String,
    /// The runtime (default: the server's).
    #[arg(long)]
    pub runtime: Option<String>,
    /// A parameter of the mode, such as `threads=4`; may be repeated.
    #[arg(long = "set", value_name = "NAME=NUMBER")]
    pub parameters: Vec<String>,
    /// Port to listen on (default: a free one).
    #[arg(long)]
    pub port: Option<u16>,
}

/// Options of `new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// What to write.
    #[arg(value_enum)]
    pub kind: NewKind,
    /// Its name: lower-case letters, digits and hyphens.
    pub name: String,
    /// The workload that a claim is measured on.
    #[arg(long, value_name = "NAME", default_value = "cpu-sieve")]
    pub workload: String,
}

/// Options of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Only check; exit with 64 when one is stale.
    #[arg(long)]
    pub check: bool,
}

/// Profiles as options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileArg {
    /// One block: shows that everything runs, gives no verdicts.
    Smoke,
    /// Six blocks: the fewest that can give a verdict.
    Quick,
    /// Fifteen blocks of one and a half times the length: what a published result should have.
    Standard,
    /// Twenty blocks of four times the length.
    Full,
}

impl From<ProfileArg> for ProfileName {
    fn from(arg: ProfileArg) -> Self {
        match arg {
            ProfileArg::Smoke => Self::Smoke,
            ProfileArg::Quick => Self::Quick,
            ProfileArg::Standard => Self::Standard,
            ProfileArg::Full => Self::Full,
        }
    }
}

/// Verdicts as options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum VerdictArg {
    /// The interval lies inside the region.
    Supported,
    /// It lies inside the complement.
    Refuted,
    /// Neither, or a gate failed.
    Inconclusive,
    /// The machine cannot test it.
    NotTestable,
}

impl From<VerdictArg> for model::verdict::Outcome {
    fn from(arg: VerdictArg) -> Self {
        match arg {
            VerdictArg::Supported => Self::Supported,
            VerdictArg::Refuted => Self::Refuted,
            VerdictArg::Inconclusive => Self::Inconclusive,
            VerdictArg::NotTestable => Self::NotTestable,
        }
    }
}

/// Kinds of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewKind {
    /// `workloads/<name>.toml`
    Workload,
    /// `workloads/claims/<name>.toml`
    Claim,
    /// `reference-servers/<name>/`
    Server,
}
