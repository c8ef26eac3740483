//! CPython: what an interpreter is, asked of itself, and which one a server gets.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use model::define::server::RuntimeRequirement;
use semver::{Version, VersionReq};
use serde::Deserialize;

use super::search::{in_folders, is_python, path_folders};
use crate::processes::run_tool;

/// How long an interpreter may take to say what it is; a cold start from a slow disk takes about a second.
const PROBE_LIMIT: Duration = Duration::from_secs(10);
/// Marks the answer among whatever else a start-up file prints.
const MARK: &str = "claimbench-interpreter:";
/// The first pip that installs into the environment of another interpreter (`--python`).
const PIP_FOR_OTHERS: (u32, u32) = (22, 3);
/// Asks an interpreter what it is. What a distribution builds for `/usr` is optimised by rules of its own, which its arguments do not show.
const PROBE: &str = "
import importlib.metadata as m, importlib.util as u, json, sys, sysconfig
built_with = sysconfig.get_config_var('CONFIG_ARGS') or ''
print('claimbench-interpreter:' + json.dumps({
    'implementation': sys.implementation.name,
    'version': '%d.%d.%d' % sys.version_info[:3],
    'released': sys.version_info.releaselevel == 'final',
    'executable': sys.executable,
    'free_threaded': bool(sysconfig.get_config_var('Py_GIL_DISABLED')),
    'optimized': '--enable-optimizations' in built_with or \"'--prefix=/usr'\" in built_with,
    'venv': bool(u.find_spec('venv')),
    'ensurepip': bool(u.find_spec('ensurepip')),
    'pip': [int(part) for part in m.version('pip').split('.')[:2]] if u.find_spec('pip') else None,
    'build': sys.version + ' ' + str(sysconfig.get_config_var('SOABI')),
}))
";

/// A working interpreter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Interpreter {
    implementation: String,
    pub(crate) version: Version,
    released: bool,
    /// The program itself, behind any shim.
    pub(crate) executable: PathBuf,
    pub(crate) free_threaded: bool,
    /// Whether it was built with profile-guided optimisation, as far as its build says. One that was not runs Python code about 1.4 times as long
    /// (seen: a sieve and an edit distance, 3.13 built by hand next to 3.14 of a distribution).
    pub(crate) optimized: bool,
    /// Whether it can make virtual environments.
    venv: bool,
    /// Whether it can put a pip into them.
    ensurepip: bool,
    /// The version of its own pip.
    pub(crate) pip: Option<(u32, u32)>,
    /// The build in its own words.
    pub(crate) build: String,
    /// How it was found.
    #[serde(skip)]
    pub(crate) source: String,
    /// The interpreter whose pip installs into its environments: itself, or another one; nothing where each needs a pip of its own.
    #[serde(skip)]
    pub(crate) installer: Option<PathBuf>,
}

impl Interpreter {
    fn can_install(&self) -> bool {
        self.pip.is_some_and(|version| version >= PIP_FOR_OTHERS)
    }

    /// The same with an installer: itself where it can, else the one of these with the newest pip.
    pub(crate) fn installed_by(self, all: &[Self]) -> Self {
        let able = all.iter().filter(|other| other.can_install());
        let own = self.can_install().then_some(&self);
        let installer = own.or_else(|| able.max_by_key(|other| other.pip)).map(|other| other.executable.clone());
        Self { installer, ..self }
    }
}

/// Asks a program whether it is a working CPython.
pub(crate) fn probe(program: &Path, source: String) -> Result<Interpreter, String> {
    let mut command = Command::new(program);
    command.args(["-I", "-c", PROBE]);
    let output = run_tool(command, PROBE_LIMIT, &AtomicBool::new(false)).map_err(|error| error.to_string())?;
    let answer = output.lines().find_map(|line| line.strip_prefix(MARK)).ok_or("it does not say what it is")?;
    let found: Interpreter = serde_json::from_str(answer).map_err(|error| error.to_string())?;
    match found.implementation.as_str() {
        "cpython" => Ok(Interpreter { source, ..found }),
        other => Err(format!("it is {other}, not CPython")),
    }
}

/// Every working interpreter on PATH and in further folders; each program once.
pub(crate) fn find(further: Vec<PathBuf>) -> Vec<Interpreter> {
    let candidates = in_folders(further.into_iter().chain(path_folders()), is_python);
    let mut found: Vec<Interpreter> = Vec::new();
    for candidate in candidates {
        let name = candidate.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Ok(interpreter) = probe(&candidate, format!("`{name}` on PATH"))
            && !found.iter().any(|known| known.executable == interpreter.executable)
        {
            found.push(interpreter);
        }
    }
    let all = found.clone();
    found.into_iter().map(|interpreter| interpreter.installed_by(&all)).collect()
}

/// How well a partner fits: the GIL build that a free-threaded one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// Another X.Y, or none.
    None,
    /// The same X.Y.
    SameMinor,
    /// The same X.Y.Z.
    SamePatch,
}

impl Fit {
    pub(crate) fn of(one: &Version, other: &Version) -> Self {
        match ((one.major, one.minor) == (other.major, other.minor), one.patch == other.patch) {
            (true, true) => Self::SamePatch,
            (true, false) => Self::SameMinor,
            (false, _) => Self::None,
        }
    }
}

