//! What a maintainer expects of claims on their machine: known verdicts, so that a CI run fails where one differs. No part of a claim's
//! registration: it says nothing of when a claim holds, only what is known to come out.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::names::ClaimId;
use crate::verdict::{Outcome, Verdict};

/// Claims by the verdict that is expected of them. A claim in several lists may have any of those verdicts; of one that is in none,
/// nothing is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectations {
    /// Expected to be supported.
    pub supported: BTreeSet<ClaimId>,
    /// Expected to be refuted.
    pub refuted: BTreeSet<ClaimId>,
    /// Expected to stay inconclusive.
    pub inconclusive: BTreeSet<ClaimId>,
    /// Expected to be not testable on the machine.
    pub not_testable: BTreeSet<ClaimId>,
}

impl Expectations {
    /// Reads them from TOML.
    ///
    /// # Errors
    /// When the text is none, or has another list or something that is no claim's id; the message names line and column.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The verdicts that are right for a claim; none where nothing is expected of it.
    #[must_use]
    pub fn of(&self, claim: &ClaimId) -> Vec<Outcome> {
        self.lists().into_iter().filter(|(_, claims)| claims.contains(claim)).map(|(outcome, _)| outcome).collect()
    }

    /// In what a verdict is not the expected one, in words; nothing where it is, or where nothing is expected.
    #[must_use]
    pub fn difference(&self, verdict: &Verdict) -> Option<String> {
        let expected = self.of(&verdict.claim);
        if expected.is_empty() || expected.contains(&verdict.outcome) {
            return None;
        }
        let expected: Vec<&str> = expected.into_iter().map(Outcome::in_words).collect();
        Some(format!("expected to be {}, and is {}", expected.join(" or "), verdict.outcome.in_words()))
    }

    /// Every claim of which something is expected.
    #[must_use]
    pub fn claims(&self) -> BTreeSet<&ClaimId> {
        self.lists().into_iter().flat_map(|(_, claims)| claims).collect()
    }

    const fn lists(&self) -> [(Outcome, &BTreeSet<ClaimId>); 4] {
        [
            (Outcome::Supported, &self.supported),
            (Outcome::Refuted, &self.refuted),
            (Outcome::Inconclusive, &self.inconclusive),
            (Outcome::NotTestable, &self.not_testable),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ClaimId {
        ClaimId::new(text).expect("an id")
    }

    #[test]
    fn a_claim_may_have_any_of_the_verdicts_whose_lists_it_is_in() {
        let found =
            Expectations::parse("supported = [\"a\"]\nrefuted = [\"a\", \"b\"]\nnot_testable = []").expect("TOML");
        assert_eq!(found.of(&id("a")), [Outcome::Supported, Outcome::Refuted]);
        assert_eq!(found.of(&id("b")), [Outcome::Refuted]);
        assert!(found.of(&id("c")).is_empty());
        assert_eq!(found.claims(), BTreeSet::from([&id("a"), &id("b")]));
        assert_eq!(Expectations::parse("").expect("nothing is expected"), Expectations::default());
    }

    #[test]
    fn what_is_no_list_of_claims_is_refused() {
        for (wrong, said) in [
            ("suported = []", "suported"),
            ("supported = \"a\"", "sequence"),
            ("supported = [\"Not an id\"]", "no name"),
            ("supported = [", "line 1"),
        ] {
            let error = Expectations::parse(wrong).expect_err(wrong).to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
