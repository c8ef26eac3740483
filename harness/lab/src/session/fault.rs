//! How a trial ends, and the way there from any error.

use model::record::{Stage, TrialFailure, TrialOutcome};

use crate::cache::CacheError;
use crate::server::ServerError;
use crate::services::ServiceError;

/// How a trial ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TrialEnd {
    /// It ran or failed: a fact for the record.
    Done(TrialOutcome),
    /// The run was interrupted meanwhile; the trial is to be run again.
    Interrupted,
}

/// Why a trial has no observation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    Failed(TrialFailure),
    Interrupted,
}

impl Fault {
    pub(super) fn failed(stage: Stage, reason: String, log_tail: &str) -> Self {
        Self::Failed(TrialFailure { stage, reason, log_tail: log_tail.to_owned() })
    }

    /// The same fault, of something that the trial needs.
    pub(super) fn of(self, what: &str) -> Self {
        match self {
            Self::Failed(failure) => {
                Self::failed(Stage::SetUp, format!("{what}: {}", failure.reason), &failure.log_tail)
            }
            Self::Interrupted => Self::Interrupted,
        }
    }

    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Failed(failure) if failure.log_tail.is_empty() => failure.reason.clone(),
            Self::Failed(failure) => format!("{}\nits last lines:\n{}", failure.reason, failure.log_tail),
            Self::Interrupted => "interrupted".to_owned(),
        }
    }
}

/// Turns an error into the fault of a stage.
pub(super) trait At<T> {
    fn at(self, stage: Stage) -> Result<T, Fault>;
}

impl<T> At<T> for Result<T, String> {
    fn at(self, stage: Stage) -> Result<T, Fault> {
        self.map_err(|reason| Fault::failed(stage, reason, ""))
    }
}

impl<T> At<T> for Result<T, ServerError> {
    fn at(self, stage: Stage) -> Result<T, Fault> {
        self.map_err(|error| match error {
            ServerError::Interrupted => Fault::Interrupted,
            error => Fault::failed(stage, error.to_string(), error.log_tail()),
        })
    }
}

impl<T> At<T> for Result<T, ServiceError> {
    fn at(self, stage: Stage) -> Result<T, Fault> {
        self.map_err(|error| match error {
            ServiceError::Interrupted | ServiceError::Cache(CacheError::Interrupted) => Fault::Interrupted,
            error => Fault::failed(stage, error.to_string(), error.log_tail()),
        })
    }
}

impl<T> At<T> for Result<T, load::error::RunError> {
    fn at(self, stage: Stage) -> Result<T, Fault> {
        self.map_err(|error| Fault::failed(stage, error.to_string(), ""))
    }
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, stage: Stage) -> Result<T, Fault> {
        self.map_err(|error| Fault::failed(stage, error.to_string(), ""))
    }
}
