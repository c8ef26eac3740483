//! Failures with their exit codes: what the user can mend apart from what is our bug.

use std::process::ExitCode;

/// The documented exit codes; see `claimbench --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// A condition of `--fail-on` holds, or a verdict is not as `--expect` says.
    Condition = 1,
    /// Bad input (`EX_USAGE` of BSD's sysexits).
    BadInput = 64,
    /// Something needed is missing (`EX_UNAVAILABLE`).
    Missing = 69,
    /// Our bug (`EX_SOFTWARE`).
    Bug = 70,
    /// Interrupted (128 + SIGINT).
    Interrupted = 130,
}

/// A failure and how the process shall end for it.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened, with its causes.
    pub error: anyhow::Error,
}

impl Failure {
    /// The process's exit code.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }
}

/// What is not told apart is a bug of ours.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { exit: Exit::Bug, error }
    }
}

/// Says what a failure means for the process.
pub trait Means<T> {
    /// Turns an error into a failure with this exit code.
    ///
    /// # Errors
    /// The error, if there is one.
    fn means(self, exit: Exit) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> Means<T> for Result<T, E> {
    fn means(self, exit: Exit) -> Result<T, Failure> {
        self.map_err(|error| Failure { exit, error: error.into() })
    }
}
