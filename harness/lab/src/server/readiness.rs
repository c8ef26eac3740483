//! From spawned to verified: the server answers /health with all its processes, is what the plan asks for, and keeps
//! the contract.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::plan::Arm;
use serde_json::Value;

use super::{ServerError, StartedServer};
use crate::contract::{Contract, Interrupted, Subject};
use crate::http::{Client, Request};
use crate::processes::Stopped;
use crate::server::announced;

/// How often a starting server is asked.
const ASK_EVERY: Duration = Duration::from_millis(5);
/// How long one question may take; a server whose workers still start may leave it waiting.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// How long a server may take to work off what clients left behind; ten thousand WebSocket connections that say goodbye at once take
/// a server a second or two.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);
/// How long the count of answered requests must stand still to be believed final.
const DRAIN_STILL: Duration = Duration::from_millis(20);

/// A server that answers with all its processes.
#[derive(Debug)]
pub struct ReadyServer {
    server: StartedServer,
    /// Seconds from spawning to the first right answer.
    pub start_up_s: f64,
}

/// A server that is what the plan asks for and keeps the contract.
#[derive(Debug)]
pub struct VerifiedServer {
    server: StartedServer,
    /// Seconds from spawning to the first right answer.
    pub start_up_s: f64,
    /// Seconds that the contract's cases took.
    pub contract_check_s: f64,
}

impl StartedServer {
    /// Waits until the server answers /health and all its processes serve.
    ///
    /// # Errors
    /// When it ends, does not answer in time, says it is something else, or the run is interrupted.
    pub fn ready(mut self, interrupted: &AtomicBool) -> Result<ReadyServer, ServerError> {
        let start_up_s = self.first_answer(interrupted)?;
        self.all_processes(interrupted)?;
        Ok(ReadyServer { server: self, start_up_s })
    }

    fn first_answer(&mut self, interrupted: &AtomicBool) -> Result<f64, ServerError> {
        self.wait_for(interrupted, |client| match client.ask(&Request::get("/health")) {
            Ok(answer) if answer.status == 200 && answer.body == b"ok" => Ok(()),
            Ok(answer) => Err(format!(
                "/health answered {} `{}`",
                answer.status,
                String::from_utf8_lossy(&answer.body[..answer.body.len().min(80)])
            )),
            Err(error) => Err(format!("/health: {error}")),
        })
    }

    fn all_processes(&mut self, interrupted: &AtomicBool) -> Result<(), ServerError> {
        let arm = self.arm.clone();
        let mut differs = Vec::new();
        let waited = self.wait_for(interrupted, |client| {
            let stats = stats(client)?;
            differs = announced::mismatches(&stats, &arm);
            if differs.is_empty() { announced::all_processes_serve(&stats, &arm) } else { Ok(()) }
        });
        if !differs.is_empty() {
            return Err(ServerError::Differs { mismatches: differs, log_tail: self.process.log_tail() });
        }
        waited.map(|_| ())
    }

