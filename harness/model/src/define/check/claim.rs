//! Checks a claim against the catalog: its workload, arms, metric, factors, margin and controls.

use super::Findings;
use super::workload::MOST_CONNECTIONS;
use crate::define::catalog::{Broken, Catalog, Found};
use crate::define::claim::{ArmChoice, CONNECTIONS, Claim, ClaimRole, Factor, Metric};
use crate::define::mistake::{Mistake, suggestion};
use crate::define::protocol::Protocol;
use crate::define::server::{Mode, Server};
use crate::define::workload::{Load, Role, Stream, Workload, is_on, path_only};
use crate::names::ModeName;
use crate::units::{Span, requests_needed};

/// The greatest margin: an effect of a hundred times is a mistake in writing.
const GREATEST_MARGIN: f64 = 99.0;

/// The least processes of a server that starts one more when it is asked (CONTRACT.md): a single one may have no supervisor.
const GROWS_FROM: u32 = 2;

pub(crate) fn claim(found: &Found<'_, Claim>, catalog: &Catalog, broken: Broken) -> Vec<Mistake> {
    let mut findings = Findings::new(found);
    let claim = &found.value;
    findings.name_is("id", claim.id.as_str());
    let workload = catalog.workloads.get(&claim.workload);
    match workload {
        Some(workload) => check_metric(&mut findings, workload),
        None if broken.workloads => {}
        None => {
            let help = suggestion(claim.workload.as_str(), catalog.workloads.keys().map(|name| name.as_str()));
            findings.report(&["workload"], format!("unknown workload `{}`", claim.workload), help);
        }
    }
    for (key, arm) in [("baseline", &claim.baseline), ("treatment", &claim.treatment)] {
        match catalog.servers.get(&arm.server) {
            Some(server) => check_arm(&mut findings, key, arm, server, workload),
            None if broken.servers => {}
            None => {
                let help = suggestion(arm.server.as_str(), catalog.servers.keys().map(|name| name.as_str()));
                findings.report(&[key, "server"], format!("unknown server `{}`", arm.server), help);
            }
        }
    }
    check_decision(&mut findings);
    check_factors(&mut findings);
    if !broken.claims {
        check_controls(&mut findings, catalog);
    }
    findings.mistakes
}

fn check_metric(findings: &mut Findings<'_, '_, Claim>, workload: &Workload) {
    let metric = &findings.found.value.metric;
    let measured = || workload.streams.iter().filter(|stream| stream.role == Role::Measured);
    let stream = match metric.stream() {
        Some(name) => workload.streams.iter().find(|stream| stream.name == *name),
        None if measured().count() == 1 => measured().next(),
        None => {
            findings.report(
                &["metric"],
                "the workload has several measured streams".to_owned(),
                "name one: `stream = \"…\"`",
            );
            return;
        }
    };
    let Some(stream) = stream else {
        let unknown = metric.stream().map_or("", |name| name.as_str());
        let help = suggestion(unknown, workload.streams.iter().map(|stream| stream.name.as_str()));
        findings.report(&["metric"], format!("the workload `{}` has no stream `{unknown}`", workload.name), help);
        return;
    };
    if stream.attacks.is_empty() == matches!(metric, Metric::AttacksStopped(_)) {
        let help = "`attacks-stopped` goes with a stream of attacks, and no other metric does";
        findings.report(&["metric"], format!("the workload `{}` does not give this metric", workload.name), help);
    }
    let searches = matches!(stream.load, Load::Search(_));
    if searches != matches!(metric, Metric::Capacity(_)) {
        let help = "`capacity` goes with `load.search`, and every other metric with `load.open` or `load.closed`";
        findings.report(&["metric"], format!("the workload `{}` does not give this metric", workload.name), help);
    }
    check_protocol_gives(findings, stream);
    check_requests_suffice(findings, workload, stream);
    let from_the_start = workload.warm_up == Span::default() && matches!(stream.load, Load::Closed(_));
    if matches!(metric, Metric::TimeToSteadyRate(_)) && !from_the_start {
        let help = "take a workload with `warm_up = \"0s\"` and `load.closed`: its measurement begins with the load";
        findings.report(&["metric"], format!("the workload `{}` does not give this metric", workload.name), help);
    }
    if workload.adds_process != matches!(metric, Metric::TimeToAddedProcess(_)) {
        let help = "`time-to-added-process` goes with `adds_process = true`, and no other metric does";
        findings.report(&["metric"], format!("the workload `{}` does not give this metric", workload.name), help);
    }
    if matches!((metric, &stream.load), (Metric::ResponseTime(_), Load::Closed(_))) {
        let help = "take a workload with `load.open`: closed-loop latency leaves out what waits (coordinated omission)";
        findings.report(&["metric"], "response time of closed-loop load".to_owned(), help);
    }
}

