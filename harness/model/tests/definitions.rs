//! Definitions with mistakes: each mistake is found, with its place and what to write instead.

use model::define::catalog::{Catalog, DefinitionFile, DefinitionFiles};
use model::define::mistake::Mistake;
use model::names::{ModeName, RuntimeName};

const SERVER: &str = r#"
name = "toy"
title = "Toy"
about = "A toy."
language = "python"
colour = "orange"
marker = "circle"
lock = "requirements.lock"
default_mode = "threads"
routes = ["/health", "/stats", "/cpu"]

[runtimes.python]
kind = "cpython"
version = ">=3.11"

[modes.threads]
about = "Threads."
processes = "1"
command = ["{python}", "app.py", "{port}", "{threads}"]

[modes.threads.parameters.threads]
about = "Threads."
default = 1
min = 1
max = 8
"#;

const WORKLOAD: &str = r#"
name = "work"
title = "Work"
about = "Work."

[[stream]]
name = "main"
load.closed = { connections = 4 }

[[stream.step]]
path = "/cpu/sieve?n=10"
"#;

const CLAIM: &str = r#"
id = "scales"
family = "toys"
statement = "Four threads do more."
article = "Threads scale."
section = "None"
reading = "As it says."
workload = "work"
metric.throughput = {}
factors = [{ parameter = "threads" }]

[baseline]
server = "toy"
parameters = { threads = 1 }

[treatment]
server = "toy"
parameters = { threads = 4 }

[decision]
region = "greater"
margin = 0.5
reason = "Half again."
"#;

fn file(path: &str, name: &str, text: &str) -> Vec<DefinitionFile> {
    vec![DefinitionFile { path: path.to_owned(), name: name.to_owned(), text: text.to_owned() }]
}

fn define(server: &str, workload: &str, claim: &str) -> Result<Catalog, Vec<Mistake>> {
    Catalog::define(&DefinitionFiles {
        workloads: file("workloads/work.toml", "work", workload),
        servers: file("reference-servers/toy/server.toml", "toy", server),
        claims: file("workloads/claims/scales.toml", "scales", claim),
        ..DefinitionFiles::default()
    })
}

/// The line that holds `needle`, from 1.
fn line_of(text: &str, needle: &str) -> usize {
    text.lines().position(|line| line.contains(needle)).expect("the text holds it") + 1
}

#[test]
fn definitions_without_mistakes_make_a_catalog() {
    let catalog = define(SERVER, WORKLOAD, CLAIM).expect("no mistake");
    assert_eq!((catalog.servers.len(), catalog.workloads.len(), catalog.claims.len()), (1, 1, 1));
}

#[test]
fn each_mistake_is_found_in_its_place_with_what_to_write_instead() {
    let cases = [
        ("server = \"toy\"", "server = \"toi\"", "unknown server `toi`", "did you mean `toy`?"),
        ("workload = \"work\"", "workload = \"wrok\"", "unknown workload `wrok`", "did you mean `work`?"),
        ("threads = 4", "threads = 64", "`threads = 64` is out of bounds", "take 1 to 8"),
        ("threads = 4", "thread = 4", "the mode has no parameter `thread`", "did you mean `threads`?"),
        ("threads = 4", "connections = 0", "0 connections", "take 1 to 20000"),
        (
            "metric.throughput = {}",
            "metric.reach = {}",
            "a `http1` stream does not give this metric",
            "`protocol.websocket-fan-out`",
        ),
        (
            "metric.throughput = {}",
            "metric.event-gap = { quantile = 0.99 }",
            "a `http1` stream does not give",
            "`protocol.events`",
        ),
        ("margin = 0.5", "margin = 0.0", "a margin of 0", "0.5 for one and a half times"),
        ("region = \"greater\"", "region = \"grater\"", "unknown variant `grater`", "did you mean `greater`?"),
        ("family = \"toys\"", "familly = \"toys\"", "unknown field `familly`", "did you mean `family`?"),
        ("metric.throughput = {}", "metric.capacity = {}", "does not give this metric", "`load.search`"),
        ("id = \"scales\"", "id = \"scale\"", "`scale` is not the name of its file", "id = \"scales\""),
    ];
    for (right, wrong, message, help) in cases {
        let claim = CLAIM.replace(right, wrong);
        let mistakes = define(SERVER, WORKLOAD, &claim).expect_err(wrong);
        let found = mistakes.iter().find(|mistake| mistake.message.contains(message));
        let found = found.unwrap_or_else(|| panic!("{wrong}: {mistakes:?}"));
        assert!(found.help.as_deref().unwrap_or_default().contains(help), "{wrong}: {found:?}");
        let key = wrong.split([' ', '=']).next().expect("a key");
        assert_eq!(
            found.line,
            line_of(&claim, if key.starts_with("metric.") { "metric" } else { wrong }),
            "{wrong}: {found:?}"
        );
        assert_eq!(found.file, "workloads/claims/scales.toml");
    }
}

