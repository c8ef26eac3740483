//! `claimbench run`: plan → provision → drive → record, one trial after the other; interrupted, it can be gone on with.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, anyhow};
use lab::contract::Contract;
use lab::runtimes::{Settings, install_missing};
use lab::session::{CalibrationEffort, Session, SessionSpec, TrialEnd};
use model::define::catalog::Catalog;
use model::define::claim::Claim;
use model::define::workload::Service;
use model::names::ClaimId;
use model::plan::{Plan, ProfileName, Trial, Wanted};
use model::record::{Calibration, FORMAT, Finished, Header, Line, PhaseTimes, RunRecord, TrialOutcome, TrialRecord};

use crate::cli::RunArgs;
use crate::clock;
use crate::commands::plan::planned;
use crate::commands::proxies::of_all;
use crate::definitions::Root;
use crate::effort::Effort;
use crate::failure::{Exit, Failure, Means};
use crate::interrupt;
use crate::print;
use crate::progress::Progress;
use crate::repeats::Repeats;
use crate::selection::Selection;
use crate::shares::in_words;
use crate::stored_run::{RecordFile, read_run};
use crate::survey::Survey;

/// Where runs go that nobody has named a folder for, below the root.
const LOCAL_RUNS: &str = "results/local";

/// Runs what the arguments ask for, and gives the record's path.
///
/// # Errors
/// When the definitions have mistakes, something needed is missing, the record cannot be written, or the run is interrupted.
pub fn run(args: &RunArgs, root: &Root) -> Result<PathBuf, Failure> {
    let interrupted = interrupt::flag()?;
    let catalog = root.catalog()?;
    let mut survey = Survey::look(&catalog)?;
    let settings = Settings::from_environment();
    survey.found =
        install_missing(&catalog, &survey.cache, &settings, survey.found, &interrupted).means(Exit::BadInput)?;
    let contract = Contract::read(&root.path().join("reference-servers/CONTRACT.md")).means(Exit::BadInput)?;
    let mut run = match &args.resume {
        Some(earlier) => Run::resume(earlier, &catalog, &survey)?,
        None => {
            survey.install_services(&services_wanted(args, &catalog)?, &interrupted)?;
            Run::begin(args, root, &catalog, &survey)?
        }
    };
    let session = Session::begin(SessionSpec {
        project: root.path(),
        cache: &survey.cache,
        runtimes: &survey.found,
        servers: &catalog.servers,
        contract: &contract,
        interrupted: &interrupted,
    });
    run.measure(&session, &interrupted)?;
    print::result(&format!("{}", run.file.path().display()))?;
    Ok(run.file.path().to_path_buf())
}

/// The services that the workloads of the wanted claims need, and of their controls.
fn services_wanted(args: &RunArgs, catalog: &Catalog) -> Result<BTreeSet<Service>, Failure> {
    let selection = Selection::new(&args.plan.claims, &args.plan.servers).means(Exit::BadInput)?;
    let wanted = catalog.claims.values().map(|found| &found.claim).filter(|claim| selection.wants(claim));
    let controls = |claim: &Claim| claim.controls.clone();
    let ids: BTreeSet<ClaimId> = wanted.flat_map(|claim| [vec![claim.id.clone()], controls(claim)].concat()).collect();
    let claims = ids.iter().filter_map(|id| catalog.claims.get(id));
    let workloads = claims.filter_map(|found| catalog.workloads.get(&found.claim.workload));
    Ok(workloads.flat_map(|workload| workload.services.iter().copied()).collect())
}

/// A run that goes on: its plan, its record, and what was done before.
struct Run {
    plan: Plan,
    /// The header that the record does not have yet: it also tells what setting up took.
    header: Option<Box<Header>>,
    file: RecordFile,
    /// The record so far, where effort adapts to it.
    so_far: RunRecord,
    calibrations: Vec<Calibration>,
    done: BTreeSet<u32>,
    /// The trials that the host disturbed.
    repeats: Repeats,
    phases: PhaseTimes,
    began: Instant,
}

impl Run {
    fn begin(args: &RunArgs, root: &Root, catalog: &Catalog, survey: &Survey) -> Result<Self, Failure> {
        let plan = planned(&args.plan, catalog, survey)?;
        let profile = serde_json::to_value(plan.profile.name).context("a profile has a name")?;
        let name = format!("{}-{}", clock::now_as_name(), profile.as_str().unwrap_or_default());
        let folder = args.out.clone().unwrap_or_else(|| root.path().join(LOCAL_RUNS).join(name));
        let file = RecordFile::begin(&folder)?;
        let header = Header {
            format: FORMAT,
            claimbench: env!("CARGO_PKG_VERSION").to_owned(),
            commit: commit(root),
            began: clock::now_rfc3339(),
            machine: survey.machine.clone(),
            runtimes: survey.runtimes().clone(),
            servers: catalog.servers.clone(),
            command: command(args, profile.as_str().unwrap_or_default(), plan.seed),
            plan: plan.clone(),
            proxies: of_all(catalog, root).unwrap_or_else(|failure| {
                print::note(&format!("no proxies are recorded: {}", failure.error));
                Vec::new()
            }),
        };
        let (calibrations, done) = (Vec::new(), BTreeSet::new());
        let (so_far, repeats) = (RunRecord::begin(header.clone()), Repeats::of(&plan));
        let (header, phases) = (Some(Box::new(header)), PhaseTimes::default());
        Ok(Self { plan, header, file, so_far, calibrations, done, repeats, phases, began: Instant::now() })
    }

