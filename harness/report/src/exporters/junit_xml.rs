//! `junit.xml`: each claim as a test that it is expected to pass, for the many tools that show JUnit's reports: refuted is a failure,
//! while inconclusive and not testable are skipped with their reason, since they say nothing against the claim.

use maud::html;
use model::names::FamilyName;
use model::verdict::{Outcome, Verdict};

use crate::exporters::Exporter;
use crate::joined::Run;
use crate::words;

pub(crate) struct JunitXml;

impl Exporter for JunitXml {
    fn path(&self) -> &'static str {
        "junit.xml"
    }

    fn media_type(&self) -> &'static str {
        "application/xml"
    }

    fn export(&self, run: &Run<'_>) -> String {
        let mut families: Vec<(&FamilyName, Vec<&Verdict>)> = Vec::new();
        for verdict in run.verdicts {
            match families.iter_mut().find(|(family, _)| *family == &verdict.family) {
                Some((_, verdicts)) => verdicts.push(verdict),
                None => families.push((&verdict.family, vec![verdict])),
            }
        }
        let all: Vec<&Verdict> = run.verdicts.iter().collect();
        let [tests, failures, skipped] = counts(&all);
        let suites = html! {
            testsuites name="claimbench" tests=(tests) failures=(failures) errors="0" skipped=(skipped) {
                @for (family, verdicts) in &families {
                    @let [tests, failures, skipped] = counts(verdicts);
                    testsuite name=(family) tests=(tests) failures=(failures) errors="0" skipped=(skipped) {
                        @for verdict in verdicts { (case(verdict)) }
                    }
                }
            }
        };
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", words::printable(&suites.into_string()))
    }
}

/// Tests, failures and skipped ones.
fn counts(verdicts: &[&Verdict]) -> [usize; 3] {
    let count = |wanted: &[Outcome]| verdicts.iter().filter(|verdict| wanted.contains(&verdict.outcome)).count();
    [verdicts.len(), count(&[Outcome::Refuted]), count(&[Outcome::Inconclusive, Outcome::NotTestable])]
}

fn case(verdict: &Verdict) -> maud::Markup {
    let effect = words::effect(verdict).unwrap_or_else(|| "no estimate".to_owned());
    html! {
        testcase classname={ "claims." (verdict.family) } name=(verdict.claim) {
            @match verdict.outcome {
                Outcome::Supported => {}
                Outcome::Refuted => {
                    failure type="refuted" message={ (verdict.statement) " " (effect) } { (verdict.reason) }
                }
                Outcome::Inconclusive | Outcome::NotTestable => {
                    skipped message={ (verdict.outcome.in_words()) ": " (verdict.reason) } {}
                }
            }
            system-out {
                (verdict.statement)
                @if verdict.outcome != Outcome::NotTestable { " " (effect) "; it holds " (words::region(verdict.region)) "." }
            }
        }
    }
}
