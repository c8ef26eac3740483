//! Hands the versions of the compiler and of hyper to the server, which states them on `/stats`.

use std::path::Path;
use std::process::Command;

fn main() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    let locked = std::fs::read_to_string(&lock).unwrap_or_default();
    println!("cargo::rustc-env=HYPER_VERSION={}", version_of("hyper", &locked));
    println!("cargo::rustc-env=RUSTC_VERSION={}", compiler_version());
}

fn version_of(package: &str, lock: &str) -> String {
    lock.split("[[package]]")
        .find(|entry| entry.contains(&format!("name = \"{package}\"\n")))
        .and_then(|entry| entry.split("version = \"").nth(1)?.split('"').next())
        .unwrap_or("unknown")
        .to_owned()
}

fn compiler_version() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Command::new(rustc)
        .arg("-V")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .and_then(|line| line.split_whitespace().nth(1).map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned())
}
