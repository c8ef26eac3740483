//! Names: one type a kind of thing, so that a server's name is never taken for a claim's.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// The longest name; names become file names and chart labels.
const LONGEST_NAME: usize = 64;

/// Why a text is no name.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is no name: use lower-case letters, digits and hyphens, beginning with a letter, at most 64")]
pub struct NameError {
    text: String,
}

fn checked(text: String) -> Result<String, NameError> {
    let first = text.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    let rest = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
    if first && rest && text.len() <= LONGEST_NAME { Ok(text) } else { Err(NameError { text }) }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes a text as a name.
            ///
            /// # Errors
            /// When it is not made of lower-case letters, digits and hyphens.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                checked(text.into()).map(Self)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

names! {
    /// A workload's name, the same as its file's.
    WorkloadName;
    /// A stream's name within its workload.
    StreamName;
    /// A reference server's name, the same as its folder's.
    ServerName;
    /// A mode's name within its server.
    ModeName;
    /// A runtime's name within its server.
    RuntimeName;
    /// A parameter's name within its mode.
    ParameterName;
    /// A claim's id, the same as its file's.
    ClaimId;
    /// A family of claims, corrected together for multiple testing.
    FamilyName;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_pass() {
        assert!(ClaimId::new("gil-threads").is_ok());
        for wrong in ["", "Gil", "gil threads", "-gil", "3gil", "../gil", "gil/threads"] {
            assert!(ClaimId::new(wrong).is_err(), "{wrong}");
        }
    }
}
