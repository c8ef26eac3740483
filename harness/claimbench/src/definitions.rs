//! Finds and reads the definition files, and gives the catalog or every mistake.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};
use model::define::mistake::Mistake;

use crate::failure::{Exit, Failure, Means};

/// The folder that holds `workloads/` and `reference-servers/`.
#[derive(Clone, Debug)]
pub struct Root(PathBuf);

impl Root {
    /// The folder that was named, or the nearest one at or above the current folder.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(named: Option<&Path>) -> Result<Self, Failure> {
        let here = env::current_dir().context("cannot tell the current folder")?;
        let found = match named {
            Some(named) => Some(here.join(named)).filter(|folder| is_root(folder)),
            None => here.ancestors().find(|folder| is_root(folder)).map(Path::to_path_buf),
        };
        found.map(Self).ok_or_else(|| {
            let at = named.unwrap_or(&here).display().to_string();
            anyhow!("{at} does not hold `workloads` and `reference-servers`; go into a checkout of claimbench, or name one with --root")
        })
        .means(Exit::BadInput)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Reads and checks all definitions.
    ///
    /// # Errors
    /// When a file cannot be read, or with every mistake in the definitions.
    pub fn catalog(&self) -> Result<Catalog, Failure> {
        let files = self.read().means(Exit::BadInput)?;
        Catalog::define(&files).map_err(|mistakes| anyhow!("{}", in_words(&mistakes))).means(Exit::BadInput)
    }

    fn read(&self) -> anyhow::Result<DefinitionFiles> {
        Ok(DefinitionFiles {
            workloads: self.toml_files("workloads")?,
            servers: self.server_files()?,
            claims: self.toml_files("workloads/claims")?,
            untestable: self.toml_files_if_any("workloads/untestable")?,
        })
    }

    fn toml_files(&self, folder: &str) -> anyhow::Result<Vec<DefinitionFile>> {
        let mut files = Vec::new();
        for path in entries(&self.0.join(folder))? {
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(self.file(&path, path.file_stem())?);
            }
        }
        Ok(files)
    }

    /// Of a folder that need not be there.
    fn toml_files_if_any(&self, folder: &str) -> anyhow::Result<Vec<DefinitionFile>> {
        if self.0.join(folder).is_dir() { self.toml_files(folder) } else { Ok(Vec::new()) }
    }

    fn server_files(&self) -> anyhow::Result<Vec<DefinitionFile>> {
        let mut files = Vec::new();
        for folder in entries(&self.0.join("reference-servers"))? {
            let path = folder.join("server.toml");
            if path.is_file() {
                files.push(self.file(&path, folder.file_name())?);
            }
        }
        Ok(files)
    }

    fn file(&self, path: &Path, name: Option<&std::ffi::OsStr>) -> anyhow::Result<DefinitionFile> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let shown = path.strip_prefix(&self.0).unwrap_or(path).display().to_string();
        let name = name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(DefinitionFile { path: shown, name, text })
    }
}

fn is_root(folder: &Path) -> bool {
    folder.join("workloads").is_dir() && folder.join("reference-servers").is_dir()
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = listed.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn in_words(mistakes: &[Mistake]) -> String {
    let each: Vec<String> = mistakes.iter().map(|mistake| format!("\n\n{mistake}")).collect();
    let noun = if mistakes.len() == 1 { "mistake" } else { "mistakes" };
    format!("{} {noun} in the definitions{}", mistakes.len(), each.concat())
}
