//! Rust: the server's own package of this workspace, built in release mode.

use std::path::{Path, PathBuf};
use std::process::Command;

use model::define::server::Language;
use serde_json::Value;

use super::{PrepareError, Prepared, Step};

pub(super) fn prepare(step: &Step<'_>, cargo: &Path) -> Result<Prepared, PrepareError> {
    let name = step.server.name.as_str();
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--locked", "--message-format", "json-render-diagnostics", "-p", name]);
    command.current_dir(step.sources.project);
    let output = step.run("building the server", command)?;
    let program = binary(&output, name).ok_or_else(|| PrepareError::NoBinary(name.to_owned()))?;
    Ok(Prepared { language: Language::Rust, program, folder: step.folder(), free_threaded: false, installed: None })
}

/// The path of a binary among cargo's messages.
fn binary(output: &str, name: &str) -> Option<PathBuf> {
    let messages = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_binary = messages.filter(|message| {
        message.pointer("/target/name").and_then(Value::as_str) == Some(name)
            && message.pointer("/target/kind/0").and_then(Value::as_str) == Some("bin")
    });
    of_binary.filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from)).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_among_other_messages() {
        let output = r#"   Compiling x
{"reason":"compiler-artifact","target":{"name":"build-script-build","kind":["custom-build"]},"executable":"/t/build"}
{"reason":"compiler-artifact","target":{"name":"calibration","kind":["bin"]},"executable":"/t/calibration"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(binary(output, "calibration"), Some(PathBuf::from("/t/calibration")));
        assert_eq!(binary(output, "flask"), None);
    }
}
