//! The table of proxies for the effort that the servers took. It calls them so, and says that no verdict comes from them.

use maud::{Markup, html};
use model::define::server::Server;
use model::names::RuntimeName;
use model::proxies::{Installed, ServerProxies};
use model::record::TrialOutcome;

use crate::exporters::proxies_json;
use crate::joined::Run;
use crate::site::parts::{table, text};
use crate::words;

/// Bytes of a MiB.
const MIB: f64 = 1024.0 * 1024.0;
const MS_PER_S: f64 = 1e3;

const HEADS: [&str; 10] = [
    "Server",
    "Routes",
    "Logical lines",
    "Lines",
    "Tokens",
    "Direct dependencies",
    "Those that come along",
    "Installing took",
    "Installed size",
    "From an empty cache to the first answer",
];

/// The section of a page at the site's root; empty where the record has no proxies.
pub(crate) fn section(run: &Run<'_>) -> Markup {
    let proxies = &run.record.header.proxies;
    let rows: Vec<Vec<Markup>> = proxies.iter().map(|found| row(run, found)).collect();
    html! {
        @if !rows.is_empty() {
            section aria-labelledby="proxies" {
                h2 id="proxies" { "Proxies for the effort that the servers took" }
                p {
                    strong { "Proxies, of which no verdict comes." }
                    " How fast people build something no run of finished servers shows. What can be counted of it stands here: of each server's own source, \
                     without tests, comments and docstrings, and of its lock file, without what only tests need. The servers answer by the same contract, but not all offer \
                     all of its routes."
                }
                (table("Proxies by server", &HEADS, &rows))
                p.quiet {
                    "Logical lines are statements and declarations; lines, those with something of the program on them. Installing is from the lock file into an empty folder, \
                     downloads included, the runtime left out; then comes the median time from the server's start to its first right answer. As data: "
                    a href=(proxies_json::PATH) { (proxies_json::PATH) } "."
                }
            }
        }
    }
}

fn row(run: &Run<'_>, found: &ServerProxies) -> Vec<Markup> {
    let (source, packages) = (found.source, found.dependencies);
    let server = run.record.header.servers.get(&found.server);
    let title = server.map_or(found.server.as_str(), |server| server.title.as_str());
    let installed = server.and_then(|server| installed(server, found));
    let known = |words: Option<String>| text(words.unwrap_or_else(|| "unknown".to_owned()));
    let whole = |count: u64| text(words::count(count));
    vec![
        text(title),
        whole(found.routes.into()),
        whole(source.logical_lines),
        whole(source.lines),
        whole(source.tokens),
        whole(packages.direct.into()),
        whole(packages.transitive.into()),
        known(installed.map(|installed| words::seconds(seconds(installed)))),
        known(installed.map(|installed| format!("{} MiB", words::number(installed.bytes as f64 / MIB)))),
        known(installed.and_then(|installed| first_answer(run, found, installed))),
    ]
}

/// The installation on the runtime that the server runs on where none is named.
fn installed<'a>(server: &Server, found: &'a ServerProxies) -> Option<&'a Installed> {
    let runtime = server.default_runtime.as_ref().or_else(|| server.runtimes.keys().next());
    found.installed.iter().find(|installed| Some(&installed.runtime) == runtime)
}

/// The time from an empty cache to the first answer, in words.
fn first_answer(run: &Run<'_>, found: &ServerProxies, installed: &Installed) -> Option<String> {
    let start_ups = start_ups_s(run, found, &installed.runtime);
    let median = start_ups.get(start_ups.len() / 2)?;
    Some(format!("{} (start-up {})", words::seconds(seconds(installed) + median), words::seconds(*median)))
}

/// How long each start of the server on a runtime took until its first right answer, in seconds, in rising order.
fn start_ups_s(run: &Run<'_>, found: &ServerProxies, runtime: &RuntimeName) -> Vec<f64> {
    let plan = &run.record.header.plan;
    let own = run.record.trials.iter().filter(|trial| {
        plan.arm(&trial.trial).is_some_and(|arm| arm.server == found.server && arm.runtime == *runtime)
    });
    let mut times: Vec<f64> = own
        .filter_map(|trial| match &trial.outcome {
            TrialOutcome::Observed(seen) => Some(seen.phases.start_up_s),
            TrialOutcome::Failed(_) => None,
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn seconds(installed: &Installed) -> f64 {
    installed.took_ms as f64 / MS_PER_S
}