#[test]
fn mistakes_of_all_files_come_at_once() {
    let server = SERVER.replace("default = 1", "default = 99").replace("{threads}", "{thread}");
    let workload = WORKLOAD.replace("connections = 4", "connections = 0").replace("/cpu/sieve", "cpu");
    let claim = CLAIM.replace("margin = 0.5", "margin = -1.0");
    let mistakes = define(&server, &workload, &claim).expect_err("many mistakes");
    let text = mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n\n");
    for expected in
        ["99 is out of bounds", "unknown placeholder `{thread}`", "0 connections", "is no path", "a margin of -1"]
    {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
}

/// The workload with another protocol, and without steps where it has none.
fn speaking(protocol: &str, steps: &str) -> String {
    let (head, _) = WORKLOAD.split_once("[[stream.step]]").expect("it has a step");
    format!("{head}{protocol}\n{steps}")
}

#[test]
fn each_protocol_is_read_and_checked_against_the_steps() {
    let step = "[[stream.step]]\npath = \"/cpu\"\n";
    let rooms = |rest: &str| format!("protocol.websocket-fan-out = {{ path = \"/cpu/{{room}}\", {rest} }}");
    let documents = |rest: &str| format!("protocol.websocket-document = {{ path = \"/cpu/{{document}}\", {rest} }}");
    let right = [
        ("protocol.http2 = { streams = 16 }", step),
        ("protocol.events = {}", step),
        ("protocol.websocket-echo = { path = \"/cpu/echo\", messages = [\"hello\"] }", ""),
        (&rooms("rooms = 2, senders_per_room = 2"), ""),
        (&documents("documents = 2, writers_per_document = 2"), ""),
    ];
    for (protocol, steps) in right {
        let defined = define(SERVER, &speaking(protocol, steps), CLAIM);
        defined.unwrap_or_else(|mistakes| panic!("{protocol}: {mistakes:?}"));
    }
    let wrong = [
        ("protocol.http2 = { streams = 0 }", step, "0 streams on a connection"),
        ("protocol.http2 = { stream = 1 }", step, "unknown field `stream`"),
        ("protocol.http3 = {}", step, "unknown variant `http3`"),
        ("protocol.events = {}", "", "a stream without steps"),
        ("protocol.websocket-echo = { path = \"/cpu\", messages = [\"x\"] }", step, "has no steps"),
        ("protocol.websocket-echo = { path = \"/cpu\", messages = [] }", "", "an echo of nothing"),
        ("protocol.websocket-echo = { path = \"cpu\", messages = [\"x\"] }", "", "`cpu` is no path"),
        ("protocol.websocket-echo = { path = \"/ws\", messages = [\"x\"] }", "", "does not offer `/ws`"),
        (&rooms("rooms = 2, senders_per_room = 3"), "", "2 rooms with 3 senders each among 4 connections"),
        (&rooms("rooms = 1, senders_per_room = 1, message_bytes = 52"), "", "messages of 52 bytes"),
        (&documents("documents = 3, writers_per_document = 2"), "", "3 documents with 2 writers each among 4"),
        (&documents("documents = 1, writers_per_document = 1, edit_bytes = 1025"), "", "edits of 1025 bytes"),
        (
            "protocol.websocket-fan-out = { path = \"/cpu\", rooms = 2, senders_per_room = 1 }",
            "",
            "the same for all rooms",
        ),
    ];
    for (protocol, steps, message) in wrong {
        let mistakes = define(SERVER, &speaking(protocol, steps), CLAIM).expect_err(protocol);
        assert!(mistakes.iter().any(|mistake| mistake.message.contains(message)), "{protocol}: {mistakes:?}");
    }
}

#[test]
fn bodies_by_length_and_hash_exclude_what_they_stand_for() {
    let hash = "00".repeat(32);
    let with = |step: &str| format!("{WORKLOAD}{step}\n");
    define(SERVER, &with(&format!("body_bytes = 1000\nexpect.sha256 = \"{hash}\"")), CLAIM).expect("no mistake");
    let wrong = [
        ("body_bytes = 9\nbody = \"x\"".to_owned(), "the length of another"),
        ("body_bytes = 999999999999".to_owned(), "beyond 256 MiB"),
        ("expect.sha256 = \"00\"".to_owned(), "is no SHA-256"),
        (format!("expect = {{ sha256 = \"{hash}\", body = \"x\" }}"), "a hash beside a body"),
    ];
    for (step, message) in wrong {
        let mistakes = define(SERVER, &with(&step), CLAIM).expect_err(&step);
        assert!(mistakes.iter().any(|mistake| mistake.message.contains(message)), "{step}: {mistakes:?}");
    }
}

#[test]
fn a_route_that_the_server_does_not_offer_is_a_mistake() {
    let mistakes = define(SERVER, &WORKLOAD.replace("/cpu/sieve?n=10", "/json"), CLAIM).expect_err("no such route");
    assert!(
        mistakes.iter().any(|mistake| mistake.message == "the server `toy` does not offer `/json`"),
        "{mistakes:?}"
    );
}

#[test]
fn closed_loop_latency_is_refused() {
    let claim = CLAIM.replace("metric.throughput = {}", "metric.response-time = { quantile = 0.99 }");
    let mistakes = define(SERVER, WORKLOAD, &claim).expect_err("coordinated omission");
    assert!(mistakes[0].help.as_deref().is_some_and(|help| help.contains("load.open")), "{mistakes:?}");
}

#[test]
fn a_quantile_of_too_few_requests_is_refused() {
    let claim = CLAIM.replace("metric.throughput = {}", "metric.response-time = { quantile = 0.99 }");
    let at = |rate: u32| {
        let load = format!("load.open = {{ rate = {rate}, connections = 4 }}");
        let workload = WORKLOAD.replace("load.closed = { connections = 4 }", &load);
        define(SERVER, &workload, &claim)
    };
    let mistakes = at(499).expect_err("998 are due in 2 s");
    assert!(mistakes[0].message.contains("p99 of 1000 requests or more, and 998 are due in the 2s"), "{mistakes:?}");
    at(500).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
}

#[test]
fn a_mistake_reads_like_a_compilers() {
    let claim = CLAIM
        .replace("server = \"toy\"\nparameters = { threads = 1 }", "server = \"toi\"\nparameters = { threads = 1 }");
    let mistakes = define(SERVER, WORKLOAD, &claim).expect_err("an unknown server");
    insta::assert_snapshot!(mistakes[0].to_string(), @r#"
    error: unknown server `toi`
      --> workloads/claims/scales.toml:13:10
       |
    13 | server = "toi"
       |          ^^^^^
       = help: did you mean `toy`?
    "#);
}

#[test]
fn attacks_stand_alone_and_go_with_their_own_metric() {
    let attack = "[[stream.attack]]\nname = \"a quote\"\npath = \"/cpu?n=%27\"\nsafe = { status = [400] }\n";
    let stopped = CLAIM.replace("metric.throughput = {}", "metric.attacks-stopped = {}");
    let defined = define(SERVER, &speaking("", attack), &stopped);
    defined.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let step = "[[stream.step]]\npath = \"/cpu\"\n";
    let wrong = [
        (attack.to_owned(), CLAIM, "does not give this metric"),
        (step.to_owned(), stopped.as_str(), "does not give this metric"),
        (format!("{attack}{attack}"), &stopped, "a second attack `a quote`"),
        (format!("{attack}{step}"), &stopped, "attacks stand alone"),
        (attack.replace("safe = { status = [400] }", "safe = {}"), &stopped, "anything is safe"),
        (attack.replace("%27", "\u{2019}"), &stopped, "is no path"),
        (attack.replace("/cpu?n", "/db?n"), &stopped, "does not offer `/db`"),
    ];
    for (stream, claim, message) in wrong {
        let mistakes = define(SERVER, &speaking("", &stream), claim).expect_err(message);
        assert!(mistakes.iter().any(|mistake| mistake.message.contains(message)), "{message}: {mistakes:?}");
    }
}

#[test]
fn a_lock_file_of_a_mode_goes_before_its_runtimes_and_that_before_the_servers() {
    let modes = "\n[modes.numeric]\nabout = \"More.\"\nprocesses = \"1\"\nlock = \"numeric.lock\"\ncommand = [\"x\"]\n";
    let runtimes = "\n[runtimes.odd]\nkind = \"cpython\"\nversion = \">=3.13\"\nlock = \"odd.lock\"\n";
    let text = SERVER.replace("[runtimes.python]", "default_runtime = \"python\"\n[runtimes.python]");
    let catalog = define(&format!("{text}{modes}{runtimes}"), WORKLOAD, CLAIM).expect("it is right");
    let server = &catalog.servers["toy"];
    let lock = |mode, runtime| {
        server.lock_on(&ModeName::new(mode).expect("a name"), &RuntimeName::new(runtime).expect("a name"))
    };
    let found = [("threads", "python"), ("threads", "odd"), ("numeric", "python"), ("numeric", "odd")];
    let found = found.map(|(mode, runtime)| lock(mode, runtime));
    assert_eq!(found, ["requirements.lock", "odd.lock", "numeric.lock", "numeric.lock"]);
}

#[test]
fn how_long_a_start_takes_is_asked_only_of_a_load_that_begins_with_the_measurement() {
    let claim = CLAIM.replace("metric.throughput", "metric.time-to-steady-rate");
    let without = WORKLOAD.replace("about = \"Work.\"", "about = \"Work.\"\nwarm_up = \"0s\"");
    assert!(define(SERVER, &without, &claim).is_ok());
    let open = without.replace("load.closed = {", "load.open = { rate = 9,");
    for workload in [WORKLOAD, &open] {
        let mistakes = define(SERVER, workload, &claim).expect_err("it gives no such number");
        assert!(mistakes[0].help.as_ref().is_some_and(|help| help.contains("warm_up = \"0s\"")), "{mistakes:?}");
    }
}

#[test]
fn a_closed_loop_warms_up_for_one_stream_at_a_rate() {
    let closed = "about = \"Work.\"\nwarm_up_load = \"closed\"";
    let warmed = WORKLOAD.replace("about = \"Work.\"", closed);
    let at_a_rate = warmed.replace("load.closed = {", "load.open = { rate = 9,");
    assert!(define(SERVER, &at_a_rate, CLAIM).is_ok());
    let cold = at_a_rate.replace(closed, &format!("{closed}\nwarm_up = \"0s\""));
    for workload in [warmed, cold] {
        let mistakes = define(SERVER, &workload, CLAIM).expect_err("it cannot be warmed so");
        assert!(mistakes[0].message.contains("closed-loop warm-up"), "{mistakes:?}");
    }
}

#[test]
fn an_added_process_is_asked_of_modes_that_can_and_of_workloads_that_add_one() {
    let claim = CLAIM.replace("metric.throughput", "metric.time-to-added-process");
    let adding = WORKLOAD.replace("about = \"Work.\"", "about = \"Work.\"\nadds_process = true");
    let growing = SERVER
        .replace("about = \"Threads.\"\nprocesses = \"1\"", "about = \"Threads.\"\ngrows = true\nprocesses = \"2\"");
    assert!(define(&growing, &adding, &claim).is_ok());
    let first_help = |server: &str, workload: &str, claim: &str| {
        let mistakes = define(server, workload, claim).expect_err("it cannot be measured");
        mistakes[0].help.clone().expect("a remedy")
    };
    assert!(first_help(&growing, WORKLOAD, &claim).contains("adds_process = true"));
    assert!(first_help(&growing, &adding, CLAIM).contains("no other metric"));
    assert!(first_help(SERVER, &adding, &claim).contains("modes that can"));
    let alone = growing.replace("processes = \"2\"", "processes = \"1\"");
    assert!(first_help(&alone, &adding, &claim).contains("2 or more"));
    let by_parameter = growing.replace("processes = \"2\"", "processes = \"{threads}\"");
    let mistakes = define(&by_parameter, &adding, &claim).expect_err("the baseline has one");
    assert_eq!(mistakes.len(), 1, "the treatment has four: {mistakes:?}");
}
