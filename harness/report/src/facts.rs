//! What every chart states beside its data: versions, machine, load, and the generator's floor.

use std::collections::BTreeSet;

use model::plan::Arm;
use serde_json::Value;

use crate::draw::pen::series;
use crate::joined::{ClaimView, Design, Run};
use crate::words;

/// The caption of a chart about one claim.
pub(crate) fn caption(run: &Run<'_>, claim: &ClaimView<'_>) -> Vec<String> {
    let Some(design) = &claim.design else { return Vec::new() };
    vec![versions(run, [claim]), format!("{}.", run.record.header.machine.in_words()), floor(run, design)]
}

/// The versions of all arms of some claims, in a sentence.
pub(crate) fn versions<'r, 'c: 'r>(run: &Run<'_>, claims: impl IntoIterator<Item = &'r ClaimView<'c>>) -> String {
    let mut all = BTreeSet::new();
    for claim in claims {
        let Some(design) = &claim.design else { continue };
        all.extend(design.arms().into_iter().map(|arm| arm_versions(run, claim, design, arm)));
    }
    let all: Vec<String> = all.into_iter().collect();
    if all.is_empty() { "Versions unknown.".to_owned() } else { format!("{}.", all.join("; ")) }
}

/// The workload, with its load.
pub(crate) fn workload(design: &Design<'_>) -> String {
    format!("{}. {}", design.experiment.workload.title, load(design))
}

/// The load of the stream that a claim is about, and how often it was measured.
pub(crate) fn load(design: &Design<'_>) -> String {
    let load = design.stream().map_or_else(|| "load unknown".to_owned(), |stream| words::load(&stream.load));
    words::capitalised(&format!("{load}, {} blocks.", design.experiment.blocks))
}

/// The versions of an arm: what the running server said, else what was found before.
pub(crate) fn arm_versions(run: &Run<'_>, claim: &ClaimView<'_>, design: &Design<'_>, arm: &Arm) -> String {
    let typical = claim.arm_analysis(&arm.id).and_then(|found| found.typical);
    let stats = run.example(design, &arm.id, typical).map(|observation| &observation.server.before);
    let said = |pointer: &str| {
        let part = stats?.pointer(pointer)?;
        Some(format!("{} {}", text(part.get("name")?)?, text(part.get("version")?)?))
    };
    let title = run.record.header.servers.get(&arm.server).map_or(arm.server.as_str(), |server| &server.title);
    let framework = said("/framework").unwrap_or_else(|| title.to_owned());
    format!("{framework} on {}", runtime(run, arm))
}

/// The runtime of an arm with its version.
pub(crate) fn runtime(run: &Run<'_>, arm: &Arm) -> String {
    let found = run.record.header.servers.get(&arm.server).and_then(|server| server.runtimes.get(&arm.runtime));
    let name = found.map_or(arm.runtime.as_str(), |runtime| words::runtime(runtime.kind));
    format!("{name} {}", arm.runtime_version)
}

/// What a claim compares, in few words: "throughput of 4 threads, compared with 1 thread".
pub(crate) fn compared(run: &Run<'_>, design: &Design<'_>) -> Option<String> {
    let arms = series(&run.record.header.servers, &design.compared());
    let [baseline, treatment] = arms.as_slice() else { return None };
    let metric = words::metric_name(&design.planned.claim.metric);
    Some(format!("{metric} of {}, compared with {}", treatment.short, baseline.short))
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

/// The generator's floor for the layouts of a claim's arms, in a sentence.
pub(crate) fn floor(run: &Run<'_>, design: &Design<'_>) -> String {
    let mut cores: Vec<u16> = design.compared().iter().map(|arm| arm.cores).collect();
    cores.sort_unstable();
    cores.dedup();
    let known: Vec<String> = cores
        .iter()
        .filter_map(|cores| run.calibration(*cores))
        .map(|found| {
            format!("{} (p50), {} (p99)", words::micros(found.floor_us_p50), words::micros(found.floor_us_p99))
        })
        .collect();
    if known.is_empty() {
        "The generator was not calibrated: its floor is unknown.".to_owned()
    } else {
        format!("Generator's floor: {}.", known.join("; "))
    }
}