/// Whether an interpreter meets a requirement, or why not.
pub(crate) fn meets(found: &Interpreter, wanted: &RuntimeRequirement) -> Result<(), String> {
    let range = VersionReq::parse(&wanted.version).map_err(|error| error.to_string())?;
    let named = || format!("{} ({}{})", found.source, found.version, if found.free_threaded { "t" } else { "" });
    if found.free_threaded != wanted.free_threaded {
        return Err(format!("{} {} the GIL", named(), if found.free_threaded { "is built without" } else { "has" }));
    }
    if !range.matches(&found.version) {
        return Err(format!("{} is not {}", named(), wanted.version));
    }
    if !found.released {
        return Err(format!("{} is a pre-release", named()));
    }
    if !found.venv {
        return Err(format!("{} cannot make a virtual environment (no `venv`)", named()));
    }
    if !found.ensurepip && found.installer.is_none() {
        return Err(format!("{} has neither pip nor `ensurepip`, and no other Python has a pip for it", named()));
    }
    Ok(())
}

/// The best of the interpreters that meet a requirement: the one that fits the others best, then an optimised one, then the newest, then the
/// first on PATH. What could be said against the rest comes along if there is none.
pub(crate) fn choose<'a>(
    all: &'a [Interpreter],
    wanted: &RuntimeRequirement,
    fit: impl Fn(&Interpreter) -> Fit,
) -> Result<&'a Interpreter, Vec<String>> {
    let mut against = Vec::new();
    let mut best: Option<&Interpreter> = None;
    for found in all {
        match meets(found, wanted) {
            Err(reason) => against.push(reason),
            Ok(()) => {
                let rank = |one: &'a Interpreter| (fit(one), one.optimized, &one.version);
                if best.is_none_or(|best| rank(found) > rank(best)) {
                    best = Some(found);
                }
            }
        }
    }
    best.ok_or(against)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use model::define::server::RuntimeKind;

    pub(crate) fn interpreter(version: &str, free_threaded: bool, venv: bool) -> Interpreter {
        Interpreter {
            implementation: "cpython".to_owned(),
            version: Version::parse(version).expect("a version"),
            released: true,
            executable: PathBuf::from(format!("/python{version}{}", if free_threaded { "t" } else { "" })),
            free_threaded,
            optimized: true,
            venv: true,
            ensurepip: venv,
            pip: None,
            build: String::new(),
            source: "test".to_owned(),
            installer: None,
        }
    }

    fn wanted(version: &str, free_threaded: bool) -> RuntimeRequirement {
        RuntimeRequirement {
            kind: RuntimeKind::Cpython,
            version: version.to_owned(),
            free_threaded,
            matches: None,
            lock: None,
            lacks: Vec::new(),
        }
    }

    #[test]
    fn the_newest_in_range_that_can_make_a_venv_is_chosen() {
        let all = [
            interpreter("3.11.2", false, true),
            interpreter("3.14.0", false, false),
            interpreter("3.13.5", true, true),
            interpreter("3.12.1", false, true),
        ];
        let chosen = choose(&all, &wanted(">=3.11, <3.15", false), |_| Fit::None).expect("there is one");
        assert_eq!(chosen.version.to_string(), "3.12.1");
        let against = choose(&all, &wanted(">=3.14", false), |_| Fit::None).expect_err("there is none");
        assert!(against.iter().any(|reason| reason.contains("ensurepip")), "{against:?}");
    }

    #[test]
    fn one_without_ensurepip_does_where_another_has_a_pip_for_it() {
        let (old, new) = (Some((22, 2)), Some((25, 1)));
        let with_pip = |version: &str, pip| Interpreter { pip, ..interpreter(version, false, true) };
        let [first, second] = [with_pip("3.11.2", old), with_pip("3.12.1", new)];
        let bare = interpreter("3.14.0", false, false);
        let beside = |others: &[Interpreter]| bare.clone().installed_by(others);
        assert_eq!(beside(&[first.clone(), second.clone()]).installer.as_deref(), Some(second.executable.as_path()));
        assert!(meets(&beside(&[first.clone(), second]), &wanted(">=3.14", false)).is_ok());
        assert!(meets(&beside(&[first]), &wanted(">=3.14", false)).is_err_and(|reason| reason.contains("no other")));
    }

    #[test]
    fn an_optimised_one_comes_before_a_newer_one() {
        let slow = Interpreter { optimized: false, ..interpreter("3.14.1", false, true) };
        let all = [slow, interpreter("3.13.5", false, true)];
        let chosen = choose(&all, &wanted(">=3.11", false), |_| Fit::None).expect("there is one");
        assert_eq!(chosen.version.to_string(), "3.13.5");
    }

    #[test]
    fn the_fit_comes_before_the_version() {
        let all = [interpreter("3.13.5", true, true), interpreter("3.14.1", true, true)];
        let partner = Version::new(3, 13, 7);
        let chosen = choose(&all, &wanted(">=3.13", true), |found| Fit::of(&found.version, &partner));
        assert_eq!(chosen.expect("there is one").version.to_string(), "3.13.5");
    }

    #[test]
    fn the_python_of_this_machine_says_what_it_is() {
        let found = find(Vec::new());
        assert!(found.iter().any(|found| found.version >= Version::new(3, 8, 0)), "{found:?}");
        assert!(probe(Path::new("/bin/false"), String::new()).is_err());
    }
}
