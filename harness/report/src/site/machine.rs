//! The page on the machine: what it is, the runtimes on it, the generator's calibration, how the time was spent, the trials
//! that the host disturbed, and those that failed.

use std::collections::BTreeSet;

use maud::{Markup, html};
use model::machine::RuntimeFound;

use crate::joined::Run;
use crate::site::parts::{facts, table, text};
use crate::site::shell::{Page, shell};
use crate::words;

pub(crate) fn page(run: &Run<'_>) -> String {
    let content = html! {
        h1 { "The machine and the generator" }
        (machine(run))
        (calibration(run))
        (runtimes(run))
        (time(run))
        (repeats(run))
        (failures(run))
    };
    shell(run, Page::Machine, "The machine and the generator", &content)
}

fn machine(run: &Run<'_>) -> Markup {
    let machine = &run.record.header.machine;
    let kind = if machine.virtual_machine { "virtual: other guests may take its time" } else { "physical" };
    let memory_gib = machine.memory_bytes as f64 / f64::from(1 << 30);
    html! {
        section aria-labelledby="machine" {
            h2 id="machine" { "Machine" }
            (facts(&[
                ("Processors", text(format!("{} × {}", machine.cpus.len(), machine.cpu_model))),
                ("Memory", text(format!("{} GiB", words::number(memory_gib)))),
                ("System", text(&machine.os)),
                ("Kind", text(kind)),
                ("Open files", text(format!("at most {}", words::count(machine.open_files_limit)))),
            ]))
            @if !machine.doubts.is_empty() {
                p { strong { "What it cannot do that the method would like" } }
                ul { @for doubt in &machine.doubts { li { (doubt) } } }
            }
        }
    }
}

fn calibration(run: &Run<'_>) -> Markup {
    let layouts = &run.record.header.plan.layouts;
    let rows: Vec<Vec<Markup>> = layouts
        .iter()
        .map(|(cores, layout)| {
            let place = format!("generator {:?}, server {:?}", layout.generator, layout.server);
            let mut row = vec![text(cores.to_string()), text(place)];
            match run.calibration(*cores) {
                Some(found) => row.extend([
                    text(format!("{} / {}", words::micros(found.floor_us_p50), words::micros(found.floor_us_p99))),
                    text(format!(
                        "{} / {}",
                        words::micros(found.send_lag_us_p50),
                        words::micros(found.send_lag_us_p99)
                    )),
                    text(format!("{}/s", words::number(found.ceiling_per_s))),
                    text(words::micros(found.generator_cpu_us_per_request)),
                ]),
                None => row.extend((0..4).map(|_| text("not calibrated"))),
            }
            row
        })
        .collect();
    html! {
        section aria-labelledby="calibration" {
            h2 id="calibration" { "The generator's floor and ceiling" }
            p { "Measured against a server that does nothing. No latency near the floor and no rate near the ceiling says anything about a server: there the generator measures itself." }
            @if rows.is_empty() { p { "Nothing was laid out, so nothing was calibrated." } }
            @else {
                (table(
                    "Calibration by number of server cores",
                    &["Server cores", "Processors", "Floor, p50 / p99", "Send lag, p50 / p99", "Ceiling", "Generator CPU per request"],
                    &rows,
                ))
            }
        }
    }
}

fn runtimes(run: &Run<'_>) -> Markup {
    let header = &run.record.header;
    let rows: Vec<Vec<Markup>> = header
        .runtimes
        .iter()
        .flat_map(|(server, found)| found.iter().map(move |(name, found)| (server, name, found)))
        .map(|(server, name, found)| {
            let title = header.servers.get(server).map_or(server.as_str(), |server| &server.title);
            let said = match found {
                RuntimeFound::Present(facts) => {
                    let build = if facts.free_threaded { ", free-threaded" } else { "" };
                    vec![text(format!("{} {}{build}", words::runtime(facts.kind), facts.version)), text(&facts.source)]
                }
                RuntimeFound::Missing(missing) => {
                    vec![text("missing"), text(format!("{}. To mend it: {}", missing.reason, missing.remedy))]
                }
            };
            [vec![text(title), text(name.as_str())], said].concat()
        })
        .collect();
    html! {
        section aria-labelledby="runtimes" {
            h2 id="runtimes" { "Runtimes" }
            @if rows.is_empty() { p { "None was looked for." } }
            @else { (table("Runtimes by server", &["Server", "Runtime", "Found", "Where, or why not"], &rows)) }
        }
    }
}

fn time(run: &Run<'_>) -> Markup {
    let Some(finished) = run.record.finished else {
        return html! {
            section aria-labelledby="time" { h2 id="time" { "Time" } p { "The run did not come to its end, so its time was not summed up." } }
        };
    };
    let phases = finished.phases;
    let parts = [
        ("Measuring", phases.measure_s),
        ("Warm-up", phases.warm_up_s),
        ("Starting servers", phases.start_up_s),
        ("Checking the contract", phases.contract_check_s),
        ("Stopping servers", phases.shut_down_s),
        ("Setting up", finished.set_up_s),
        ("Calibration", finished.calibration_s),
    ];
    let other = finished.wall_s - parts.iter().map(|(_, s)| s).sum::<f64>();
    let row = |(name, s): (&str, f64)| {
        vec![
            text(name),
            text(format!("{} s", words::number(s))),
            text(words::percent(s / finished.wall_s.max(f64::MIN_POSITIVE))),
        ]
    };
    let rows: Vec<Vec<Markup>> =
        parts.into_iter().filter(|part| part.1 > 0.0).chain([("Everything else", other.max(0.0))]).map(row).collect();
    html! {
        section aria-labelledby="time" {
            h2 id="time" { "Time" }
            p { "The run took " (words::seconds(finished.wall_s)) "." }
            (table("Where the time went", &["Part", "Time", "Share"], &rows))
        }
    }
}

fn repeats(run: &Run<'_>) -> Markup {
    let repeats = &run.record.repeats;
    let trials = repeats.iter().map(|attempt| attempt.trial.index).collect::<BTreeSet<_>>().len();
    html! {
        section aria-labelledby="repeats" {
            h2 id="repeats" { "Trials that the host disturbed" }
            @if repeats.is_empty() { p { "None was run again." } }
            @else {
                p {
                    (trials) " of " (run.record.header.plan.trials.len()) " trials were run again, since the host (the hypervisor, stalls, or another thread on the server's core) took more of their time than their claims allow: "
                    (repeats.len()) " further attempts in all. Of the attempts at a trial the one from which the host took least counts; nothing measured of the server decides it."
                }
            }
        }
    }
}

fn failures(run: &Run<'_>) -> Markup {
    let failures: Vec<_> = run.failures().collect();
    html! {
        section aria-labelledby="failures" {
            h2 id="failures" { "Failed trials" }
            @if failures.is_empty() { p { "None." } }
            @for (record, failure) in failures {
                article.failure {
                    h3 { "Trial " (record.trial.index + 1) ", block " (record.trial.block + 1) ": " (arm_label(run, record)) }
                    p { "Failed at " (words::stage(failure.stage)) ": " (text(&failure.reason)) }
                    @if failure.log_tail.trim().is_empty() { p.quiet { "Its server wrote nothing to its log." } }
                    @else { pre tabindex="0" { (failure.log_tail) } }
                }
            }
        }
    }
}

fn arm_label(run: &Run<'_>, record: &model::record::TrialRecord) -> String {
    let arm = run.record.header.plan.arm(&record.trial);
    arm.map_or_else(|| record.trial.arm.to_string(), |arm| arm.label.clone())
}
