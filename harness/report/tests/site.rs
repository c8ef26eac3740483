//! What must hold of every page and drawing: links resolve, nothing is loaded from elsewhere, hostile text stays text,
//! the same record gives the same bytes, and gaps do not break anything.

#[path = "support/hostile.rs"]
mod hostile;
mod support;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hostile::hostile;
use model::analysis::Analysis;
use model::change::{Change, Changed};
use report::{Artifact, RECORD_FILE};
use sha2::{Digest, Sha256};
use support::canonical;

fn pages(artifacts: &[Artifact]) -> impl Iterator<Item = (&str, &str)> {
    artifacts
        .iter()
        .filter(|artifact| artifact.path.ends_with(".html") || artifact.path.ends_with(".svg"))
        .map(|artifact| (artifact.path.as_str(), std::str::from_utf8(&artifact.bytes).expect("UTF-8")))
}

fn attributes<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let opening = format!(" {name}=\"");
    text.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The path that a link on a page leads to, without its fragment.
fn resolve(page: &str, link: &str) -> String {
    let link = link.split('#').next().unwrap_or_default();
    if link.is_empty() {
        return page.to_owned();
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{page}: {link} leads out of the site"),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_resolves() {
    let artifacts = canonical().render();
    let paths: BTreeSet<&str> = artifacts.iter().map(|artifact| artifact.path.as_str()).collect();
    assert_eq!(paths.len(), artifacts.len(), "two artifacts have one path");
    let text_of = |path: &str| pages(&artifacts).find(|(found, _)| *found == path).map(|(_, text)| text);
    let mut followed = 0;
    for (page, text) in pages(&artifacts) {
        for link in attributes(text, "href").into_iter().filter(|link| !link.starts_with("https://")) {
            let target = resolve(page, link);
            assert!(paths.contains(target.as_str()) || target == RECORD_FILE, "{page}: {link}");
            if let Some((_, fragment)) = link.split_once('#') {
                let on = text_of(&target).expect("a page");
                assert!(attributes(on, "id").contains(&fragment), "{page}: {link}");
            }
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed} links");
}

/// The page without its one script, which is ours on every page and allowed by its hash alone.
fn without_script(path: &str, text: &str) -> String {
    if path.ends_with(".svg") {
        return text.to_owned();
    }
    let (before, rest) = text.split_once("<script>").unwrap_or_else(|| panic!("{path}: no script"));
    let (script, after) = rest.split_once("</script>").expect("the script ends");
    assert_eq!(script, include_str!("../src/site/script.js"), "{path}");
    format!("{before}{after}")
}

/// What the page's policy lets run and apply is what stands on the page, and nothing else.
#[test]
fn the_policy_allows_the_page_itself_and_nothing_else() {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    for (path, text) in pages(&canonical().render()).filter(|(path, _)| path.ends_with(".html")) {
        let style = text.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).expect("a style sheet");
        let script = text.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next()).expect("a script");
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            hash(script),
            hash(style)
        );
        assert!(attributes(text, "content").contains(&policy.as_str()), "{path}");
    }
}

