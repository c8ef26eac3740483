//! Who may import whom, as the architecture says; everything else is an error.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// For each crate of ours the crates of ours that it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("benches", &["claimbench", "judge", "lab", "load", "model", "stats"]),
    ("calibration", &[]),
    ("claimbench", &["judge", "lab", "load", "model", "report"]),
    ("judge", &["model", "stats"]),
    ("lab", &["load", "model"]),
    ("load", &["model"]),
    ("model", &[]),
    ("report", &["model"]),
    ("stats", &[]),
];

#[test]
fn nobody_imports_whom_they_may_not() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let ours: Vec<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let may = allowed.get(package.name.as_str());
        for dependency in
            package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development)
        {
            let name = dependency.name.as_str();
            if ours.contains(&name) && !may.is_some_and(|may| may.contains(&name)) {
                wrong.push(format!("{} → {name}", package.name));
            }
        }
    }
    assert!(wrong.is_empty(), "imports across a border: {}", wrong.join(", "));
    assert_eq!(ours.len(), ALLOWED.len(), "a crate without a rule: {ours:?}");
}

#[test]
fn the_top_level_is_as_the_architecture_says() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    let expected = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "benches",
        "harness",
        "reference-servers",
        "results",
        "target",
        "workloads",
    ];
    let listed = std::fs::read_dir(&metadata.workspace_root).expect("the root can be listed");
    let names = listed.map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned());
    let strange: Vec<String> =
        names.filter(|name| !name.starts_with('.') && !expected.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "at the top level: {strange:?}");
}