/// What is due in the window of the shortest profile that gives verdicts must be enough for the quantile.
fn check_requests_suffice(findings: &mut Findings<'_, '_, Claim>, workload: &Workload, stream: &Stream) {
    let (Metric::ResponseTime(of), Load::Open(open)) = (&findings.found.value.metric, &stream.load) else { return };
    let (due, needed) = (open.rate.get() * workload.measure.as_secs_f64(), requests_needed(of.quantile.get()));
    if due < needed as f64 {
        let message = format!(
            "{} of {needed} requests or more, and {} are due in the {} of `{}`",
            of.quantile,
            due.floor(),
            workload.measure,
            workload.name
        );
        findings.report(&["metric"], message, "measure longer, at a higher rate, or judge a lower quantile");
    }
}

/// Deliveries come of rooms and documents, and gaps of events.
fn check_protocol_gives(findings: &mut Findings<'_, '_, Claim>, stream: &Stream) {
    let metric = &findings.found.value.metric;
    let wanted = match metric {
        Metric::DeliveryTime(_) | Metric::AcknowledgementTime(_) | Metric::Reach(_) => {
            (!stream.protocol.delivers()).then_some("`protocol.websocket-fan-out` or `protocol.websocket-document`")
        }
        Metric::EventGap(_) => (!matches!(stream.protocol, Protocol::Events(_))).then_some("`protocol.events`"),
        _ => None,
    };
    if let Some(wanted) = wanted {
        let message = format!("a `{}` stream does not give this metric", stream.protocol.name());
        findings.report(&["metric"], message, format!("take a workload with {wanted}"));
    }
}

fn check_arm(
    findings: &mut Findings<'_, '_, Claim>,
    key: &str,
    arm: &ArmChoice,
    server: &Server,
    workload: Option<&Workload>,
) {
    let mode_name = arm.mode.as_ref().unwrap_or(&server.default_mode);
    let mode = server.modes.get(mode_name);
    match mode {
        Some(mode) => {
            check_parameters(findings, key, arm, mode, workload);
            if workload.is_some_and(|workload| workload.adds_process) {
                check_grows(findings, key, arm, server, mode_name);
            }
        }
        None => {
            let help = suggestion(mode_name.as_str(), server.modes.keys().map(|name| name.as_str()));
            findings.report(&[key, "mode"], format!("the server `{}` has no mode `{mode_name}`", server.name), help);
        }
    }
    if let Some(runtime) = &arm.runtime {
        let offered = mode.and_then(|mode| mode.runtimes.as_ref());
        let known = server.runtimes.contains_key(runtime) && offered.is_none_or(|offered| offered.contains(runtime));
        if !known {
            let help = suggestion(runtime.as_str(), server.runtimes.keys().map(|name| name.as_str()));
            findings.report(
                &[key, "runtime"],
                format!("the server `{}` has no runtime `{runtime}` in this mode", server.name),
                help,
            );
        }
    }
    if arm.cores == 0 {
        findings.report(&[key, "cores"], "a server needs a core".to_owned(), "write `cores = 1` or leave it out");
    }
    let runtime = arm.runtime.as_ref().or(server.default_runtime.as_ref()).or(server.runtimes.keys().next());
    let routes = runtime.map_or_else(|| server.routes.clone(), |runtime| server.routes_on(mode_name, runtime));
    for path in workload.iter().flat_map(|workload| &workload.streams).flat_map(Stream::paths) {
        if !routes.iter().any(|route| is_on(path, route)) {
            let help = format!("it offers {}", routes.join(", "));
            findings.report(
                &[key, "server"],
                format!("the server `{}` does not offer `{}`", server.name, path_only(path)),
                help,
            );
        }
    }
}

