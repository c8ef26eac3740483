//! Proxies for the effort that a server took, from its folder: its source by a parser, its dependencies by the lock file. Starts nothing.

mod locked;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use model::define::server::{Language, Server};
use model::proxies::{ServerProxies, SourceSize};

use source::Grammar;

/// How deep a server's own folders may lie in each other.
const DEPTH_MAX: usize = 8;
/// Folders of a server that hold nothing of it as it serves.
const NOT_SERVING: [&str; 4] = ["node_modules", "test", "tests", "__pycache__"];
/// Settings of linters, which are source by their ending only.
const SETTINGS: [&str; 1] = ["eslint.config.js"];

/// Why there are no proxies.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// A file cannot be read.
    #[error("{file}: {error}; restore it from version control")]
    File {
        /// The file or folder.
        file: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
    /// A file of the source is none of its language.
    #[error("{file} is not {language}, as far as the parser knows: mend it, or use a newer grammar")]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The language.
        language: &'static str,
    },
    /// A lock file is none.
    #[error("{file} is no lock file of its kind ({detail}); lock the dependencies again")]
    Lock {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The parser does not take the grammar.
    #[error("the parser of {0} does not fit its grammar: build claimbench from its own Cargo.lock")]
    Grammar(&'static str),
}

/// Counts a server's proxies in its folder; nothing of one that is built from this workspace, which is no reference of anything.
///
/// # Errors
/// When a file of it cannot be read or is not what it should be.
pub fn of_server(folder: &Path, server: &Server) -> Result<Option<ServerProxies>, ProxyError> {
    let grammar = match server.language {
        Language::Python => Grammar::python(),
        Language::Javascript => Grammar::javascript(),
        Language::Rust => return Ok(None),
    };
    let mut files = Vec::new();
    collect(folder, grammar.ending, 0, &mut files)?;
    files.sort();
    let mut size = SourceSize::default();
    for file in files {
        size += grammar.count(&file, &read(&file)?)?;
    }
    let adds = server.modes.values().flat_map(|mode| &mode.adds);
    let routes: BTreeSet<&String> = server.routes.iter().chain(adds).collect();
    Ok(Some(ServerProxies {
        server: server.name.clone(),
        routes: u32::try_from(routes.len()).unwrap_or(u32::MAX),
        source: size,
        dependencies: locked::dependencies(&folder.join(&server.lock), server.language)?,
        installed: Vec::new(),
    }))
}

fn collect(folder: &Path, ending: &str, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), ProxyError> {
    let wrong = |error| ProxyError::File { file: folder.to_owned(), error };
    for entry in folder.read_dir().map_err(wrong)?.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let skipped = name.starts_with('.') || NOT_SERVING.contains(&&*name) || SETTINGS.contains(&&*name);
        match entry.file_type() {
            Ok(_) if skipped => {}
            Ok(kind) if kind.is_dir() && depth < DEPTH_MAX => collect(&path, ending, depth + 1, found)?,
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|found| found == ending) => found.push(path),
            _ => {}
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, ProxyError> {
    fs::read_to_string(file).map_err(|error| ProxyError::File { file: file.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_serves_is_counted_and_all_of_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut server: Server = toml::from_str(crate::testing::TOY).expect("a server");
        server.lock = "requirements.lock".to_owned();
        for (name, text) in [
            ("app.py", "import inner\n"),
            ("inner/__init__.py", "x = 1\n"),
            ("tests/test_app.py", "import app\nassert True\n"),
            ("__pycache__/left.py", "x = 1\n"),
            (".hidden.py", "x = 1\n"),
            ("notes.txt", "x = 1\n"),
            ("requirements.in", "flask\n"),
            ("requirements.lock", "flask==1\n    --hash=sha256:0\nclick==2\n"),
        ] {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
            fs::write(file, text).expect("writable");
        }
        let found = of_server(folder.path(), &server).expect("it can be read").expect("it is Python");
        assert_eq!(found.source, SourceSize { files: 2, lines: 2, logical_lines: 2, tokens: 5 });
        assert_eq!((found.routes, found.dependencies.direct, found.dependencies.transitive), (3, 1, 1));
        fs::write(folder.path().join("app.py"), "def (:\n").expect("writable");
        let error = of_server(folder.path(), &server).expect_err("that is no Python").to_string();
        assert!(error.contains("app.py is not Python"), "{error}");
    }
}
