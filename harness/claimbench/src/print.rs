//! The one file that prints: results to standard output, everything else to standard error.

use std::io::{self, Write};

use anyhow::Context;

/// Prints a result to standard output. A reader that went away (`| head`) is no error.
///
/// # Errors
/// When standard output cannot be written, as on a full disk.
pub fn result(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Prints a note to standard error; one that cannot be written is lost.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints a failure with its causes to standard error.
pub fn failure(error: &anyhow::Error) {
    let causes: Vec<String> = error.chain().skip(1).map(|cause| format!("\n  because: {cause}")).collect();
    note(&format!("claimbench: {error}{}", causes.concat()));
}