    /// Asks until `question` is satisfied; each time on a new connection, so that every worker may be met.
    fn wait_for(
        &mut self,
        interrupted: &AtomicBool,
        mut question: impl FnMut(&mut Client<'_>) -> Result<(), String>,
    ) -> Result<f64, ServerError> {
        loop {
            if let Some(status) = self.process.ended() {
                return Err(ServerError::Ended { status: status.to_string(), log_tail: self.settled_log() });
            }
            let last = match question(&mut Client::new(self.port, ANSWER_LIMIT)) {
                Ok(()) => return Ok(self.began.elapsed().as_secs_f64()),
                Err(last) => last,
            };
            if interrupted.load(Ordering::Relaxed) {
                return Err(ServerError::Interrupted);
            }
            let waited = self.began.elapsed();
            if waited > self.limit {
                let log_tail = self.process.log_tail();
                return Err(ServerError::NeverReady { waited_s: waited.as_secs_f64(), last, log_tail });
            }
            std::thread::sleep(ASK_EVERY);
        }
    }

    /// The log of a server that ended: its last words may still be on their way through the pipe.
    fn settled_log(&self) -> String {
        std::thread::sleep(ASK_EVERY);
        self.process.log_tail()
    }
}

impl ReadyServer {
    /// Runs the contract's cases for the routes that the server offers.
    ///
    /// # Errors
    /// When a case fails, or the run is interrupted.
    pub fn verify(
        mut self,
        contract: &Contract,
        routes: &[String],
        interrupted: &AtomicBool,
    ) -> Result<VerifiedServer, ServerError> {
        let contract_check_s = self.server.check(contract, routes, interrupted)?;
        Ok(VerifiedServer { server: self.server, start_up_s: self.start_up_s, contract_check_s })
    }
}

impl StartedServer {
    fn check(&mut self, contract: &Contract, routes: &[String], interrupted: &AtomicBool) -> Result<f64, ServerError> {
        let began = Instant::now();
        let server = Subject { port: self.port, arm: &self.arm, routes, services: &self.services };
        let checked = contract.check(&server, interrupted).map_err(|Interrupted| ServerError::Interrupted)?;
        if checked.failures.is_empty() {
            return Ok(began.elapsed().as_secs_f64());
        }
        let mut failures = checked.failures;
        if let Some(status) = self.process.ended() {
            failures.push(format!("the server ended ({status})"));
        }
        Err(ServerError::BreaksContract { failures, cases: checked.cases, log_tail: self.settled_log() })
    }
}

impl VerifiedServer {
    /// The port it listens on.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.server.port
    }

    /// The arm it runs.
    #[must_use]
    pub const fn arm(&self) -> &Arm {
        &self.server.arm
    }

    /// The process id of its leader.
    #[must_use]
    pub const fn leader(&self) -> i32 {
        self.server.process.leader()
    }

    /// The last lines of its log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        self.server.process.log_tail()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<String> {
        self.server.process.ended().map(|status| status.to_string())
    }

    /// What it says of itself.
    ///
    /// # Errors
    /// In words, when it does not answer.
    pub fn stats(&self) -> Result<Value, String> {
        stats(&mut Client::new(self.server.port, ANSWER_LIMIT))
    }

    /// What it says of itself once its count of answered requests stands still.
    ///
    /// # Errors
    /// In words, when it does not answer, or goes on answering requests that no client waits for.
    pub fn drained(&mut self) -> Result<Value, String> {
        let deadline = Instant::now() + DRAIN_LIMIT;
        let mut last = self.stats();
        loop {
            std::thread::sleep(DRAIN_STILL);
            let now = self.stats();
            match (&last, &now) {
                (Ok(last), Ok(now)) if announced::requests(now) == announced::requests(last) => return Ok(now.clone()),
                // It does not answer while it works off the rest, and has until the deadline for that.
                (_, Err(error)) if Instant::now() > deadline || self.ended().is_some() => return Err(error.clone()),
                (_, Ok(_)) if Instant::now() > deadline => {
                    return Err(format!("it still worked off requests {} s after the load", DRAIN_LIMIT.as_secs()));
                }
                _ => last = now,
            }
        }
    }

    /// Runs the contract's cases again, and gives the seconds they took.
    ///
    /// # Errors
    /// When a case fails, or the run is interrupted.
    pub fn verify_again(
        &mut self,
        contract: &Contract,
        routes: &[String],
        interrupted: &AtomicBool,
    ) -> Result<f64, ServerError> {
        self.server.check(contract, routes, interrupted)
    }

    /// Stops it.
    pub fn stop(mut self) -> Stopped {
        self.server.process.stop()
    }

    /// Kills it: all that it had to say has been heard.
    pub fn stop_at_once(mut self) {
        self.server.process.stop_at_once();
    }
}

fn stats(client: &mut Client<'_>) -> Result<Value, String> {
    let answer = client.ask(&Request::get("/stats")).map_err(|error| format!("/stats: {error}"))?;
    if answer.status != 200 {
        return Err(format!("/stats answered {}", answer.status));
    }
    serde_json::from_slice(&answer.body).map_err(|error| format!("/stats is no JSON: {error}"))
}
