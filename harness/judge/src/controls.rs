//! Controls: claims that must be supported, or what hangs on them gets no verdict.

use model::define::claim::ClaimRole;
use model::names::{ClaimId, FamilyName};
use model::record::RunRecord;
use model::verdict::Outcome;

use crate::reasons::Reason;
use crate::verdicts::Case;

/// The first control of a claim that did not come out as it must: those it names, and all of its family unless it is one itself.
pub(crate) fn failed_control(
    record: &RunRecord,
    cases: &[Case<'_>],
    first: &[(Outcome, Reason)],
    case: &Case<'_>,
) -> Option<Reason> {
    let claim = &case.planned.claim;
    let of_family = |role: ClaimRole, family: &FamilyName| {
        role == ClaimRole::Control && *family == claim.family && claim.role == ClaimRole::Claim
    };
    let family: Vec<&ClaimId> =
        cases.iter().filter(|other| of_family(other.planned.claim.role, other.family())).map(Case::id).collect();
    let named = claim.controls.iter().chain(family);
    named.filter(|control| **control != claim.id).find_map(|control| {
        let found = cases.iter().position(|other| other.id() == control);
        let untestable = || record.header.plan.not_testable.iter().find(|other| other.claim == *control);
        match found {
            Some(at) if first[at].0 == Outcome::Supported => None,
            Some(at) => {
                Some(Reason::ControlFailed { control: control.clone(), how: first[at].0.in_words().to_owned() })
            }
            None => {
                let how = untestable().map_or_else(
                    || "was not part of the run".to_owned(),
                    |why| format!("could not be tested: {}", why.reason),
                );
                Some(Reason::ControlMissing { control: control.clone(), how })
            }
        }
    })
}
