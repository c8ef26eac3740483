//! Python: a virtual environment with what `requirements.lock` says, and nothing else.

use std::path::Path;
use std::process::Command;

use model::define::server::Language;

use super::{PrepareError, Prepared, Step};
use crate::cache::Key;
use crate::runtimes::Interpreter;

/// The recipe below; another number builds every environment anew.
const RECIPE: &str = "python environment 1";

pub(super) fn prepare(step: &Step<'_>, interpreter: &Interpreter) -> Result<Prepared, PrepareError> {
    let lock = step.lock()?;
    // The environment leads to the interpreter by its path.
    let path = interpreter.executable.to_string_lossy().into_owned();
    let key = Key::of(RECIPE).and(&lock).and(&interpreter.build).and(path);
    let kind = format!("python-{}", step.server.name);
    let environment =
        step.sources.cache.entry(&kind, key, step.interrupted, |folder| build(step, interpreter, folder))?;
    Ok(Prepared {
        language: Language::Python,
        program: environment.join("bin/python"),
        // The sources are used where they are: there is nothing to install.
        folder: std::path::absolute(step.folder())
            .map_err(|error| PrepareError::File { file: step.folder(), error })?,
        free_threaded: interpreter.free_threaded,
    })
}

/// Servers are started as `python -m …`, so that it does not matter that scripts name the folder they were built in.
fn build(step: &Step<'_>, interpreter: &Interpreter, folder: &Path) -> Result<(), PrepareError> {
    let mut venv = Command::new(&interpreter.executable);
    venv.args(["-I", "-m", "venv"]).arg(folder);
    step.run("making the virtual environment", venv)?;
    let pip = || {
        let mut command = Command::new(folder.join("bin/python"));
        command.args(["-m", "pip", "--disable-pip-version-check"]);
        command
    };
    let mut install = pip();
    // Without dependencies: the lock file names all of them, and `check` finds what it forgot.
    install.args(["install", "--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-input", "-r"]);
    install.arg(step.folder().join(&step.server.lock));
    step.run("installing the dependencies", install)?;
    let mut check = pip();
    check.arg("check");
    step.run("checking the dependencies", check)?;
    Ok(())
}