/// With scripts off what only the script can use stays hidden, and every verdict and chart is there.
#[test]
fn without_scripts_everything_is_readable() {
    let run = canonical();
    let artifacts = run.render();
    let text_of = |wanted: &str| pages(&artifacts).find(|(path, _)| *path == wanted).expect("a page").1.to_owned();
    let index = without_script("index.html", &text_of("index.html"));
    assert!(index.contains("<form id=\"find\" role=\"search\" hidden>"));
    for verdict in &run.verdicts {
        assert!(index.contains(&format!("claims/{}.html", verdict.claim)), "{}", verdict.claim);
    }
    let claim = without_script("claims/loop-blocking.html", &text_of("claims/loop-blocking.html"));
    assert_eq!(claim.matches("class=\"keys\"").count(), claim.matches("class=\"keys\" role=\"group\"").count());
    assert!(claim.matches("<button").count() > 4 && claim.matches("<figure>").count() >= 6);
    for keys in claim.split("class=\"keys\"").skip(1) {
        assert!(keys.split('>').next().is_some_and(|tag| tag.ends_with(" hidden")), "{keys:.80}");
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    for (path, text) in pages(&canonical().render()) {
        let own = without_script(path, text);
        let own = own.replace("xmlns=\"http://www.w3.org/2000/svg\"", "").replace("href=\"https://expressjs.com", "");
        let shown = own.replace(">https://expressjs.com", "");
        for forbidden in
            ["http:", "https:", " src=", "url(", "@import", "<link", "<script", "<iframe", "<img", "style=\""]
        {
            assert!(!shown.contains(forbidden), "{path}: {forbidden}");
        }
    }
}

#[test]
fn every_page_is_well_made() {
    for (path, text) in pages(&canonical().render()).filter(|(path, _)| path.ends_with(".html")) {
        assert!(text.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{path}");
        assert_eq!(text.matches("<h1>").count(), 1, "{path}");
        let head = text.split("</head>").next().expect("a head");
        assert_eq!(head.matches("<title>").count(), 1, "{path}");
        let ids = attributes(text, "id");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path}: an id stands twice");
        let levels = text.match_indices("<h").filter_map(|(at, _)| text[at + 2..].chars().next()?.to_digit(10));
        levels.fold(0, |before, level| {
            assert!(level <= before + 1, "{path}: h{level} after h{before}");
            level
        });
        for label in attributes(text, "aria-labelledby").iter().flat_map(|labels| labels.split(' ')) {
            assert!(ids.contains(&label), "{path}: {label}");
        }
    }
}

#[test]
fn every_drawing_says_what_it_shows() {
    for (path, text) in pages(&canonical().render()).filter(|(path, _)| path.ends_with(".svg")) {
        assert!(text.contains("role=\"img\""), "{path}");
        let between = |open: &str, close: &str| {
            let inner = text.split(open).nth(1)?.split('>').nth(1)?;
            Some(inner.trim_end_matches(close).len())
        };
        assert!(between("<title", "</title").is_some_and(|length| length > 10), "{path}");
        assert!(between("<desc", "</desc").is_some_and(|length| length > 20), "{path}");
        assert!(text.contains("Generator"), "{path}: no floor");
        assert!(text.contains("Example EP-7"), "{path}: no machine");
        assert!(!text.contains("CB\""), "{path}: an ink's code was left in");
        assert!(!text.contains("NaN") && !text.contains("inf"), "{path}");
    }
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    assert!(canonical().render() == canonical().render());
}

#[test]
fn hostile_text_stays_text() {
    let run = hostile(canonical());
    for (path, text) in pages(&run.render()) {
        let text = without_script(path, text);
        assert!(!text.contains("<script"), "{path}");
        assert!(!text.contains("\" onload"), "{path}");
        assert!(!attributes(&text, "href").iter().any(|link| link.contains("javascript:")), "{path}");
        let control = text.chars().find(|c| c.is_control() && *c != '\n' && *c != '\t');
        assert_eq!(control, None, "{path}");
        if path.starts_with("charts/") {
            assert!(text.contains("&lt;script&gt;"), "{path}");
        }
    }
    let markdown = report::summary_markdown(&run.record, &run.verdicts);
    assert!(!markdown.contains("<script") && markdown.lines().filter(|line| line.starts_with('|')).count() == 10);
    assert!(report::terminal_table(&run.verdicts).chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn gaps_are_said_and_break_nothing() {
    let mut run = canonical();
    let planned = run.record.header.plan.trials.len();
    run.record.trials.clear();
    run.record.repeats.clear();
    run.record.calibrations.clear();
    run.record.finished = None;
    run.record.cut_off = true;
    run.record.header.servers.clear();
    run.record.header.runtimes.clear();
    run.record.header.plan.layouts.clear();
    for verdict in &mut run.verdicts {
        (verdict.low, verdict.high, verdict.confidence) = (None, Some(f64::NAN), None);
    }
    let artifacts = run.render();
    let index = pages(&artifacts).find(|(path, _)| *path == "index.html").expect("an index").1;
    assert!(planned > 50, "{planned} trials");
    assert!(index.contains(&format!("{planned} of {planned} planned trials did not run")) && index.contains("cut off"));
    let machine = pages(&artifacts).find(|(path, _)| *path == "machine.html").expect("a page on the machine").1;
    assert!(machine.contains("None was run again.") && !machine.contains("were run again"));
    let chart = pages(&artifacts).find(|(path, _)| path.starts_with("charts/")).expect("a chart").1;
    assert!(!chart.contains("NaN"));

    run.analysis = Analysis::default();
    run.record.header.plan.experiments.clear();
    assert!(run.render().iter().any(|artifact| artifact.path == "claims/gil-threads.html"));
    run.verdicts.clear();
    let empty = run.render();
    let index = pages(&empty).find(|(path, _)| *path == "index.html").expect("an index").1;
    assert!(index.contains("No claims were put to the test"));
}

#[test]
fn the_page_on_two_runs_says_what_changed_and_escapes_it() {
    let run = hostile(canonical());
    let arm = run.record.header.plan.experiments[0].arms[0].id.clone();
    let workload = run.record.header.plan.experiments[0].workload.name.clone();
    let change = |outcome, ratio: f64| Change {
        workload: workload.clone(),
        arm: arm.clone(),
        metric: "<script>throughput".to_owned(),
        outcome,
        ratio: Some(ratio),
        low: Some(ratio / 1.05),
        high: Some(ratio * 1.05),
        confidence: Some(0.95),
        margin: 0.1,
        reason: "\" onload=\"alert(1)".to_owned(),
    };
    let changes = [change(Changed::Changed, 1.4), change(Changed::Equivalent, 1.01), change(Changed::CannotTell, 1.1)];
    let page = report::compare_page(&run.record, &canonical().record, &changes);
    let text = without_script(&page.path, std::str::from_utf8(&page.bytes).expect("UTF-8"));
    assert!(text.contains("3 numbers: 1 changed, 1 equivalent, 1 can't tell"));
    assert!(text.contains("1.40 times, between 1.33 and 1.47"));
    assert_eq!(text.matches("<svg").count(), 3);
    assert!(!text.contains("<script") && !text.contains("\" onload"));
    assert!(report::compare_page(&run.record, &run.record, &[]).bytes.len() > 1000);
}