    fn resume(earlier: &std::path::Path, catalog: &Catalog, survey: &Survey) -> Result<Self, Failure> {
        let (path, record) = read_run(earlier)?;
        same_place(&record, catalog, survey).means(Exit::BadInput)?;
        Ok(Self {
            done: record.trials.iter().map(|done| done.trial.index).collect(),
            calibrations: record.calibrations.clone(),
            plan: record.header.plan.clone(),
            header: None,
            repeats: Repeats::resumed(&record, |done| {
                disturbed(&record.header.plan, &done.trial, &done.outcome).is_some()
            }),
            so_far: record,
            file: RecordFile::resume(&path)?,
            phases: PhaseTimes::default(),
            began: Instant::now(),
        })
    }

    fn measure(&mut self, session: &Session<'_>, interrupted: &AtomicBool) -> Result<(), Failure> {
        if self.plan.trials.is_empty() {
            print::note("no claim of this selection can be tested here; `claimbench doctor` says what would mend it");
        }
        let mut progress = Progress::begin(&self.plan, &self.done);
        session.prepare_all(&self.plan, |server, runtime| progress.say(&format!("setting up {server} on {runtime}")));
        let set_up_s = self.began.elapsed().as_secs_f64();
        let whole = self.done.is_empty();
        self.write_header(session)?;
        self.calibrate(session, &progress)?;
        let calibration_s = self.began.elapsed().as_secs_f64() - set_up_s;
        let todo: Vec<Trial> =
            self.plan.trials.iter().filter(|trial| !self.done.contains(&trial.index)).cloned().collect();
        let mut effort = Effort::of(&self.plan);
        let trials_began = Instant::now();
        for (at, trial) in todo.iter().enumerate() {
            if effort.wants(trial, &self.so_far, &judge::is_decided) {
                self.one(session, trial, &mut progress, interrupted)?;
            }
            if todo.get(at + 1).is_none_or(|next| next.experiment != trial.experiment) {
                while self.has_time(trials_began, &progress)
                    && let Some(again) = self.repeats.next_of(trial.experiment)
                {
                    self.one(session, &again, &mut progress, interrupted)?;
                }
            }
        }
        self.repeats.begin_last();
        while self.has_time(trials_began, &progress)
            && let Some(again) = self.repeats.next_at_last()
        {
            self.one(session, &again, &mut progress, interrupted)?;
        }
        progress.end();
        let wall_s = self.began.elapsed().as_secs_f64();
        let finished = Finished { wall_s, set_up_s, calibration_s, phases: self.phases };
        self.file.append(&Line::Finished(finished))?;
        print::note(&in_words(&finished, whole.then_some(self.plan.expected)));
        Ok(())
    }

    /// Whether the run would end within the time planned if it ended no later than its trials need once each: repeats do not make a run
    /// longer than its plan says.
    fn has_time(&self, trials_began: Instant, progress: &Progress) -> bool {
        trials_began.elapsed().as_secs_f64() + progress.left_s() < self.plan.expected.as_secs_f64()
    }

    /// Writes the header of a new record, with what installing the servers took.
    fn write_header(&mut self, session: &Session<'_>) -> Result<(), Failure> {
        let Some(mut header) = self.header.take() else { return Ok(()) };
        for proxies in &mut header.proxies {
            proxies.installed = session.installed(&proxies.server);
        }
        self.file.append(&Line::Header(header))?;
        Ok(())
    }

    fn calibrate(&mut self, session: &Session<'_>, progress: &Progress) -> Result<(), Failure> {
        // The numbers of a smoke run decide nothing.
        let smoke = self.plan.profile.name == ProfileName::Smoke;
        let effort = if smoke { CalibrationEffort::Brief } else { CalibrationEffort::Believed };
        for (cores, layout) in self.plan.layouts.clone() {
            if self.calibrations.iter().any(|known| known.server_cores == cores) {
                continue;
            }
            progress.say(&format!("calibrating the generator beside {cores} server core(s)"));
            match session.calibrate(cores, &layout, effort) {
                Ok(Some(calibration)) => {
                    self.file.append(&Line::Calibration(calibration.clone()))?;
                    self.calibrations.push(calibration);
                }
                Ok(None) => return Err(self.interrupted()),
                Err(failure) => {
                    let error = anyhow!("cannot calibrate the generator: {}\n{}", failure.reason, failure.log_tail);
                    return Err(error).means(Exit::Missing);
                }
            }
        }
        Ok(())
    }

