//! Real servers, from lock file to contract: every mode on every runtime that is present on this machine. They are installed from
//! their registries; `CLAIMBENCH_TEST_OFFLINE=1` leaves this out, and `CLAIMBENCH_TEST_SERVERS=express,flask` all others.

mod support;

use lab::contract::Contract;
use lab::dependencies::prepare;
use lab::server::{Port, START_UP_LIMIT, ServerPlace, Stopped, VerifiedServer, start};
use lab::services::{self, Addresses, RunningService, ServiceError, ServicePlace};
use model::define::claim::{ArmChoice, Limit};
use model::define::server::Server;
use model::define::workload::Service;
use model::names::{ModeName, RuntimeName};
use model::plan::{Arm, resolve};

use support::{Laboratory, NOT_INTERRUPTED, say, wanted};

/// The laboratory with what all servers of the test share.
struct Checks {
    laboratory: Laboratory,
    contract: Contract,
    cpus: Vec<u16>,
}

impl Checks {
    fn prepare() -> Option<Self> {
        let laboratory = Laboratory::open()?;
        let contract = Contract::read(&laboratory.project.join("reference-servers/CONTRACT.md")).expect("it is right");
        let cpus = lab::machine::look().cpus.iter().map(|cpu| cpu.id).collect();
        Some(Self { laboratory, contract, cpus })
    }

    /// Every mode of a server on every runtime that it may run on and that is present.
    fn arms(&self, server: &Server) -> Vec<(RuntimeName, Arm)> {
        let missing = services::missing(&self.laboratory.cache);
        let can_run = |mode: &ModeName, needs: &[Service]| match needs.iter().find_map(|need| missing.get(need)) {
            Some(why) => {
                say(&format!("left out: {} {mode}: {}", server.name, why.reason));
                false
            }
            None => true,
        };
        let pairs = server.modes.iter().filter(|(name, mode)| can_run(name, &mode.needs)).flat_map(|(name, mode)| {
            let runtimes = mode.runtimes.clone().unwrap_or_else(|| server.runtimes.keys().cloned().collect());
            runtimes.into_iter().map(move |runtime| (name, runtime))
        });
        pairs.filter_map(|(mode, runtime)| Some((runtime.clone(), self.arm(server, mode, &runtime)?))).collect()
    }

    fn arm(&self, server: &Server, mode: &ModeName, runtime: &RuntimeName) -> Option<Arm> {
        let choice = ArmChoice {
            server: server.name.clone(),
            mode: Some(mode.clone()),
            runtime: Some(runtime.clone()),
            parameters: [].into(),
            cores: 1,
            limit: Limit::None,
        };
        let arm = resolve(&choice, server, &self.laboratory.runtimes.facts);
        arm.inspect_err(|missing| say(&format!("{} {mode} {runtime}: missing {missing:?}", server.name))).ok()
    }

    /// Starts the server with every service that its routes need, and checks it twice: a check must leave what the next one needs.
    fn keeps_the_contract(&self, server: &Server, runtime: &RuntimeName, arm: &Arm) {
        let routes = server.routes_on(&arm.mode, runtime);
        let needed = self.contract.services_for(&routes);
        let upstream = needed.contains(&Service::Upstream).then(|| self.upstream());
        let backing: Vec<RunningService> = needed.iter().filter_map(|service| self.backing(*service)).collect();
        let services = Addresses::of(upstream.as_ref().map(VerifiedServer::port), &backing);
        let mut verified = self.verified(server, runtime, arm, services, &routes);
        let again_s = verified.verify_again(&self.contract, &routes, &NOT_INTERRUPTED);
        let again_s = again_s.unwrap_or_else(|e| panic!("{}, checked again: {e}\n{}", arm.id, e.log_tail()));
        let (start_up_s, check_s) = (verified.start_up_s, verified.contract_check_s);
        say(&format!("{}: started in {start_up_s:.2} s, checked in {check_s:.3} s and {again_s:.3} s", arm.id));
        assert_eq!(verified.stop(), Stopped::Asked, "{}: it did not end when it was asked to", arm.id);
    }

    fn verified(
        &self,
        server: &Server,
        runtime: &RuntimeName,
        arm: &Arm,
        services: Addresses,
        routes: &[String],
    ) -> VerifiedServer {
        let prepared = prepare(server, &arm.mode, runtime, &self.laboratory.sources(), &NOT_INTERRUPTED);
        let prepared = prepared.unwrap_or_else(|e| panic!("{}: {e}", arm.id));
        let place = ServerPlace {
            prepared: &prepared,
            cpus: &self.cpus,
            port: Port::Free,
            services,
            start_up_limit: START_UP_LIMIT,
        };
        let started = start(arm, &place).unwrap_or_else(|e| panic!("{}: {e}", arm.id));
        let ready = started.ready(&NOT_INTERRUPTED).unwrap_or_else(|e| panic!("{}: {e}\n{}", arm.id, e.log_tail()));
        let verified = ready.verify(&self.contract, routes, &NOT_INTERRUPTED);
        verified.unwrap_or_else(|e| panic!("{}: {e}\n{}", arm.id, e.log_tail()))
    }

    fn upstream(&self) -> VerifiedServer {
        let server = &self.laboratory.catalog.servers["calibration"];
        let (runtime, arm) = self.arms(server).pop().expect("cargo runs this test");
        self.verified(server, &runtime, &arm, Addresses::default(), &server.routes)
    }

    /// A backing service; its routes are left out where it cannot be had.
    fn backing(&self, service: Service) -> Option<RunningService> {
        let place = ServicePlace {
            project: &self.laboratory.project,
            cache: &self.laboratory.cache,
            cpus: &self.cpus,
            interrupted: &NOT_INTERRUPTED,
        };
        match services::start(service, &place) {
            Err(error @ ServiceError::Missing { .. }) => {
                say(&format!("left out: {error}"));
                None
            }
            started => started.unwrap_or_else(|e| panic!("{e}\n{}", e.log_tail())),
        }
    }
}

#[test]
fn every_mode_of_every_server_keeps_the_contract() {
    let Some(checks) = Checks::prepare() else { return };
    for server in checks.laboratory.catalog.servers.values().filter(|server| wanted(server)) {
        let arms = checks.arms(server);
        assert!(!arms.is_empty(), "{}: none of its runtimes is on this machine", server.name);
        for (runtime, arm) in arms {
            checks.keeps_the_contract(server, &runtime, &arm);
        }
    }
}
