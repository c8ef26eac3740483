//! Python: a virtual environment with what `requirements.lock` says, and nothing else; and the app compiled, as what pip installs is.

use std::path::{Path, PathBuf};
use std::process::Command;

use model::define::server::Language;

use super::app_files::AppFiles;
use super::{PrepareError, Prepared, Purpose, Step};
use crate::cache::{Key, Making};
use crate::runtimes::Interpreter;

/// The recipe below; another number builds every environment anew.
const RECIPE: &str = "python environment 3";
/// Compiles the interpreter's own library, which is as good as done where it came compiled. `quiet` leaves out what cannot be compiled or written.
const COMPILE_LIBRARY: &str = "
import compileall, re, sysconfig
left_out = re.compile('/(site-packages|test|tests|idlelib|turtledemo)/')
compileall.compile_dir(sysconfig.get_path('stdlib'), quiet=2, workers=0, rx=left_out)
";
/// The recipe of the app's folder.
const APP_RECIPE: &str = "python app 1";

pub(super) fn prepare(step: &Step<'_>, interpreter: &Interpreter) -> Result<Prepared, PrepareError> {
    let lock = step.lock()?;
    // The environment leads to the interpreter by its path.
    let path = interpreter.executable.to_string_lossy().into_owned();
    let key = Key::of(RECIPE).and(&lock).and(&interpreter.build).and(path);
    let kind = format!("python-{}", step.server.name);
    let environment =
        step.sources.cache.entry(&kind, key, step.interrupted, |folder| build(step, interpreter, folder))?;
    let program = environment.join("bin/python");
    Ok(Prepared {
        language: Language::Python,
        folder: app(step, interpreter, &program)?,
        program,
        free_threaded: interpreter.free_threaded,
        installed: Making::of(&environment),
    })
}

/// The folder of the app. To serve, it is a copy with its bytecode, as an image or a deployment has it: a server that was started before does not
/// compile itself again, and one that would leave `__pycache__` behind would start faster from the second time on. Tests run in the sources.
fn app(step: &Step<'_>, interpreter: &Interpreter, program: &Path) -> Result<PathBuf, PrepareError> {
    let sources = step.folder();
    if step.purpose == Purpose::Testing {
        return std::path::absolute(&sources).map_err(|error| PrepareError::File { file: sources, error });
    }
    let files = AppFiles::of(&sources)?;
    let key = files.added_to(Key::of(APP_RECIPE).and(&interpreter.build));
    let kind = format!("python-app-{}", step.server.name);
    step.sources.cache.entry(&kind, key, step.interrupted, |folder| {
        files.lay_out(folder)?;
        step.run("compiling the app", compile(program, folder)).map(drop)
    })
}

/// Nothing but the app changes what it is compiled to, and its folder is never written again: no check at each start.
fn compile(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]).arg(folder);
    command
}

/// Servers are started as `python -m …`, so that it does not matter that scripts name the folder they were built in. A pip that can install into other
/// environments stays outside: it is no part of what a server needs. An interpreter whose own library was never compiled, as one that was unpacked and
/// not installed, would compile it at each start (seen: 0.4 s of FastAPI's 1.6), since servers are told to leave no bytecode behind.
fn build(step: &Step<'_>, interpreter: &Interpreter, folder: &Path) -> Result<(), PrepareError> {
    let mut venv = Command::new(&interpreter.executable);
    venv.args(["-I", "-m", "venv"]).arg(folder);
    if interpreter.installer.is_some() {
        venv.arg("--without-pip");
    }
    step.run("making the virtual environment", venv)?;
    let mut compile_library = Command::new(folder.join("bin/python"));
    compile_library.args(["-I", "-c", COMPILE_LIBRARY]);
    step.run("compiling the interpreter's library", compile_library)?;
    install(step, &folder.join("bin/python"), interpreter.installer.as_deref())
}

/// Installs what the lock file says into the environment of an interpreter.
fn install(step: &Step<'_>, python: &Path, installer: Option<&Path>) -> Result<(), PrepareError> {
    let pip = |arguments: &[&str]| {
        let mut command = Command::new(installer.unwrap_or(python));
        command.args(["-m", "pip", "--disable-pip-version-check"]);
        if installer.is_some() {
            command.arg("--python").arg(python);
        }
        command.args(arguments);
        command
    };
    // Without dependencies: the lock file names all of them, and `check` finds what it forgot.
    let arguments = ["install", "--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-input", "-r"];
    let mut install = pip(&arguments);
    install.arg(step.folder().join(step.lock));
    step.run("installing the dependencies", install)?;
    step.run("checking the dependencies", pip(&["check"]))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use model::define::server::Server;

    use super::*;
    use crate::cache::Cache;
    use crate::dependencies::Sources;
    use crate::runtimes::RuntimesFound;
    use crate::testing;

    #[test]
    fn an_app_is_compiled_where_it_is_used_and_its_traceback_names_that_place() {
        let (built, used) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let (built, used) = (built.path().join("app"), used.path().join("app"));
        std::fs::create_dir(&built).expect("writable");
        std::fs::write(built.join("toy.py"), "raise SystemExit(__file__)\n").expect("writable");
        let python = testing::prepared().program;
        assert!(compile(&python, &built).status().expect("it runs").success());
        std::fs::rename(&built, &used).expect("on one file system");
        let mut serve = Command::new(&python);
        serve.args(["-v", "-c", "import toy"]).current_dir(&used);
        let said = String::from_utf8(serve.output().expect("it runs").stderr).expect("text");
        assert!(said.contains("matches") && said.contains("__pycache__/toy.cpython"), "{said}");
        assert!(said.contains(&used.join("toy.py").to_string_lossy().into_owned()), "{said}");
    }

    /// Needs no network: the locked file lies beside the lock file. Installs nothing, since the hash is looked at first.
    #[test]
    fn a_file_that_is_not_the_locked_one_is_refused() {
        let project = tempfile::tempdir().expect("a folder");
        let folder = project.path().join("reference-servers/toy");
        std::fs::create_dir_all(&folder).expect("writable");
        let wheel = folder.join("toy-1.0-py3-none-any.whl");
        std::fs::write(&wheel, "not what was locked").expect("writable");
        let lock = format!("toy @ file://{} --hash=sha256:{}\n", wheel.display(), "0".repeat(64));
        std::fs::write(folder.join("none"), lock).expect("writable");
        let server: Server = toml::from_str(testing::TOY).expect("a server");
        let cache = Cache::in_folder(project.path().join("cache"));
        let sources = Sources { project: project.path(), cache: &cache, runtimes: &RuntimesFound::default() };
        let interrupted = AtomicBool::new(false);
        let step = Step {
            server: &server,
            lock: &server.lock,
            purpose: Purpose::Serving,
            sources: &sources,
            interrupted: &interrupted,
        };
        let error = install(&step, &testing::prepared().program, None).expect_err("the hash differs").to_string();
        if !error.contains("No module named pip") {
            assert!(error.contains("DO NOT MATCH THE HASHES") && error.contains("find out why"), "{error}");
        }
    }
}
