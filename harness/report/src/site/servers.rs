//! The pages of the servers: what each is, how it is run, every setting with its reason, its versions, where it was measured, and where not.

use maud::{Markup, html};
use model::define::server::Server;
use model::machine::RuntimeFound;
use model::plan::Arm;

use crate::joined::{ClaimView, Design, Run};
use crate::site::parts::{badge, facts, guide, spread, table, text};
use crate::site::shell::{Page, shell};
use crate::site::{not_offered, proxies};
use crate::words;

/// The list of all servers.
pub(crate) fn list(run: &Run<'_>) -> String {
    let servers = &run.record.header.servers;
    let rows: Vec<Vec<Markup>> = servers
        .values()
        .map(|server| {
            let modes: Vec<&str> = server.modes.keys().map(model::names::ModeName::as_str).collect();
            let claims = claims(run, server).len();
            vec![
                html! { a href={ "servers/" (server.name) ".html" } { (server.title) } },
                text(&server.about),
                text(modes.join(", ")),
                text(claims.to_string()),
            ]
        })
        .collect();
    let content = html! {
        h1 { "Servers" }
        p { "Each is written as a careful team would run it in production: the framework's own public API, and settings that differ from the defaults only where its own guide recommends them." }
        @if rows.is_empty() { p { "The record holds no server." } }
        @else { (table("Servers under test", &["Server", "What it is", "Modes", "Claims"], &rows)) }
        (proxies::section(run))
    };
    shell(run, Page::Servers, "Servers", &content)
}

/// The page of one server.
pub(crate) fn page(run: &Run<'_>, server: &Server) -> String {
    let content = html! {
        p.crumb { a href="../servers.html" { "Servers" } " / " (server.name) }
        h1 { (server.title) }
        p.lead { (text(&server.about)) }
        (versions(run, server))
        (settings(server))
        (modes(server))
        (measured(run, server))
        (not_offered::of_server(run, server))
        (verdicts(run, server))
    };
    shell(run, Page::Server, &server.title, &content)
}

/// Each claim that compares an arm of the server.
fn claims<'r, 'a>(run: &'r Run<'a>, server: &Server) -> Vec<(&'r ClaimView<'a>, Design<'a>)> {
    let with_design = run.claims.iter().filter_map(|claim| Some((claim, claim.design?)));
    with_design.filter(|(_, design)| design.arms().iter().any(|arm| arm.server == server.name)).collect()
}

fn versions(run: &Run<'_>, server: &Server) -> Markup {
    let found = run.record.header.runtimes.get(&server.name);
    let rows: Vec<Vec<Markup>> = server
        .runtimes
        .iter()
        .map(|(name, wanted)| {
            let build = if wanted.free_threaded { ", free-threaded" } else { "" };
            let asked = format!("{} {}{build}", words::runtime(wanted.kind), wanted.version);
            let there = match found.and_then(|found| found.get(name)) {
                Some(RuntimeFound::Present(facts)) => format!("{}, from {}", facts.version, facts.source),
                Some(RuntimeFound::Missing(missing)) => format!("missing: {}", missing.reason),
                None => "not looked for".to_owned(),
            };
            vec![text(name.as_str()), text(asked), text(there)]
        })
        .collect();
    let frameworks: Vec<String> = claims(run, server)
        .iter()
        .flat_map(|(claim, design)| {
            let own = design.arms().into_iter().filter(|arm| arm.server == server.name);
            own.map(|arm| crate::facts::arm_versions(run, claim, design, arm)).collect::<Vec<_>>()
        })
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    html! {
        section aria-labelledby="versions" {
            h2 id="versions" { "Versions" }
            @if frameworks.is_empty() { p { "It did not run, so it told no version." } }
            @else { p { "As the running server said: " (frameworks.join("; ")) "." } }
            (table("Runtimes", &["Runtime", "Accepted", "Found here"], &rows))
            p.quiet { "Dependencies come from " code { (server.lock) } ", with hashes." }
        }
    }
}

fn settings(server: &Server) -> Markup {
    let rows: Vec<Vec<Markup>> = server
        .settings
        .iter()
        .map(|setting| vec![html! { code { (setting.setting) } }, text(&setting.reason), guide(&setting.guide)])
        .collect();
    html! {
        section aria-labelledby="settings" {
            h2 id="settings" { "Settings that differ from a default, and why" }
            @if rows.is_empty() { p { "None: it runs as it comes." } }
            @else { (table("Settings with their reasons", &["Setting", "Reason", "Guide"], &rows)) }
        }
    }
}

fn modes(server: &Server) -> Markup {
    html! {
        section aria-labelledby="modes" {
            h2 id="modes" { "Ways of running it" }
            @for (name, mode) in &server.modes {
                details open[*name == server.default_mode] {
                    summary { h3 { (name) @if *name == server.default_mode { " (the default)" } } }
                    p { (text(&mode.about)) }
                    @if let Some(lock) = &mode.lock { p.quiet { "Its dependencies come from " code { (lock) } ", with hashes." } }
                    (facts(&[
                        ("Command", html! { code { (mode.command.join(" ")) } }),
                        ("Processes", text(&mode.processes)),
                        ("Environment", html! { @if mode.env.is_empty() { "nothing further" } @for (name, value) in &mode.env { code { (name) "=" (value) } " " } }),
                    ]))
                }
            }
        }
    }
}

/// The arms of the server in every experiment, with their numbers.
fn measured(run: &Run<'_>, server: &Server) -> Markup {
    let experiments = run.record.header.plan.experiments.iter().enumerate();
    let arms = experiments.flat_map(|(number, experiment)| {
        let own = experiment.arms.iter().filter(|arm| arm.server == server.name);
        own.map(move |arm| (number, &experiment.workload, arm))
    });
    let rows: Vec<Vec<Markup>> = arms
        .map(|(number, workload, arm): (usize, _, &Arm)| {
            let analysis = run.analysis.experiments.get(number);
            let found = analysis.and_then(|found| found.arms.iter().find(|found| found.arm == arm.id));
            let stream = found.and_then(|found| found.streams.first());
            vec![
                text(&arm.label),
                html! { a href={ "../workloads/" (workload.name) ".html" } { (workload.title) } },
                spread(stream.and_then(|stream| stream.throughput_per_s), "/s"),
                spread(found.and_then(|found| found.cores_used), ""),
                spread(found.and_then(|found| found.rss_mib), " MiB"),
            ]
        })
        .collect();
    html! {
        section aria-labelledby="measured" {
            h2 id="measured" { "What was measured" }
            @if rows.is_empty() { p { "No experiment of this run has it." } }
            @else { (table("Its arms in all experiments", &["Arm", "Workload", "Throughput", "Cores used", "Peak memory"], &rows)) }
        }
    }
}

fn verdicts(run: &Run<'_>, server: &Server) -> Markup {
    if claims(run, server).is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="claims" {
            h2 id="claims" { "Claims about it" }
            ul.plain {
                @for (claim, _) in claims(run, server) {
                    li { (badge(claim.verdict.outcome)) " " a href={ "../claims/" (claim.verdict.claim) ".html" } { (text(&claim.verdict.statement)) } }
                }
            }
        }
    }
}
