//! A session: everything that trials share, and the trials themselves from provisioning to observation.

mod added_process;
mod attack;
mod calibrate;
mod drive;
mod fault;
mod serve;
#[cfg(test)]
mod tests;
mod trial;
mod warm_up;
mod workers;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use load::pacer::PacerKind;
use model::define::claim::{ArmChoice, Limit};
use model::define::server::Server;
use model::define::workload::{Load, Service, Stream, Workload, is_on};
use model::machine::Layout;
use model::names::{ModeName, ParameterName, RuntimeName, ServerName};
use model::plan::{Arm, Plan, resolve};
use model::proxies::Installed;
use model::record::Stage;

use crate::cache::{Cache, Making};
use crate::contract::Contract;
use crate::core_speed::own_speed;
use crate::dependencies::{Prepared, Sources, prepare};
use crate::hiccup::OwnSpeeds;
use crate::machine;
use crate::runtimes::RuntimesFound;
use crate::server::{Port, START_UP_LIMIT, ServerPlace, VerifiedServer, start};
use crate::services::{self, Addresses, RunningService, ServiceError, ServicePlace};
use fault::{At, Fault};

pub use calibrate::CalibrationEffort;
pub use fault::TrialEnd;
pub use serve::{ServeError, Serving};

/// The server that calibrates the generator and is the upstream of I/O workloads.
const CALIBRATION_SERVER: &str = "calibration";

/// How long a service may take from where its server misses it to its end: PostgreSQL ends its own processes first.
const LAST_BREATH: Duration = Duration::from_millis(200);
/// How often is looked whether it has ended, or whether serving shall.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What is installed once: a server on a runtime, from a lock file.
type Installation = (ServerName, RuntimeName, String);

/// What all trials of a run share.
#[derive(Debug)]
pub struct Session<'a> {
    project: PathBuf,
    cache: &'a Cache,
    runtimes: &'a RuntimesFound,
    servers: &'a BTreeMap<ServerName, Server>,
    contract: &'a Contract,
    interrupted: &'a AtomicBool,
    began: Instant,
    /// What was prepared, or why not: what failed once is not tried again for every trial.
    prepared: Mutex<BTreeMap<Installation, Result<Prepared, String>>>,
    /// How fast each processor is when nothing else uses its core.
    own_speeds: Mutex<OwnSpeeds>,
}

/// What a session is made from.
#[derive(Clone, Copy, Debug)]
pub struct SessionSpec<'a> {
    /// The project's folder, which holds `reference-servers/`.
    pub project: &'a Path,
    /// The cache.
    pub cache: &'a Cache,
    /// The runtimes found.
    pub runtimes: &'a RuntimesFound,
    /// The servers as defined.
    pub servers: &'a BTreeMap<ServerName, Server>,
    /// The contract.
    pub contract: &'a Contract,
    /// Set from outside to end what is going on, soon and cleanly.
    pub interrupted: &'a AtomicBool,
}

impl<'a> Session<'a> {
    /// A session that begins now.
    #[must_use]
    pub fn begin(spec: SessionSpec<'a>) -> Self {
        Self {
            project: spec.project.to_owned(),
            cache: spec.cache,
            runtimes: spec.runtimes,
            servers: spec.servers,
            contract: spec.contract,
            interrupted: spec.interrupted,
            began: Instant::now(),
            prepared: Mutex::default(),
            own_speeds: Mutex::default(),
        }
    }

    /// Makes everything ready that a plan needs, so that no trial waits for an installation. `telling` hears of each
    /// server before its turn. A failure here fails that server's trials later, with the same words.
    pub fn prepare_all(&self, plan: &Plan, mut telling: impl FnMut(&ServerName, &RuntimeName)) {
        let arms = plan.experiments.iter().flat_map(|experiment| &experiment.arms).cloned();
        let wanted: BTreeMap<Installation, Arm> = arms
            .chain(self.calibration_arm().ok())
            .filter_map(|arm| Some((self.installation(&arm).ok()?, arm)))
            .collect();
        for arm in wanted.values() {
            telling(&arm.server, &arm.runtime);
            let _ = self.prepared(arm);
        }
    }

    fn installation(&self, arm: &Arm) -> Result<Installation, Fault> {
        let lock = self.server(&arm.server)?.lock_on(&arm.mode, &arm.runtime);
        Ok((arm.server.clone(), arm.runtime.clone(), lock.to_owned()))
    }

