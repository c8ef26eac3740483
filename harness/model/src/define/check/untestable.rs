//! Checks a statement that no measurement can decide: its name, and that no claim tests it.

use super::Findings;
use crate::define::catalog::{Catalog, Found};
use crate::define::mistake::Mistake;
use crate::define::untestable::Untestable;

pub(crate) fn untestable(found: &Found<'_, Untestable>, catalog: &Catalog) -> Vec<Mistake> {
    let mut findings = Findings::new(found);
    let id = &found.value.id;
    findings.name_is("id", id.as_str());
    if catalog.claims.contains_key(id) {
        findings.report(&["id"], format!("`{id}` is a claim that is tested, too"), "keep one of the two files");
    }
    findings.mistakes
}
