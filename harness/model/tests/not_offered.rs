//! Which routes of the workloads servers do not offer, told apart by mode and runtime.

use std::collections::BTreeMap;

use model::define::server::{Server, not_offered};
use model::define::workload::Workload;
use model::names::ServerName;

/// A server with two modes and two runtimes; `adds` is what the mode `more` adds, `lacks` what the runtime `other` lacks.
fn server(name: &str, routes: &[&str], adds: &[&str], lacks: &[&str]) -> (ServerName, Server) {
    let text = format!(
        r#"
name = "{name}"
title = "The {name}"
about = "A server."
language = "python"
colour = "orange"
marker = "circle"
lock = "requirements.lock"
default_mode = "bare"
routes = {routes:?}
default_runtime = "usual"
runtimes.usual = {{ kind = "cpython", version = ">=3.11" }}
runtimes.other = {{ kind = "cpython", version = ">=3.11", lacks = {lacks:?} }}
modes.bare = {{ about = "Bare.", processes = "1", command = ["run"] }}
modes.more = {{ about = "More.", processes = "1", command = ["run"], adds = {adds:?} }}
"#
    );
    (ServerName::new(name).expect("a name"), toml::from_str(&text).expect("a server"))
}

fn workload(name: &str, paths: &[&str]) -> Workload {
    let step = |path: &&str| format!("[[stream.step]]\npath = \"{path}\"\n");
    let steps: String = paths.iter().map(step).collect();
    let text = format!(
        "name = \"{name}\"\ntitle = \"{name}\"\nabout = \"It.\"\n[[stream]]\nname = \"main\"\nload.closed = {{ connections = 1 }}\n{steps}"
    );
    toml::from_str(&text).expect("a workload")
}

/// Each finding as "server: route offer (workloads)".
fn told<const N: usize>(workloads: &[Workload], servers: [(ServerName, Server); N]) -> Vec<String> {
    let servers = BTreeMap::from(servers);
    let workloads: Vec<&Workload> = workloads.iter().collect();
    let mut told = Vec::new();
    for found in not_offered(&workloads, &servers) {
        for (offer, needed) in &found.by_offer {
            for (route, workloads) in needed {
                let names: Vec<&str> = workloads.iter().map(|workload| workload.name.as_str()).collect();
                told.push(format!("{}: {route} {offer} ({})", found.server.name, names.join(", ")));
            }
        }
    }
    told
}

#[test]
fn a_route_that_no_mode_offers_is_offered_nowhere_and_named_as_other_servers_list_it() {
    let told = told(
        &[workload("work", &["/cpu/sieve?n=3", "/plain"]), workload("more-work", &["/cpu/mandelbrot?n=3"])],
        [server("all", &["/plain", "/cpu"], &[], &[]), server("little", &["/plain"], &[], &[])],
    );
    assert_eq!(told, ["little: /cpu nowhere (work, more-work)"]);
}

#[test]
fn a_route_that_nobody_has_is_named_by_its_path() {
    let told = told(&[workload("work", &["/gone/7?n=3"])], [server("little", &["/plain", "/gone-by"], &[], &[])]);
    assert_eq!(told, ["little: /gone/7 nowhere (work)"]);
}

#[test]
fn what_modes_add_and_runtimes_lack_is_told_apart() {
    let work = [workload("work", &["/plain", "/events", "/db/row", "/jobs/1"])];
    let told = told(
        &work,
        [
            server("adding", &["/plain", "/db"], &["/events", "/jobs"], &[]),
            server("both", &["/plain", "/db/row"], &["/events", "/jobs"], &["/events", "/db/row"]),
        ],
    );
    assert_eq!(
        told,
        [
            "adding: /events only in the mode `more` (work)",
            "adding: /jobs only in the mode `more` (work)",
            "both: /db/row everywhere but on the runtime `other` (work)",
            "both: /jobs only in the mode `more` (work)",
            "both: /events only in the mode `more`, and there not on the runtime `other` (work)",
        ]
    );
}

#[test]
fn a_mode_that_does_not_run_on_a_runtime_says_nothing_of_it() {
    let (name, mut only) = server("only", &["/plain", "/db/row"], &[], &["/db/row"]);
    let usual = only.default_runtime.clone().expect("it has one");
    only.modes.values_mut().for_each(|mode| mode.runtimes = Some(vec![usual.clone()]));
    assert_eq!(told(&[workload("work", &["/db/row"])], [(name, only)]), [""; 0]);
}

#[test]
fn of_an_instrument_nothing_is_told() {
    let (name, mut instrument) = server("little", &["/plain"], &[], &[]);
    let work = [workload("work", &["/cpu/sieve?n=3"])];
    assert_eq!(told(&work, [(name.clone(), instrument.clone())]).len(), 1);
    instrument.language = model::define::server::Language::Rust;
    assert_eq!(told(&work, [(name, instrument)]), [""; 0]);
}

#[test]
fn of_servers_that_offer_everything_nothing_is_told() {
    assert_eq!(told(&[workload("work", &["/plain"])], [server("all", &["/plain"], &["/cpu"], &["/cpu"])]), [""; 0]);
}
