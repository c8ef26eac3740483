//! A statement that no measurement can decide, registered in `workloads/untestable/<id>.toml` with the reason.
//!
//! Nothing of it is planned; it stands among the claims so that who looks for the article's sentence finds why there is no number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::names::{ClaimId, FamilyName};

/// A statement that is *not testable here*, whatever the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Untestable {
    /// The id, the same as the file's name.
    pub id: ClaimId,
    /// The family it is listed with.
    pub family: FamilyName,
    /// The statement, in a sentence.
    pub statement: String,
    /// What the article says, in our words.
    pub article: String,
    /// The section of the article.
    pub section: String,
    /// Why no measurement of servers decides it.
    pub reason: String,
    /// What could decide it, and where to look.
    pub remedy: String,
    /// What is shown of it instead of a measurement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
}

/// What is shown of a statement that cannot be measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// What there is to see, in a sentence.
    pub about: String,
    /// The files of the project that show it.
    #[serde(default)]
    pub files: Vec<String>,
}
