//! What a process of this executable is: told by the environment, since `cargo test` fills the arguments with its own.

use std::process::Command;

use anyhow::Context;

const VARIABLE: &str = "CLAIMBENCH_ACCURACY_ROLE";
const SERVER: &str = "server";
const GENERATOR: &str = "generator";

/// What this process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The bench itself.
    Bench,
    /// The server that is driven.
    Server,
    /// claimbench's command line, as a process of its own.
    Generator,
}

impl Role {
    pub(crate) fn of_this_process() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Ok(SERVER) => Self::Server,
            Ok(GENERATOR) => Self::Generator,
            _ => Self::Bench,
        }
    }

    /// A process of this executable in this role, not yet started.
    pub(crate) fn command(self) -> anyhow::Result<Command> {
        let mut command = Command::new(std::env::current_exe().context("this executable has no path")?);
        match self {
            Self::Bench => command.env_remove(VARIABLE),
            Self::Server => command.env(VARIABLE, SERVER),
            Self::Generator => command.env(VARIABLE, GENERATOR),
        };
        Ok(command)
    }
}