    fn one(
        &mut self,
        session: &Session<'_>,
        trial: &Trial,
        progress: &mut Progress,
        interrupted: &AtomicBool,
    ) -> Result<(), Failure> {
        progress.trial_begins();
        let cores = self.plan.arm(trial).map(|arm| arm.cores);
        let ceiling =
            self.calibrations.iter().find(|known| Some(known.server_cores) == cores).map(|known| known.ceiling_per_s);
        let TrialEnd::Done(outcome) = session.run_trial(&self.plan, trial, ceiling) else {
            progress.end();
            return Err(self.interrupted());
        };
        add(&mut self.phases, &outcome);
        let disturbed = disturbed(&self.plan, trial, &outcome);
        let record = TrialRecord { trial: trial.clone(), outcome };
        self.file.append(&Line::Trial(Box::new(record.clone())))?;
        if self.plan.adaptive.is_some() {
            self.so_far.add(record.clone());
        }
        self.done.insert(trial.index);
        progress.done(&self.plan, &record, self.done.len());
        let waits = self.repeats.saw(trial, disturbed.is_some());
        if let Some(lost) = disturbed.filter(|_| waits) {
            progress.again(lost);
        }
        if interrupted.load(Ordering::Relaxed) {
            progress.end();
            return Err(self.interrupted());
        }
        Ok(())
    }

    fn interrupted(&self) -> Failure {
        let folder = self.file.path().parent().unwrap_or(self.file.path()).display();
        let (done, all) = (self.done.len(), self.plan.trials.len());
        let error = anyhow!(
            "interrupted after {done} of {all} trials; they are kept: go on with `claimbench run --resume {folder}`"
        );
        Failure { exit: Exit::Interrupted, error }
    }
}

/// The share of its time that the host took from a trial, where that is more than its claims allow.
fn disturbed(plan: &Plan, trial: &Trial, outcome: &TrialOutcome) -> Option<f64> {
    let TrialOutcome::Observed(seen) = outcome else { return None };
    let layout = plan.arm(trial).and_then(|arm| plan.layouts.get(&arm.cores));
    let allowed = plan.experiments.get(trial.experiment)?.lost_share_max(&trial.arm)?;
    Some(seen.lost_share(layout)).filter(|lost| *lost > allowed)
}

/// A run goes on only on the same machine, with the same runtimes and servers: else its blocks would not be alike.
fn same_place(record: &RunRecord, catalog: &Catalog, survey: &Survey) -> anyhow::Result<()> {
    let header = &record.header;
    let same = [
        ("machine", header.machine.cpus == survey.machine.cpus && header.machine.cpu_model == survey.machine.cpu_model),
        ("runtimes", versions(&header.runtimes) == versions(survey.runtimes())),
        ("servers' definitions", header.servers == catalog.servers),
    ];
    match same.iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(anyhow!("the {what} are not the ones that the run began with; begin a new run")),
        None => Ok(()),
    }
}

/// The versions of all runtimes; where they were found may differ, as after Node.js was installed.
fn versions(runtimes: &model::machine::Runtimes) -> Vec<(String, Option<(String, bool)>)> {
    let each = runtimes.iter().flat_map(|(server, found)| found.iter().map(move |(name, found)| (server, name, found)));
    let version = |found: &model::machine::RuntimeFound| match found {
        model::machine::RuntimeFound::Present(facts) => Some((facts.version.clone(), facts.free_threaded)),
        model::machine::RuntimeFound::Missing(_) => None,
    };
    each.map(|(server, name, found)| (format!("{server}/{name}"), version(found))).collect()
}

fn add(phases: &mut PhaseTimes, outcome: &TrialOutcome) {
    if let TrialOutcome::Observed(seen) = outcome {
        phases.start_up_s += seen.phases.start_up_s;
        phases.contract_check_s += seen.phases.contract_check_s;
        phases.warm_up_s += seen.phases.warm_up_s;
        phases.measure_s += seen.phases.measure_s;
        phases.shut_down_s += seen.phases.shut_down_s;
    }
}

/// The git commit of the definitions, with `-dirty` behind it where files have changed; nothing without git.
fn commit(root: &Root) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(root.path()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "HEAD"])?;
    let changed = !git(&["status", "--porcelain"])?.is_empty();
    Some(format!("{commit}{}", if changed { "-dirty" } else { "" }))
}

/// The command that repeats the run.
fn command(args: &RunArgs, profile: &str, seed: u64) -> String {
    let mut words = vec![format!("cargo run --release -p claimbench -- run --profile {profile} --seed {seed}")];
    if args.plan.adaptive {
        words.push("--adaptive".to_owned());
    }
    words.extend(args.plan.claims.iter().map(|glob| format!("--claims '{glob}'")));
    words.extend(args.plan.servers.iter().map(|glob| format!("--servers '{glob}'")));
    words.join(" ")
}
