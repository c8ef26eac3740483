//! The files of a paired root: a copy of the change's checkout, with the base's servers beside its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use model::define::claim::Claim;
use model::define::server::Server;
use model::names::ServerName;

/// Folders that are made, not written, or that are of no use to a run.
const LEFT_OUT: [&str; 6] = ["target", ".git", "node_modules", "results", "__pycache__", ".venv"];
/// The most files that are copied; more means that the wrong folder was named.
const FILES_MAX: usize = 20_000;

/// The servers whose files differ between two checkouts.
pub(super) fn differing(head: &Path, base: &Path, common: &[ServerName]) -> anyhow::Result<Vec<ServerName>> {
    let mut found = Vec::new();
    for name in common {
        let [of_head, of_base] = [head, base].map(|root| contents(&server_folder(root, name.as_str())));
        if of_head? != of_base? {
            found.push(name.clone());
        }
    }
    Ok(found)
}

fn server_folder(root: &Path, name: &str) -> PathBuf {
    root.join("reference-servers").join(name)
}

/// Every file of a folder with its bytes, in order.
fn contents(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut all = Vec::new();
    for path in files(folder)? {
        let bytes =
            fs::read(folder.join(&path)).with_context(|| format!("cannot read {}", folder.join(&path).display()))?;
        all.push((path, bytes));
    }
    Ok(all)
}

/// The files below a folder, as paths from it, in order.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        let at = folder.join(&inside);
        for entry in fs::read_dir(&at).with_context(|| format!("cannot list {}", at.display()))? {
            let entry = entry.with_context(|| format!("cannot list {}", at.display()))?;
            let kind = entry.file_type().with_context(|| format!("cannot tell what {} is", entry.path().display()))?;
            let left_out = LEFT_OUT.iter().any(|name| entry.file_name() == *name);
            let path = inside.join(entry.file_name());
            if kind.is_dir() && !left_out {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
        if found.len() > FILES_MAX {
            bail!("{} holds more than {FILES_MAX} files: name a checkout of claimbench", folder.display());
        }
    }
    found.sort();
    Ok(found)
}

/// Copies the change's checkout, without its claims, into a new folder.
pub(super) fn lay_out(head: &Path, out: &Path) -> anyhow::Result<()> {
    if out.exists() {
        bail!("{} is there already: name a new folder with --out", out.display());
    }
    let claims = Path::new("workloads/claims");
    for path in files(head)?.iter().filter(|path| !path.starts_with(claims)) {
        copy(&head.join(path), &out.join(path))?;
    }
    Ok(())
}

/// Adds a server of the base, under the name that its definition now has.
pub(super) fn add_server(base: &Path, out: &Path, name: &ServerName, renamed: &Server) -> anyhow::Result<()> {
    let (from, to) = (server_folder(base, name.as_str()), server_folder(out, renamed.name.as_str()));
    for path in files(&from)? {
        copy(&from.join(&path), &to.join(&path))?;
    }
    write(&to.join("server.toml"), &toml::to_string(renamed).context("a server is not serialisable")?)
}

/// Writes the claims.
pub(super) fn write_claims(out: &Path, claims: &[Claim]) -> anyhow::Result<()> {
    let folder = out.join("workloads/claims");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for claim in claims {
        let text = toml::to_string(claim).context("a claim is not serialisable")?;
        write(&folder.join(format!("{}.toml", claim.id)), &text)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display())).map(|_| ())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
