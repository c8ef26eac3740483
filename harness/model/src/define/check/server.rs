//! Checks a server: runtimes, modes, placeholders and settings that fit together.

use super::Findings;
use crate::define::catalog::Found;
use crate::define::mistake::{Mistake, suggestion};
use crate::define::server::{Mode, PLACEHOLDERS, Server, placeholders};
use crate::names::{ModeName, RuntimeName};

pub(crate) fn server(found: &Found<'_, Server>) -> Vec<Mistake> {
    let mut findings = Findings::new(found);
    let server = &found.value;
    findings.name_is("name", server.name.as_str());
    known_mode(&mut findings, &["default_mode"], &server.default_mode);
    for required in ["/health", "/stats"] {
        if !server.routes.iter().any(|route| route == required) {
            findings.report(
                &["routes"],
                format!("the route `{required}` is missing"),
                "every server offers /health and /stats",
            );
        }
    }
    check_runtimes(&mut findings);
    for (name, mode) in &server.modes {
        check_mode(&mut findings, name, mode);
    }
    for (at, setting) in server.settings.iter().enumerate() {
        let at = at.to_string();
        for (number, mode) in setting.modes.iter().flatten().enumerate() {
            known_mode(&mut findings, &["settings", &at, "modes", &number.to_string()], mode);
        }
    }
    findings.mistakes
}

fn check_runtimes(findings: &mut Findings<'_, '_, Server>) {
    let server = &findings.found.value;
    if server.default_runtime.is_none() && server.runtimes.len() != 1 {
        findings.report(
            &["runtimes"],
            "there are several runtimes and no default".to_owned(),
            "add `default_runtime = \"…\"` at the top",
        );
    }
    if let Some(name) = &server.default_runtime {
        known_runtime(findings, &["default_runtime"], name);
    }
    for (name, runtime) in &server.runtimes {
        if semver::VersionReq::parse(&runtime.version).is_err() {
            let path = ["runtimes", name.as_str(), "version"];
            findings.report(
                &path,
                format!("`{}` is no version requirement", runtime.version),
                "write for example \">=3.11\" or \"^24\"",
            );
        }
        if let Some(other) = &runtime.matches {
            known_runtime(findings, &["runtimes", name.as_str(), "matches"], other);
        }
        for (at, lacking) in runtime.lacks.iter().enumerate().filter(|(_, lacking)| !server.routes.contains(lacking)) {
            let path = ["runtimes", name.as_str(), "lacks", &at.to_string()];
            let help = suggestion(lacking, server.routes.iter().map(String::as_str));
            findings.report(&path, format!("`{lacking}` is no route of this server"), help);
        }
    }
}

fn check_mode(findings: &mut Findings<'_, '_, Server>, name: &ModeName, mode: &Mode) {
    let known = || PLACEHOLDERS.into_iter().chain(mode.parameters.keys().map(|name| name.as_str()));
    let texts = mode.command.iter().enumerate().map(|(at, text)| (vec!["command".to_owned(), at.to_string()], text));
    let texts = texts.chain(mode.env.iter().map(|(key, text)| (vec!["env".to_owned(), key.clone()], text)));
    let texts = texts.chain([(vec!["processes".to_owned()], &mode.processes)]);
    for (inner, text) in texts {
        for unknown in placeholders(text).filter(|name| !known().any(|known| known == *name)) {
            let mut path = vec!["modes", name.as_str()];
            path.extend(inner.iter().map(String::as_str));
            findings.report(&path, format!("unknown placeholder `{{{unknown}}}`"), suggestion(unknown, known()));
        }
    }
    if mode.command.is_empty() {
        findings.report(
            &["modes", name.as_str(), "command"],
            "an empty command".to_owned(),
            "give the program and its arguments",
        );
    }
    for (at, runtime) in mode.runtimes.iter().flatten().enumerate() {
        known_runtime(findings, &["modes", name.as_str(), "runtimes", &at.to_string()], runtime);
    }
    for (parameter, bounds) in &mode.parameters {
        if !(bounds.min..=bounds.max).contains(&bounds.default) {
            let path = ["modes", name.as_str(), "parameters", parameter.as_str(), "default"];
            findings.report(
                &path,
                format!("{} is out of bounds", bounds.default),
                format!("take {} to {}", bounds.min, bounds.max),
            );
        }
    }
}

fn known_mode(findings: &mut Findings<'_, '_, Server>, path: &[&str], mode: &ModeName) {
    let server = &findings.found.value;
    if !server.modes.contains_key(mode) {
        let help = suggestion(mode.as_str(), server.modes.keys().map(|name| name.as_str()));
        findings.report(path, format!("unknown mode `{mode}`"), help);
    }
}

fn known_runtime(findings: &mut Findings<'_, '_, Server>, path: &[&str], runtime: &RuntimeName) {
    let server = &findings.found.value;
    if !server.runtimes.contains_key(runtime) {
        let help = suggestion(runtime.as_str(), server.runtimes.keys().map(|name| name.as_str()));
        findings.report(path, format!("unknown runtime `{runtime}`"), help);
    }
}
