//! `cargo bench`: the whole suite. Runs every claim that this machine can test, draws the site, and prints where it is, with
//! the table of verdicts.
//!
//! Without `--bench` among its arguments (as under `cargo test --benches`) it runs the smoke profile into a folder of
//! the build. Every other argument goes to `claimbench run`: `cargo bench --bench claims -- --claims 'gil-*'`.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut rest: Vec<OsString> = std::env::args_os().skip(1).collect();
    let measuring = rest.iter().any(|argument| argument == "--bench");
    rest.retain(|argument| argument != "--bench");
    let mut arguments: Vec<OsString> = ["claimbench", "run"].map(OsString::from).to_vec();
    if !rest.iter().any(|argument| argument == "--profile") {
        arguments.extend(["--profile", if measuring { "quick" } else { "smoke" }].map(OsString::from));
    }
    if !measuring {
        let folder = format!("{}/smoke-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
        arguments.extend([OsString::from("--out"), OsString::from(folder)]);
    }
    arguments.extend(rest);
    claimbench::suite_with(arguments)
}
