//! The claimbench command.

use std::process::ExitCode;

fn main() -> ExitCode {
    claimbench::main_with(std::env::args_os())
}
