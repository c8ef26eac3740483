//! Each server's own tests and linters, by the runners of its own ecosystem, on its default runtime. They are installed from their
//! registries; `CLAIMBENCH_TEST_OFFLINE=1` leaves this out, and `CLAIMBENCH_TEST_SERVERS=express,flask` all others.

mod support;

use std::process::Command;

use lab::dependencies::{Prepared, prepare_tests};
use model::define::server::{OwnTests, Server};

use support::{Laboratory, NOT_INTERRUPTED, say, wanted};

fn run(server: &Server, tests: &OwnTests, prepared: &Prepared) {
    let program = prepared.program.to_str().expect("a path that can be written");
    for words in &tests.commands {
        let words: Vec<String> =
            words.iter().map(|word| word.replace("{python}", program).replace("{node}", program)).collect();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).current_dir(&prepared.folder).env("PYTHONDONTWRITEBYTECODE", "1");
        let output = command.output().expect("it can be run");
        let said = String::from_utf8_lossy(&output.stdout);
        let rest = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: `{}` failed:\n{said}\n{rest}", server.name, words[1..].join(" "));
        // As node:test marks what it left out: for a program to read, and for people.
        let left_out = said.lines().filter(|line| line.contains("# SKIP") || line.trim_start().starts_with('﹣'));
        left_out.for_each(|line| say(&format!("{}: left out: {}", server.name, line.trim())));
        say(&format!("{}: {}: {}", server.name, words[1..].join(" "), said.trim().lines().last().unwrap_or("nothing")));
    }
}

#[test]
fn every_servers_own_tests_and_linters_pass() {
    let Some(laboratory) = Laboratory::open() else { return };
    for server in laboratory.catalog.servers.values().filter(|server| wanted(server)) {
        let Some(tests) = &server.tests else { continue };
        let runtime = server.default_runtime.as_ref().or_else(|| server.runtimes.keys().next()).expect("it has one");
        let prepared = prepare_tests(server, runtime, &laboratory.sources(), &NOT_INTERRUPTED);
        let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error}", server.name)).expect("it has tests");
        run(server, tests, &prepared);
    }
}
