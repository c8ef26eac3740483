//! The laboratory as tests open it: the project's own definitions, the cache and the runtimes of this machine.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use lab::cache::Cache;
use lab::dependencies::Sources;
use lab::runtimes::{RuntimesFound, Settings, install_missing, look};
use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};
use model::define::server::Server;

pub(crate) static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

#[expect(clippy::print_stdout, reason = "what was tested depends on the machine, so the test says it")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

fn definitions(folder: &Path) -> Vec<DefinitionFile> {
    let files = folder.read_dir().expect("the folder").flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files
        .map(|path| DefinitionFile {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).expect("readable"),
            path: path.display().to_string(),
        })
        .collect()
}

fn catalog(project: &Path) -> Catalog {
    let workloads = definitions(&project.join("workloads"));
    let claims = definitions(&project.join("workloads/claims"));
    let untestable = definitions(&project.join("workloads/untestable"));
    let mut servers = Vec::new();
    for entry in project.join("reference-servers").read_dir().expect("the folder").flatten() {
        let path = entry.path().join("server.toml");
        if let Ok(text) = std::fs::read_to_string(&path) {
            let name = entry.file_name().to_string_lossy().into_owned();
            servers.push(DefinitionFile { path: path.display().to_string(), name, text });
        }
    }
    Catalog::define(&DefinitionFiles { workloads, servers, claims, untestable }).expect("the definitions are right")
}

/// What all servers of the test share.
pub(crate) struct Laboratory {
    pub(crate) project: PathBuf,
    pub(crate) catalog: Catalog,
    pub(crate) cache: Cache,
    pub(crate) runtimes: RuntimesFound,
}

impl Laboratory {
    /// Opens it; nothing where the registries must not be asked.
    pub(crate) fn open() -> Option<Self> {
        if std::env::var_os("CLAIMBENCH_TEST_OFFLINE").is_some_and(|set| set == "1") {
            say("left out: real servers need their registries, and CLAIMBENCH_TEST_OFFLINE=1 is set");
            return None;
        }
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project");
        let catalog = catalog(&project);
        let cache = Cache::from_environment().expect("a cache");
        let settings = Settings::from_environment();
        let found = look(&catalog, &cache, &settings).expect("no setting is wrong");
        let runtimes = install_missing(&catalog, &cache, &settings, found, &NOT_INTERRUPTED).expect("it installs");
        Some(Self { project, catalog, cache, runtimes })
    }

    /// What servers are prepared from.
    pub(crate) fn sources(&self) -> Sources<'_> {
        Sources { project: &self.project, cache: &self.cache, runtimes: &self.runtimes }
    }
}

/// Whether a server is among those that shall be tested.
pub(crate) fn wanted(server: &Server) -> bool {
    let only = std::env::var("CLAIMBENCH_TEST_SERVERS").ok();
    only.is_none_or(|only| only.split(',').any(|one| one == server.name.as_str()))
}
