//! The catalog: all workloads, servers and claims, parsed once and cross-checked.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::define::check;
use crate::define::claim::Claim;
use crate::define::mistake::Mistake;
use crate::define::parse::{Source, parse};
use crate::define::server::Server;
use crate::define::untestable::Untestable;
use crate::define::workload::Workload;
use crate::names::{ClaimId, ServerName, WorkloadName};

/// The text of one definition, and where it came from.
#[derive(Clone, Debug)]
pub struct DefinitionFile {
    /// The file, as messages shall name it.
    pub path: String,
    /// The name that the definition must have: the file's or the folder's.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The texts of all definitions.
#[derive(Clone, Debug, Default)]
pub struct DefinitionFiles {
    /// `workloads/*.toml`
    pub workloads: Vec<DefinitionFile>,
    /// `reference-servers/*/server.toml`
    pub servers: Vec<DefinitionFile>,
    /// `workloads/claims/*.toml`
    pub claims: Vec<DefinitionFile>,
    /// `workloads/untestable/*.toml`
    pub untestable: Vec<DefinitionFile>,
}

/// All workloads, servers and claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// The workloads.
    pub workloads: BTreeMap<WorkloadName, Workload>,
    /// The servers.
    pub servers: BTreeMap<ServerName, Server>,
    /// The claims.
    pub claims: BTreeMap<ClaimId, RegisteredClaim>,
    /// The statements that no measurement can decide.
    pub untestable: BTreeMap<ClaimId, Untestable>,
}

/// A claim with the hash that registers it.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisteredClaim {
    /// The claim.
    pub claim: Claim,
    /// SHA-256 of its file's text, in hexadecimal.
    pub sha256: String,
}

impl Catalog {
    /// Parses and cross-checks all definitions.
    ///
    /// # Errors
    /// Every mistake in every file.
    pub fn define(files: &DefinitionFiles) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let workloads = parse_all::<Workload>(&files.workloads, &mut mistakes);
        let servers = parse_all::<Server>(&files.servers, &mut mistakes);
        let claims = parse_all::<Claim>(&files.claims, &mut mistakes);
        let untestable = parse_all::<Untestable>(&files.untestable, &mut mistakes);
        let catalog = Self {
            workloads: workloads.iter().map(|found| (found.value.name.clone(), found.value.clone())).collect(),
            servers: servers.iter().map(|found| (found.value.name.clone(), found.value.clone())).collect(),
            claims: claims.iter().map(|found| (found.value.id.clone(), found.registered())).collect(),
            untestable: untestable.iter().map(|found| (found.value.id.clone(), found.value.clone())).collect(),
        };
        let broken = Broken {
            workloads: files.workloads.len() != workloads.len(),
            servers: files.servers.len() != servers.len(),
            claims: files.claims.len() != claims.len(),
        };
        for found in &workloads {
            mistakes.extend(check::workload(found));
        }
        for found in &servers {
            mistakes.extend(check::server(found));
        }
        for found in &claims {
            mistakes.extend(check::claim(found, &catalog, broken));
        }
        for found in &untestable {
            mistakes.extend(check::untestable(found, &catalog));
        }
        if mistakes.is_empty() { Ok(catalog) } else { Err(mistakes) }
    }
}

/// Which kinds of definitions have files that could not be read, so that an unknown name of that kind is no news.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken {
    /// Some workload's file.
    pub(crate) workloads: bool,
    /// Some server's file.
    pub(crate) servers: bool,
    /// Some claim's file.
    pub(crate) claims: bool,
}

/// A definition with its source.
pub(crate) struct Found<'a, T> {
    /// The definition.
    pub(crate) value: T,
    /// The file.
    pub(crate) file: &'a DefinitionFile,
    /// Its text's tree, for the places of mistakes.
    pub(crate) source: Source<'a>,
}

impl Found<'_, Claim> {
    fn registered(&self) -> RegisteredClaim {
        RegisteredClaim { claim: self.value.clone(), sha256: sha256(&self.file.text) }
    }
}

fn parse_all<'a, T: serde::de::DeserializeOwned>(
    files: &'a [DefinitionFile],
    mistakes: &mut Vec<Mistake>,
) -> Vec<Found<'a, T>> {
    let mut all = Vec::new();
    for file in files {
        match parse(&file.path, &file.text) {
            Ok((value, source)) => all.push(Found { value, file, source }),
            Err(found) => mistakes.extend(found),
        }
    }
    all
}

/// SHA-256 of a text, in hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
