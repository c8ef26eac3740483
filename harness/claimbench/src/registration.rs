//! Whether claims are registered: what a record holds against the claim files as they are now, and against all that was ever published.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use model::define::catalog::{Catalog, sha256};
use model::define::claim::Claim;
use model::names::ClaimId;
use model::record::RunRecord;
use model::verdict::Verdict;

use crate::definitions::Root;
use crate::published::{Published, published};

/// Marks the verdicts of claims whose files are not the ones that the record registered: they were changed after the data.
///
/// Without a checkout nothing is known of the files, and nothing is marked.
pub fn mark_exploratory(verdicts: &mut [Verdict], record: &RunRecord, root: Option<&Root>) {
    let Some(root) = root else { return };
    let planned = record.header.plan.experiments.iter().flat_map(|experiment| &experiment.claims);
    let registered: BTreeMap<&ClaimId, &str> =
        planned.map(|planned| (&planned.claim.id, planned.sha256.as_str())).collect();
    for verdict in verdicts {
        let Some(registered) = registered.get(&verdict.claim) else { continue };
        let path = root.path().join("workloads/claims").join(format!("{}.toml", verdict.claim));
        let Some(why) = changed(&path, registered) else { continue };
        verdict.doubts.push(format!("Exploratory: {why}; a new run registers it as it is now."));
        verdict.exploratory = Some(why);
    }
}

fn changed(file: &Path, registered: &str) -> Option<String> {
    match fs::read_to_string(file) {
        Ok(text) if sha256(&text) == registered => None,
        Ok(_) => Some("the claim's file was changed after these data were taken".to_owned()),
        Err(_) => Some("the claim's file is no longer there".to_owned()),
    }
}

/// The claims whose rule was changed under the same id after data of them had been published, one message each; and what could not be
/// looked at, if anything.
#[must_use]
pub fn changed_after_data(catalog: &Catalog, root: &Root) -> (Vec<String>, Option<String>) {
    let Published { claims, unseen } = published(root.path());
    let mut found = BTreeMap::new();
    for (run, old) in &claims {
        let Some(now) = catalog.claims.get(&old.id) else { continue };
        if let Some(what) = difference(old, &now.claim) {
            found.entry(old.id.clone()).or_insert_with(|| {
                format!(
                    "workloads/claims/{}.toml: {what} after data of it were published ({run}); give the claim a new id, or restore it",
                    old.id
                )
            });
        }
    }
    (found.into_values().collect(), unseen)
}

/// What of the rule of decision is not what it was.
fn difference(old: &Claim, now: &Claim) -> Option<String> {
    if old.decision.region != now.decision.region {
        return Some(format!("the region was changed from {:?} to {:?}", old.decision.region, now.decision.region));
    }
    if old.decision.margin.to_bits() != now.decision.margin.to_bits() {
        return Some(format!("the margin was changed from {} to {}", old.decision.margin, now.decision.margin));
    }
    (old.metric != now.metric)
        .then(|| format!("the metric was changed from {} to {}", old.metric.in_words(), now.metric.in_words()))
}