    /// What installing a server took on each runtime that it was prepared on, where that is known; of modes with a lock file of their own, nothing.
    #[must_use]
    pub fn installed(&self, server: &ServerName) -> Vec<Installed> {
        let Some(defined) = self.servers.get(server) else { return Vec::new() };
        let prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let own = prepared.iter().filter(|((name, runtime, lock), _)| {
            name == server && lock == defined.lock_on(&defined.default_mode, runtime)
        });
        own.filter_map(|((_, runtime, _), prepared)| {
            let Making { took_ms, bytes } = prepared.as_ref().ok()?.installed?;
            Some(Installed { runtime: runtime.clone(), took_ms, bytes })
        })
        .collect()
    }

    /// The processors' own speeds; those of a layout that are not known yet are found first. One that cannot be timed has none.
    fn own_speeds(&self, layout: &Layout) -> MutexGuard<'_, OwnSpeeds> {
        let mut known = self.own_speeds.lock().unwrap_or_else(PoisonError::into_inner);
        for &cpu in &layout.server {
            if let Entry::Vacant(entry) = known.entry(cpu)
                && let Ok(own) = own_speed(cpu)
            {
                entry.insert(own);
            }
        }
        known
    }

    fn server(&self, name: &ServerName) -> Result<&Server, Fault> {
        let missing = || format!("the server `{name}` is not defined; run `claimbench check`");
        self.servers.get(name).ok_or_else(missing).at(Stage::SetUp)
    }

    fn prepared(&self, arm: &Arm) -> Result<Prepared, Fault> {
        let key = self.installation(arm)?;
        let known = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return known.at(Stage::SetUp);
        }
        let sources = Sources { project: &self.project, cache: self.cache, runtimes: self.runtimes };
        let prepared = prepare(self.server(&arm.server)?, &arm.mode, &arm.runtime, &sources, self.interrupted);
        let prepared = prepared.map_err(|error| error.to_string());
        if prepared.is_err() && self.interrupted.load(Ordering::Relaxed) {
            return Err(Fault::Interrupted);
        }
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).insert(key, prepared.clone());
        prepared.at(Stage::SetUp)
    }

    /// Starts an arm and verifies some of its routes.
    fn provision(
        &self,
        arm: &Arm,
        cpus: &[u16],
        port: Port,
        services: Addresses,
        routes: &[String],
    ) -> Result<VerifiedServer, Fault> {
        let prepared = self.prepared(arm)?;
        let place = ServerPlace { prepared: &prepared, cpus, port, services, start_up_limit: START_UP_LIMIT };
        let started = start(arm, &place).at(Stage::StartUp)?;
        let ready = started.ready(self.interrupted).at(Stage::StartUp)?;
        ready.verify(self.contract, routes, self.interrupted).at(Stage::ContractCheck)
    }

    /// Starts the upstream of I/O workloads.
    fn upstream(&self, cpus: &[u16]) -> Result<VerifiedServer, Fault> {
        let in_words = |fault: Fault| fault.of("the upstream");
        self.calibration_arm().and_then(|arm| self.calibration_server(&arm, cpus, "/delay")).map_err(in_words)
    }

    /// Starts the calibration server and verifies the one route that it is started for.
    fn calibration_server(&self, arm: &Arm, cpus: &[u16], route: &str) -> Result<VerifiedServer, Fault> {
        let routes = ["/health", "/stats", route].map(str::to_owned);
        self.provision(arm, cpus, Port::Free, Addresses::default(), &routes)
    }

    /// Starts the services that are wanted, all of them.
    fn services(&self, wanted: &[Service], cpus: &[u16]) -> Result<Beside, Fault> {
        match self.services_there(wanted, cpus)? {
            (beside, missing) if missing.is_empty() => Ok(beside),
            (_, missing) => Err(missing.join("; ")).at(Stage::SetUp),
        }
    }

    /// Starts the services that are wanted and can be had here, and says in words which cannot.
    fn services_there(&self, wanted: &[Service], cpus: &[u16]) -> Result<(Beside, Vec<String>), Fault> {
        let place = ServicePlace { project: &self.project, cache: self.cache, cpus, interrupted: self.interrupted };
        let upstream = wanted.contains(&Service::Upstream).then(|| self.upstream(cpus)).transpose()?;
        let (mut backing, mut missing) = (Vec::new(), Vec::new());
        for service in wanted {
            match services::start(*service, &place) {
                Err(error @ ServiceError::Missing { .. }) => missing.push(error.to_string()),
                started => backing.extend(started.at(Stage::SetUp)?),
            }
        }
        Ok((Beside { upstream, backing }, missing))
    }

    fn calibration_arm(&self) -> Result<Arm, Fault> {
        let name = ServerName::new(CALIBRATION_SERVER).map_err(|error| error.to_string()).at(Stage::SetUp)?;
        self.arm(&name, None, None, BTreeMap::new())
    }

    /// An arm with every default; for servers that no plan names.
    fn arm(
        &self,
        server: &ServerName,
        mode: Option<ModeName>,
        runtime: Option<RuntimeName>,
        parameters: BTreeMap<ParameterName, u32>,
    ) -> Result<Arm, Fault> {
        let choice = ArmChoice { server: server.clone(), mode, runtime, parameters, cores: 1, limit: Limit::None };
        let arm = resolve(&choice, self.server(server)?, &self.runtimes.facts);
        arm.map_err(|missing| format!("{}; {}", missing.reason, missing.remedy)).at(Stage::SetUp)
    }
}

