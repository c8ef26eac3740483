//! Cross-checks: what a definition names must exist, and what it sets must be possible.

mod claim;
mod protocol;
mod server;
mod untestable;
mod workload;

pub(crate) use claim::claim;
pub(crate) use server::server;
pub(crate) use untestable::untestable;
pub(crate) use workload::workload;

use crate::define::catalog::Found;
use crate::define::mistake::Mistake;

/// Collects the mistakes of one definition.
struct Findings<'f, 'a, T> {
    found: &'f Found<'a, T>,
    mistakes: Vec<Mistake>,
}

impl<'f, 'a, T> Findings<'f, 'a, T> {
    const fn new(found: &'f Found<'a, T>) -> Self {
        Self { found, mistakes: Vec::new() }
    }

    fn report(&mut self, path: &[&str], message: String, help: impl Into<String>) {
        self.mistakes.push(self.found.source.mistake(path, message, Some(help.into())));
    }

    fn name_is(&mut self, key: &str, name: &str) {
        let wanted = self.found.file.name.clone();
        if name != wanted {
            self.report(
                &[key],
                format!("`{name}` is not the name of its file or folder"),
                format!("write `{key} = \"{wanted}\"`, or rename it"),
            );
        }
    }
}
