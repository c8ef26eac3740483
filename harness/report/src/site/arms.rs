//! The arms of a claim: how each was started, on what, and what it used.

use maud::{Markup, html};
use model::analysis::Steadiness;
use model::plan::Arm;

use crate::joined::{ClaimView, Design, Run};
use crate::site::parts::{facts, guide, spread, table, text};
use crate::words;

pub(crate) fn arms(run: &Run<'_>, claim: &ClaimView<'_>, design: &Design<'_>) -> Markup {
    html! {
        section aria-labelledby="arms" {
            h2 id="arms" { "Arms" }
            @for arm in design.arms() {
                details open[is_compared(design, arm)] {
                    summary { h3 { (role(design, arm)) (arm.label) } }
                    (facts(&own_facts(run, claim, design, arm)))
                }
            }
            (settings(run, design))
        }
    }
}

fn is_compared(design: &Design<'_>, arm: &Arm) -> bool {
    arm.id == design.planned.baseline || arm.id == design.planned.treatment
}

fn role(design: &Design<'_>, arm: &Arm) -> &'static str {
    match &arm.id {
        id if *id == design.planned.baseline => "Baseline: ",
        id if *id == design.planned.treatment => "Treatment: ",
        _ => "Further level: ",
    }
}

fn own_facts(run: &Run<'_>, claim: &ClaimView<'_>, design: &Design<'_>, arm: &Arm) -> Vec<(&'static str, Markup)> {
    let parameters: Vec<String> = arm.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let env: Vec<String> = arm.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let layout = run.record.header.plan.layouts.get(&arm.cores);
    let cpus = layout.map_or_else(String::new, |layout| format!(" (processors {:?})", layout.server));
    let mut all = vec![
        ("Versions", text(crate::facts::arm_versions(run, claim, design, arm))),
        ("Command", html! { code { (arm.command.join(" ")) } }),
        ("Environment", html! { @if env.is_empty() { "nothing further" } @else { code { (env.join(" ")) } } }),
        ("Parameters", text(if parameters.is_empty() { "none".to_owned() } else { parameters.join(", ") })),
        ("Cores", text(format!("{}{cpus}", arm.cores))),
        ("Processes", text(arm.processes.to_string())),
    ];
    if let Some(found) = claim.arm_analysis(&arm.id) {
        all.push(("Cores used", spread(found.cores_used, "")));
        all.push(("Peak memory", spread(found.rss_mib, " MiB")));
        all.push(("Course of the runs", text(course(found.steadiness))));
        for gap in &found.missing {
            all.push(("Missing", text(format!("block {}: {}", gap.block + 1, gap.reason))));
        }
    }
    if let Some(stream) = claim.stream_analysis(&arm.id) {
        let answers = format!(
            "{} right, {} wrong, {} not sent or not answered in time",
            words::count(stream.completed),
            words::count(stream.errors),
            words::count(stream.censored)
        );
        all.push(("Answers", text(answers)));
        all.push(("Throughput", spread(stream.throughput_per_s, "/s")));
    }
    all
}

fn course(runs: Steadiness) -> String {
    let classes = [
        (runs.flat, "flat"),
        (runs.warming, "warming"),
        (runs.slowing, "slowing"),
        (runs.no_steady_state, "without a steady state"),
        (runs.too_short, "too short to tell"),
    ];
    let seen: Vec<String> =
        classes.into_iter().filter(|(runs, _)| *runs > 0).map(|(runs, class)| format!("{runs} {class}")).collect();
    if seen.is_empty() { "unknown".to_owned() } else { seen.join(", ") }
}

/// The settings of the servers at hand that differ from a default.
fn settings(run: &Run<'_>, design: &Design<'_>) -> Markup {
    let arms = design.arms();
    let servers = run.record.header.servers.values().filter(|server| arms.iter().any(|arm| arm.server == server.name));
    let rows: Vec<Vec<Markup>> = servers
        .flat_map(|server| {
            let applies = |setting: &&model::define::server::Setting| {
                let modes = &setting.modes;
                arms.iter().any(|arm| {
                    arm.server == server.name && modes.as_ref().is_none_or(|modes| modes.contains(&arm.mode))
                })
            };
            server.settings.iter().filter(applies).map(|setting| {
                vec![
                    text(&server.title),
                    html! { code { (setting.setting) } },
                    text(&setting.reason),
                    guide(&setting.guide),
                ]
            })
        })
        .collect();
    html! {
        h3 { "Settings that differ from a default" }
        @if rows.is_empty() { p { "None." } }
        @else { (table("Settings, with reasons", &["Server", "Setting", "Why", "Recommended by"], &rows)) }
    }
}