/// The services that run beside a server. Dropped after it.
#[derive(Debug)]
struct Beside {
    upstream: Option<VerifiedServer>,
    backing: Vec<RunningService>,
}

impl Beside {
    fn addresses(&self) -> Addresses {
        Addresses::of(self.upstream.as_ref().map(VerifiedServer::port), &self.backing)
    }

    fn leaders(&self) -> Vec<i32> {
        let upstream = self.upstream.iter().map(VerifiedServer::leader);
        upstream.chain(self.backing.iter().map(RunningService::leader)).collect()
    }

    /// Whether any runs at all.
    fn run(&self) -> bool {
        self.upstream.is_some() || !self.backing.is_empty()
    }

    /// The first service that ended meanwhile, as the fault of a stage.
    fn still_run(&mut self, stage: Stage) -> Result<(), Fault> {
        if let Some(upstream) = &mut self.upstream
            && let Some(status) = upstream.ended()
        {
            return Err(Fault::failed(stage, format!("the upstream ended ({status})"), &upstream.log_tail()));
        }
        self.backing.iter_mut().find_map(RunningService::ended).map_or(Ok(()), Err).at(stage)
    }

    /// What is to blame for a server's fault: the service that ended, where one did, since no server does well without it.
    fn blamed(&mut self, fault: Fault) -> Fault {
        let Fault::Failed(failure) = &fault else { return fault };
        let deadline = Instant::now() + LAST_BREATH;
        while self.run() {
            match self.still_run(failure.stage) {
                Err(service) => return service,
                Ok(()) if Instant::now() > deadline => break,
                Ok(()) => std::thread::sleep(LOOK_EVERY),
            }
        }
        fault
    }
}

/// What a trial's server is checked for: the routes of its workload, and those that show that it is well. The whole contract is for
/// the tests; in a trial it would only take time.
fn routes_checked(server: &Server, arm: &Arm, workload: &Workload) -> Vec<String> {
    const ALWAYS: [&str; 3] = ["/health", "/stats", "/plain"];
    let paths = || workload.streams.iter().flat_map(Stream::paths);
    let mut routes = server.routes_on(&arm.mode, &arm.runtime);
    routes.retain(|route| ALWAYS.contains(&route.as_str()) || paths().any(|path| is_on(path, route)));
    routes
}

/// How the generator waits under a workload. A closed loop has no schedule to keep, so it never spins: arms whose generator spins
/// on a core of its own would differ in more than their factor from arms whose generator shares one and sleeps.
fn pacer_for(workload: &Workload, layout: &Layout, services_run: bool) -> PacerKind {
    let scheduled = workload.streams.iter().any(|stream| !matches!(stream.load, Load::Closed(_)));
    if scheduled { pacer(layout, services_run, machine::is_virtual()) } else { PacerKind::shared_core() }
}

/// How the generator waits in a layout: spinning on a core of its own, sleeping until shortly before a due time where others need it
/// too. Which core a virtual processor is on, the host decides, now and anew: two of them may be the two threads of one core, and then a
/// generator that spins takes up to half of the server's (seen: pure Python at 0.59 of its speed).
fn pacer(layout: &Layout, services_run: bool, is_virtual: bool) -> PacerKind {
    let beside_services = services_run && shares(&layout.generator, &layout.services);
    if is_virtual || layout.is_shared() || beside_services { PacerKind::shared_core() } else { PacerKind::Spin }
}

fn shares(one: &[u16], other: &[u16]) -> bool {
    one.iter().any(|cpu| other.contains(cpu))
}
