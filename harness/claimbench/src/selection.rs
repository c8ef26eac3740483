//! Which claims a run is wanted for: the globs of `--claims` and `--servers`.

use anyhow::Context;
use globset::{Glob, GlobSet, GlobSetBuilder};
use model::define::claim::Claim;
use model::define::untestable::Untestable;
use model::plan::Wanted;

/// The claims that match; empty lists of globs match everything.
#[derive(Debug)]
pub struct Selection {
    claims: Option<GlobSet>,
    servers: Option<GlobSet>,
}

impl Selection {
    /// Compiles the globs.
    ///
    /// # Errors
    /// When one is no glob.
    pub fn new(claims: &[String], servers: &[String]) -> anyhow::Result<Self> {
        Ok(Self { claims: globs(claims)?, servers: globs(servers)? })
    }
}

impl Wanted for Selection {
    fn wants(&self, claim: &Claim) -> bool {
        let servers = [&claim.baseline.server, &claim.treatment.server];
        self.claims.as_ref().is_none_or(|globs| globs.is_match(claim.id.as_str()))
            && self.servers.as_ref().is_none_or(|globs| servers.iter().all(|server| globs.is_match(server.as_str())))
    }

    fn wants_untestable(&self, statement: &Untestable) -> bool {
        // It is about no server.
        self.servers.is_none() && self.claims.as_ref().is_none_or(|globs| globs.is_match(statement.id.as_str()))
    }
}

/// A set of globs; nothing where there are none.
///
/// # Errors
/// When one is no glob.
pub fn globs(texts: &[String]) -> anyhow::Result<Option<GlobSet>> {
    if texts.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for text in texts {
        set.add(Glob::new(text).with_context(|| format!("`{text}` is no glob; write for example 'gil-*'"))?);
    }
    Ok(Some(set.build()?))
}
