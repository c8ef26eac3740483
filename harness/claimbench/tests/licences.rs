//! Every crate that we build with has a licence that lets us, and anyone, use it.

use cargo_metadata::MetadataCommand;

/// Licences that ask for no more than their notice.
const FREE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_licence_is_a_free_one() {
    let metadata = MetadataCommand::new().exec().expect("cargo metadata runs");
    assert!(metadata.packages.len() > 50, "the dependencies are there");
    let wrong: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(is_free))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.license))
        .collect();
    assert!(wrong.is_empty(), "not on the list: {}", wrong.join("; "));
}

/// Whether an SPDX expression can be satisfied from the list. `OR` binds less tightly than `AND`; brackets only group
/// alternatives in the crates that we use, so both sides of an `AND` are looked at apart.
fn is_free(expression: &str) -> bool {
    let plain = expression.replace('/', " OR ");
    plain.split(" AND ").all(|part| {
        let part = part.trim().trim_matches(|bracket| bracket == '(' || bracket == ')');
        part.split(" OR ").any(|licence| FREE.contains(&licence.trim().trim_matches(['(', ')'])))
    })
}

#[test]
fn an_unknown_licence_is_not_free() {
    assert!(
        is_free("MIT OR Apache-2.0") && is_free("(MIT OR GPL-3.0-only) AND Unicode-3.0") && is_free("MIT/Apache-2.0")
    );
    assert!(!is_free("GPL-3.0-only") && !is_free("MIT AND GPL-3.0-only"));
}
