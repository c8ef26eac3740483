//! Counts the packages of a lock file: those that a server names itself, and those that come along.

use std::collections::BTreeSet;
use std::path::Path;

use model::define::server::Language;
use model::proxies::DependencyCount;
use serde_json::Value;

use super::{ProxyError, read};

/// How many lists may take each other in.
const LISTS_MAX: usize = 4;

/// The dependencies by a lock file, tests' and linters' left out.
pub(super) fn dependencies(lock: &Path, language: Language) -> Result<DependencyCount, ProxyError> {
    let wrong = |detail: String| ProxyError::Lock { file: lock.to_owned(), detail };
    match language {
        Language::Javascript => npm(&read(lock)?).map_err(wrong),
        Language::Python => {
            let mut named = BTreeSet::new();
            read_named(&lock.with_extension("in"), 0, &mut named)?;
            Ok(counts(named.len(), packages(&read(lock)?).count()))
        }
        Language::Rust => Ok(DependencyCount::default()),
    }
}

/// Of `package-lock.json`, whose entry without a name is the server itself.
fn npm(text: &str) -> Result<DependencyCount, String> {
    let lock: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let packages = lock.get("packages").and_then(Value::as_object).ok_or("it has no `packages`")?;
    let own = packages.get("").and_then(|own| own.get("dependencies")).and_then(Value::as_object);
    let is_set = |package: &Value, member: &str| package.get(member).and_then(Value::as_bool).unwrap_or(false);
    // What is optional is there for each platform, and a server runs without it.
    let needed = |package: &Value| !["dev", "devOptional", "optional"].iter().any(|member| is_set(package, member));
    let all = packages.iter().filter(|(path, package)| !path.is_empty() && needed(package)).count();
    Ok(counts(own.map_or(0, serde_json::Map::len), all))
}

/// What a list names that pip's lock file was made from, and the lists that it takes in.
fn read_named(list: &Path, depth: usize, named: &mut BTreeSet<String>) -> Result<(), ProxyError> {
    let text = read(list)?;
    named.extend(packages(&text).map(str::to_owned));
    let others = text.lines().filter_map(|line| line.strip_prefix("-r ")).filter(|_| depth < LISTS_MAX);
    for other in others {
        read_named(&list.with_file_name(other.trim()), depth + 1, named)?;
    }
    Ok(())
}

/// The packages of a list or lock file for pip, one a line; hashes, options and comments stand on lines of their own.
fn packages(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter(|line| line.starts_with(|first: char| first.is_alphanumeric()));
    lines.filter_map(|line| line.split(['=', '<', '>', '!', '~', ';', '@', ' ']).next())
}

fn counts(direct: usize, all: usize) -> DependencyCount {
    let whole = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    DependencyCount { direct: whole(direct), transitive: whole(all.saturating_sub(direct)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tests_need_and_what_is_no_package_counts_for_nothing() {
        let lock = r#"{ "packages": {
            "": { "dependencies": { "express": "5", "ws": "8" }, "devDependencies": { "eslint": "10" } },
            "node_modules/express": {}, "node_modules/ws": {}, "node_modules/express/node_modules/ms": {},
            "node_modules/napi-linux": { "optional": true },
            "node_modules/eslint": { "dev": true }, "node_modules/both": { "devOptional": true }
        } }"#;
        assert_eq!(npm(lock), Ok(DependencyCount { direct: 2, transitive: 1 }));
        assert!(npm("{}").is_err());
    }

    #[test]
    fn lists_that_take_in_others_name_all_of_theirs() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            (
                "own.lock",
                "a[x]==1 \\\n    --hash=sha256:0\nb==2 ; python_version < '4' \\\n    --hash=sha256:1\n    # via a\nc==3\n",
            ),
            ("own.in", "# ours\n-r other.in\n-c other.in\na[x]>=1,<2\n"),
            ("other.in", "c\n-r own.in\n"),
        ] {
            std::fs::write(folder.path().join(name), text).expect("writable");
        }
        let found = dependencies(&folder.path().join("own.lock"), Language::Python).expect("lists");
        assert_eq!(found, DependencyCount { direct: 2, transitive: 1 });
    }
}