/// A server that is asked to start one process more must be one that does.
fn check_grows(
    findings: &mut Findings<'_, '_, Claim>,
    key: &str,
    arm: &ArmChoice,
    server: &Server,
    mode_name: &ModeName,
) {
    let mode = &server.modes[mode_name];
    if !mode.grows {
        let growing = server.modes.iter().filter(|(_, mode)| mode.grows).map(|(name, _)| name.as_str());
        let help = format!("modes that can: {}", growing.collect::<Vec<_>>().join(", "));
        let message = format!("the mode `{mode_name}` of `{}` starts no process at SIGTTIN", server.name);
        findings.report(&[key, "mode"], message, help);
        return;
    }
    if mode.processes_with(&arm.parameters).unwrap_or(1) < GROWS_FROM {
        let message = format!("a single process of the mode `{mode_name}` of `{}` is asked for another", server.name);
        findings.report(&[key], message, format!("set `parameters` so that it has {GROWS_FROM} or more"));
    }
}

fn check_parameters(
    findings: &mut Findings<'_, '_, Claim>,
    key: &str,
    arm: &ArmChoice,
    mode: &Mode,
    workload: Option<&Workload>,
) {
    let claim = &findings.found.value;
    let levels = claim.levels.iter().filter(|_| key == "treatment");
    let levels =
        levels.flat_map(|levels| levels.values.iter().map(|value| (&levels.parameter, value, ["levels", "values"])));
    let own = arm.parameters.iter().map(|(name, value)| (name, value, [key, "parameters"]));
    for (name, value, path) in own.chain(levels) {
        match mode.parameters.get(name) {
            Some(bounds) if !(bounds.min..=bounds.max).contains(value) => {
                findings.report(
                    &path,
                    format!("`{name} = {value}` is out of bounds"),
                    format!("take {} to {}", bounds.min, bounds.max),
                );
            }
            Some(_) => {}
            None if name.as_str() == CONNECTIONS => {
                for (message, help) in wrong_connections(*value, workload) {
                    findings.report(&path, message, help);
                }
            }
            None => {
                let help = suggestion(name.as_str(), mode.parameters.keys().map(|name| name.as_str()));
                findings.report(&path, format!("the mode has no parameter `{name}`"), help);
            }
        }
    }
}

/// Connections that an arm sets instead of the workload.
fn wrong_connections(connections: u32, workload: Option<&Workload>) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    if !(1..=MOST_CONNECTIONS).contains(&connections) {
        wrong.push((format!("{connections} connections"), format!("take 1 to {MOST_CONNECTIONS}")));
    }
    if let Some(workload) = workload.filter(|workload| workload.streams.len() != 1) {
        let message = format!(
            "the workload `{}` has several streams, so that it is open whose connections these are",
            workload.name
        );
        wrong.push((message, "set them in the workload".to_owned()));
    }
    wrong
}

fn check_decision(findings: &mut Findings<'_, '_, Claim>) {
    let margin = findings.found.value.decision.margin;
    if !(margin > 0.0 && margin <= GREATEST_MARGIN) {
        findings.report(
            &["decision", "margin"],
            format!("a margin of {margin}"),
            "write the smallest effect that matters as a share: 0.5 for one and a half times",
        );
    }
}

fn check_factors(findings: &mut Findings<'_, '_, Claim>) {
    let claim = &findings.found.value;
    let (baseline, treatment) = (&claim.baseline, &claim.treatment);
    if claim.factors.is_empty() {
        findings.report(
            &["factors"],
            "no factor is registered".to_owned(),
            "say what differs: `factors = [\"server\"]`",
        );
    }
    if claim.factors.contains(&Factor::Server) {
        return;
    }
    if baseline.server != treatment.server {
        findings.report(
            &["treatment", "server"],
            "the arms differ in their server".to_owned(),
            "register it: `factors = [\"server\"]`",
        );
    }
}

fn check_controls(findings: &mut Findings<'_, '_, Claim>, catalog: &Catalog) {
    let claim = &findings.found.value;
    for (at, control) in claim.controls.iter().enumerate() {
        let at = at.to_string();
        match catalog.claims.get(control) {
            Some(found) if found.claim.role == ClaimRole::Control => {}
            Some(_) => findings.report(
                &["controls", &at],
                format!("`{control}` is no control"),
                format!("write `role = \"control\"` in {control}.toml"),
            ),
            None => {
                let help = suggestion(control.as_str(), catalog.claims.keys().map(|id| id.as_str()));
                findings.report(&["controls", &at], format!("unknown claim `{control}`"), help);
            }
        }
    }
}
