//! Short trials as several tests run them: a workload on a server's arm, with right answers asked for and not many.

use std::sync::atomic::AtomicBool;

use lab::contract::Contract;
use lab::session::{Session, SessionSpec, TrialEnd};
use model::define::claim::{ArmChoice, Limit};
use model::define::protocol::Protocol;
use model::define::server::Server;
use model::define::workload::{ClosedLoad, Load, Stream, Workload, is_on};
use model::machine::{Layout, lay_out};
use model::names::ModeName;
use model::plan::{Arm, Plan, Profile, ProfileName, Trial, resolve};
use model::record::{Observation, TrialFailure, TrialOutcome};
use model::units::{PerSecond, Span};

use crate::support::{Laboratory, NOT_INTERRUPTED};

/// Enough for some requests on each of several connections.
pub(crate) const SHORT: Span = Span::from_millis(300);
/// Enough for ten answers in a short window.
const FEW_MESSAGES_PER_S: f64 = 60.0;
/// Connections of each stream.
const CONNECTIONS: u32 = 4;

fn has_jobs(workload: &Workload) -> bool {
    workload.streams.iter().flat_map(Stream::paths).any(|path| is_on(path, "/jobs"))
}

/// Whether a workload is no attack: what those are answered is a result, and the claims about them show that they are answered at all.
pub(crate) fn honest(workload: &&Workload) -> bool {
    workload.streams.iter().all(|stream| stream.attacks.is_empty())
}

/// What all trials of a test share.
pub(crate) struct Trials {
    pub(crate) laboratory: Laboratory,
    contract: Contract,
    layout: Layout,
}

impl Trials {
    pub(crate) fn prepare() -> Option<Self> {
        let laboratory = Laboratory::open()?;
        let contract = Contract::read(&laboratory.project.join("reference-servers/CONTRACT.md")).expect("it is right");
        let layout = lay_out(&lab::machine::look(), 1).expect("there is a core");
        Some(Self { laboratory, contract, layout })
    }

    /// A server's arm with all defaults, where its runtime is present and it offers a workload's routes; of jobs, which modes do in
    /// ways of their own, all others that offer them too.
    pub(crate) fn arms(&self, server: &Server, workload: &Workload) -> Vec<Arm> {
        let others = server.modes.keys().filter(|mode| **mode != server.default_mode);
        let modes = [&server.default_mode].into_iter().chain(others);
        let offering = modes.filter_map(|mode| self.arm_in(server, mode)).filter(|arm| {
            let routes = server.routes_on(&arm.mode, &arm.runtime);
            let mut paths = workload.streams.iter().flat_map(Stream::paths);
            paths.all(|path| routes.iter().any(|route| is_on(path, route)))
        });
        offering.take(if has_jobs(workload) { usize::MAX } else { 1 }).collect()
    }

    pub(crate) fn arm_in(&self, server: &Server, mode: &ModeName) -> Option<Arm> {
        let choice = ArmChoice {
            server: server.name.clone(),
            mode: Some(mode.clone()),
            runtime: None,
            parameters: [].into(),
            cores: 1,
            limit: Limit::None,
        };
        resolve(&choice, server, &self.laboratory.runtimes.facts).ok()
    }

    pub(crate) fn run(&self, workload: &Workload, arm: Arm, measure: Span) -> Result<Observation, TrialFailure> {
        let mut workload = workload.clone();
        let simple = |stream: &&mut Stream| matches!(stream.protocol, Protocol::Http1 | Protocol::WebsocketEcho(_));
        // Jobs beside other requests keep their rate: heavy work in a closed loop would leave nothing to the others.
        let alone = workload.streams.len() == 1 || !has_jobs(&workload);
        for stream in workload.streams.iter_mut().filter(simple).filter(|_| alone) {
            stream.load = Load::Closed(ClosedLoad { connections: CONNECTIONS, think: Span::from_millis(0) });
        }
        // Right answers are asked for, not how many: Channels does not keep up with the claims' rates of messages.
        for stream in workload
            .streams
            .iter_mut()
            .filter(|stream| !matches!(stream.protocol, Protocol::Http1 | Protocol::WebsocketEcho(_)))
        {
            if let Load::Open(open) = &mut stream.load {
                open.rate = PerSecond::new(open.rate.get().min(FEW_MESSAGES_PER_S)).expect("a rate");
            }
        }
        let trial = Trial { index: 0, experiment: 0, block: 0, position: 0, arm: arm.id.clone(), seed: 7 };
        let arms = vec![arm];
        // Read like a recorded one: what plans have beside this has its default.
        let plan: Plan = serde_json::from_value(serde_json::json!({
            "seed": 1,
            "profile": Profile::of(ProfileName::Smoke),
            "experiments": [
                { "workload": workload, "warm_up": SHORT, "measure": measure, "blocks": 1, "arms": arms, "claims": [] },
            ],
            "trials": [trial],
            "layouts": { "1": self.layout },
            "not_testable": [],
            "expected": measure,
        }))
        .expect("a plan");
        match self.session(&NOT_INTERRUPTED).run_trial(&plan, &trial, None) {
            TrialEnd::Done(TrialOutcome::Observed(observation)) => Ok(*observation),
            TrialEnd::Done(TrialOutcome::Failed(failure)) => Err(failure),
            TrialEnd::Interrupted => panic!("nobody interrupted it"),
        }
    }

    pub(crate) fn session<'a>(&'a self, interrupted: &'a AtomicBool) -> Session<'a> {
        let sources = self.laboratory.sources();
        Session::begin(SessionSpec {
            project: sources.project,
            cache: sources.cache,
            runtimes: sources.runtimes,
            servers: &self.laboratory.catalog.servers,
            contract: &self.contract,
            interrupted,
        })
    }
}
