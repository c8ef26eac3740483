//! `junit.xml`: each claim as a test, for the many tools that show JUnit's reports, with the elements and attributes of the schema that
//! Jenkins checks by (junit-10.xsd of its xUnit plugin).
//!
//! A claim with a stated expectation passes where its verdict is an expected one, and fails otherwise. Any other is expected to be
//! supported: refuted is a failure, while inconclusive and not testable are skipped with their reason, since they say nothing
//! against the claim.

use maud::{Markup, html};
use model::names::FamilyName;
use model::verdict::{Outcome, Verdict};

use crate::exporters::Exporter;
use crate::joined::Run;
use crate::words;

pub(crate) struct JunitXml;

/// What a claim is as a test.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Passed,
    /// With the kind of failure and what it was.
    Failed(&'static str, String),
    Skipped,
}

impl Exporter for JunitXml {
    fn path(&self) -> &'static str {
        "junit.xml"
    }

    fn media_type(&self) -> &'static str {
        "application/xml"
    }

    fn export(&self, run: &Run<'_>) -> String {
        let mut families: Vec<(&FamilyName, Vec<(&Verdict, Test)>)> = Vec::new();
        for verdict in run.verdicts {
            let tested = (verdict, test(run, verdict));
            match families.iter_mut().find(|(family, _)| *family == &verdict.family) {
                Some((_, tests)) => tests.push(tested),
                None => families.push((&verdict.family, vec![tested])),
            }
        }
        let [tests, failures, _] = counts(families.iter().flat_map(|(_, tests)| tests));
        let suites = html! {
            testsuites name="claimbench" tests=(tests) failures=(failures) errors="0" {
                @for (family, all) in &families {
                    @let [tests, failures, skipped] = counts(all);
                    testsuite name=(family) tests=(tests) failures=(failures) errors="0" skipped=(skipped) {
                        @for (verdict, test) in all { (case(verdict, test)) }
                    }
                }
            }
        };
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", words::printable(&suites.into_string()))
    }
}

fn test(run: &Run<'_>, verdict: &Verdict) -> Test {
    if !run.expected.of(&verdict.claim).is_empty() {
        let difference = run.expected.difference(verdict);
        return difference.map_or(Test::Passed, |difference| Test::Failed("unexpected", difference));
    }
    match verdict.outcome {
        Outcome::Supported => Test::Passed,
        Outcome::Refuted => Test::Failed("refuted", verdict.outcome.in_words().to_owned()),
        Outcome::Inconclusive | Outcome::NotTestable => Test::Skipped,
    }
}

/// Tests, failures and skipped ones.
fn counts<'t, 'v: 't>(tests: impl IntoIterator<Item = &'t (&'v Verdict, Test)>) -> [usize; 3] {
    let mut counts = [0; 3];
    let [all, failures, skipped] = &mut counts;
    for (_, test) in tests {
        *all += 1;
        *failures += usize::from(matches!(test, Test::Failed(..)));
        *skipped += usize::from(*test == Test::Skipped);
    }
    counts
}

fn case(verdict: &Verdict, test: &Test) -> Markup {
    let effect = words::effect(verdict).unwrap_or_else(|| "no estimate".to_owned());
    let [statement, reason] = [&verdict.statement, &verdict.reason].map(|text| words::unticked(text));
    let outcome = verdict.outcome.in_words();
    html! {
        testcase classname={ "claims." (verdict.family) } name=(verdict.claim) {
            @match test {
                Test::Passed => {}
                Test::Failed(kind, how) => {
                    failure type=(kind) message={ (words::capitalised(how)) ": " (statement) " " (effect) } { (reason) }
                }
                Test::Skipped => { skipped message={ (outcome) ": " (reason) } {} }
            }
            system-out {
                (words::capitalised(outcome)) ": " (statement)
                @if verdict.outcome != Outcome::NotTestable { " " (effect) "; it holds " (words::region(verdict.region)) "." }
            }
        }
    }
}
