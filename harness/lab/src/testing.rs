//! What the tests of several modules start from: a toy arm and a toy server in plain Python.

use std::path::{Path, PathBuf};
use std::time::Duration;

use model::define::claim::Limit;
use model::define::server::Language;
use model::names::{ModeName, RuntimeName, ServerName};
use model::plan::{Arm, ArmId};

use crate::dependencies::Prepared;
use crate::server::{Port, ServerPlace};

/// The toy server's definition.
pub(crate) const TOY: &str = r##"
name = "toy"
title = "Toy"
about = "For tests."
language = "python"
colour = "black"
marker = "cross"
lock = "none"
default_mode = "single"
routes = ["/health", "/stats", "/plain"]
[runtimes.python]
kind = "cpython"
version = ">=3.8"
[modes.single]
about = "One process."
processes = "1"
command = ["{python}"]
"##;

/// An arm of the toy server, with further arguments for it.
pub(crate) fn arm(arguments: &[&str]) -> Arm {
    let command = ["{python}", "-S", "toy_server.py", "{port}"].into_iter().chain(arguments.iter().copied());
    Arm {
        id: ArmId("toy:single@python/1-cores".to_owned()),
        label: "Toy".to_owned(),
        server: ServerName::new("toy").expect("a name"),
        mode: ModeName::new("single").expect("a name"),
        runtime: RuntimeName::new("python").expect("a name"),
        runtime_version: "1.2.3".to_owned(),
        parameters: [].into(),
        cores: 1,
        processes: 1,
        limit: Limit::ServerCores,
        command: command.map(str::to_owned).collect(),
        env: [].into(),
    }
}

/// The toy server's runtime: whatever `python3` is.
pub(crate) fn prepared() -> Prepared {
    Prepared {
        language: Language::Python,
        program: python(),
        folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"),
        free_threaded: false,
        installed: None,
    }
}

/// The interpreter itself, since a version manager's shim needs the user's environment.
fn python() -> PathBuf {
    let output = std::process::Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let output = output.expect("the tests need python3");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}

/// A place for the toy server.
pub(crate) fn place<'a>(prepared: &'a Prepared, cpus: &'a [u16]) -> ServerPlace<'a> {
    ServerPlace {
        prepared,
        cpus,
        port: Port::Free,
        services: crate::services::Addresses::default(),
        start_up_limit: Duration::from_secs(10),
    }
}

/// A processor that this process may use.
pub(crate) fn first_cpu() -> [u16; 1] {
    [crate::machine::look().cpus[0].id]
}
