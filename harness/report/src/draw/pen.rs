//! Pens: the look of each arm in a chart. Colour and marker are the server's; arms of one server differ by dash, body
//! and label.

use std::collections::BTreeMap;

use model::define::server::{Colour, Marker, Server};
use model::names::ServerName;
use model::plan::Arm;

use crate::draw::canvas::{At, Body, Canvas, Line};
use crate::draw::ink::{DASHES, Dash, Ink};

/// The look of an arm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    pub(crate) ink: Ink,
    pub(crate) marker: Marker,
    pub(crate) dash: Dash,
    pub(crate) body: Body,
}

/// An arm with its look and its labels.
#[derive(Clone, Debug)]
pub(crate) struct Series<'a> {
    pub(crate) arm: &'a Arm,
    pub(crate) pen: Pen,
    /// What tells it from the other arms of the chart.
    pub(crate) short: String,
}

impl Pen {
    pub(crate) const fn line(self, width: f64) -> Line {
        Line { ink: self.ink, dash: self.dash, width }
    }

    pub(crate) fn mark(self, canvas: &Canvas<'_>, at: At) {
        canvas.marker(at, self.marker, self.ink, self.body);
    }
}

/// Gives each arm its pen and its short label.
pub(crate) fn series<'a>(servers: &BTreeMap<ServerName, Server>, arms: &[&'a Arm]) -> Vec<Series<'a>> {
    let common = common_parts(arms);
    let of_arm = |(place, arm): (usize, &&'a Arm)| {
        let siblings = arms.iter().take(place).filter(|other| other.server == arm.server).count();
        let (colour, marker) =
            servers.get(&arm.server).map_or((Colour::Black, Marker::Circle), |server| (server.colour, server.marker));
        let pen = Pen {
            ink: Ink::Server(colour),
            marker,
            dash: DASHES.get(siblings % DASHES.len()).copied().unwrap_or(Dash::Solid),
            body: if siblings == 0 { Body::Full } else { Body::Hollow },
        };
        let own: Vec<&str> = arm.label.split(", ").filter(|part| !common.contains(part)).collect();
        let short = if own.is_empty() { unlike(arm, arms) } else { own.join(", ") };
        Series { arm, pen, short }
    };
    arms.iter().enumerate().map(of_arm).collect()
}

/// What tells an arm from the others where its label has nothing of its own: its runtime, its mode, else the whole label.
fn unlike(arm: &Arm, arms: &[&Arm]) -> String {
    let differs = |of: fn(&Arm) -> &str| arms.iter().any(|other| of(other) != of(arm));
    if differs(|arm| arm.runtime.as_str()) {
        arm.runtime.as_str().replace(['-', '_'], " ")
    } else if differs(|arm| arm.mode.as_str()) {
        arm.mode.as_str().replace(['-', '_'], " ")
    } else {
        arm.label.clone()
    }
}

fn common_parts<'a>(arms: &[&'a Arm]) -> Vec<&'a str> {
    let Some((first, others)) = arms.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Vec::new();
    };
    let shared = |part: &&str| others.iter().all(|other| other.label.split(", ").any(|own| own == *part));
    first.label.split(", ").filter(shared).collect()
}
