//! Attacks by arm: which were stopped, and which passed. One matrix for the arms of each claim, and one on the workload's page for all of
//! its arms.

use model::define::attack::Attack;
use model::define::workload::Stream;
use model::names::WorkloadName;
use model::plan::Arm;
use model::verdict::Outcome;

use crate::charts::{Chart, Figure, Place};
use crate::distribution::observed;
use crate::draw::axis::{Axis, Scale};
use crate::draw::canvas::{Canvas, Face, Line};
use crate::draw::ink::Ink;
use crate::draw::pen::{Series, series};
use crate::draw::sheet::{Entry, Frame, LINE, Panel, Sheet, Sign, TEXT, WIDTH};
use crate::draw::text::wrap;
use crate::facts;
use crate::joined::{ClaimView, Design, Run};

pub(crate) struct AttackMatrix;

/// Width of an arm's column.
const COLUMN: f64 = 46.0;
/// The most arms of a matrix: more would leave no room for the attacks' names.
const COLUMNS_MAX: usize = 5;
/// Room between two rows.
const GAP: f64 = 6.0;

/// What became of an attack on an arm.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Stopped,
    /// In so many of all trials, with what the server did.
    Passed {
        trials: u64,
        how: String,
    },
    /// No trial of the arm was observed.
    Unknown,
}

/// The arms of one matrix, each with what became of every attack.
struct Matrix<'a> {
    attacks: &'a [Attack],
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    series: Series<'a>,
    trials: u64,
    fates: Vec<Fate>,
}

impl Chart for AttackMatrix {
    fn draw(&self, run: &Run<'_>) -> Vec<Figure> {
        let designed = run.claims.iter().filter_map(|claim| Some((claim, claim.design.as_ref()?)));
        let with_attacks: Vec<Tried<'_>> = designed.filter(|(_, design)| attacked(design).is_some()).collect();
        let of_claim = |tried: &Tried<'_>| {
            let claim = &tried.0.verdict.claim;
            figure(run, &[*tried], (format!("{claim}-attack-matrix"), Place::Claim(claim.clone())))
        };
        let mut figures: Vec<Figure> = with_attacks.iter().filter_map(of_claim).collect();
        let mut seen: Vec<&WorkloadName> = Vec::new();
        for (_, design) in &with_attacks {
            let workload = &design.experiment.workload.name;
            if seen.contains(&workload) {
                continue;
            }
            seen.push(workload);
            let same = with_attacks.iter().filter(|(_, other)| other.experiment.workload.name == *workload);
            let same: Vec<Tried<'_>> = same.copied().collect();
            let named = (format!("{workload}-all-attacks"), Place::Workload(workload.clone()));
            figures.extend(figure(run, &same, named));
        }
        figures
    }
}

/// A claim whose workload is attacks, with its design.
type Tried<'a> = (&'a ClaimView<'a>, &'a Design<'a>);

/// The attacks of a design's workload.
fn attacked<'a>(design: &Design<'a>) -> Option<&'a Stream> {
    design.experiment.workload.streams.iter().find(|stream| !stream.attacks.is_empty())
}

/// The matrix of the arms that some claims on one workload compare.
fn figure(run: &Run<'_>, claims: &[Tried<'_>], (name, place): (String, Place)) -> Option<Figure> {
    let (_, design) = claims.first()?;
    let attacks = attacked(design)?.attacks.as_slice();
    let mut arms: Vec<(&Arm, &Design<'_>)> = Vec::new();
    for (_, design) in claims {
        for arm in design.compared() {
            if arms.iter().all(|(known, _)| known.id != arm.id) {
                arms.push((arm, *design));
            }
        }
    }
    let left_out = arms.len().saturating_sub(COLUMNS_MAX);
    arms.truncate(COLUMNS_MAX);
    let looks = series(&run.record.header.servers, &arms.iter().map(|(arm, _)| *arm).collect::<Vec<_>>());
    let columns = looks.into_iter().zip(&arms).map(|(series, (_, design))| column(run, design, attacks, series));
    let matrix = Matrix { attacks, columns: columns.collect() };
    let rows = rows(&matrix);
    let height: f64 = rows.iter().map(|lines| row_height(lines)).sum();
    let mut caption = vec![
        facts::versions(run, claims.iter().map(|(claim, _)| *claim)),
        format!("{}.", run.record.header.machine.in_words()),
        facts::floor(run, design),
    ];
    if left_out > 0 {
        caption.insert(0, format!("{left_out} further arms are in the table of attacks."));
    }
    let none = |max| Axis { title: String::new(), scale: Scale::Linear, min: 0.0, max, ticks: Vec::new() };
    let sheet = Sheet {
        name,
        title: format!("Attacks, stopped or not: {}", design.experiment.workload.title),
        finding: matrix.columns.iter().map(|column| finding(attacks, column)).collect::<Vec<_>>().join(" "),
        subtitle: format!("{} attacks, each tried once in each of {} blocks.", attacks.len(), design.experiment.blocks),
        legend: legend(&matrix),
        panels: vec![Frame {
            x: none(1.0),
            y: Axis { title: "Attack".to_owned(), ..none(height) },
            height,
            right: 4.0,
        }],
        caption,
    };
    let drawing = sheet.draw(|canvas, panels| {
        let Some(panel) = panels.first() else { return };
        draw_rows(canvas, panel, &rows);
        for (place, column) in matrix.columns.iter().enumerate() {
            let x = panel.right - COLUMN * ((matrix.columns.len() - place) as f64 - 0.5);
            canvas.series(place, || draw_column(canvas, panel, (x, rows.as_slice()), (attacks, column)));
        }
    });
    Some(Figure { place, drawing })
}

fn column<'a>(run: &Run<'a>, design: &Design<'a>, attacks: &[Attack], series: Series<'a>) -> Column<'a> {
    let arm = series.arm;
    let trials = observed(run.record, design.number, &arm.id);
    let fate = |attack: &Attack| {
        let begin = format!("{}: ", attack.name);
        let errors = trials.iter().flat_map(|(_, seen)| &seen.streams).flat_map(|stream| &stream.errors);
        let hits: Vec<(&str, u64)> =
            errors.filter_map(|(error, times)| Some((error.strip_prefix(&begin)?, *times))).collect();
        match hits.first() {
            _ if trials.is_empty() => Fate::Unknown,
            None => Fate::Stopped,
            Some((how, _)) => {
                Fate::Passed { trials: hits.iter().map(|(_, times)| times).sum(), how: (*how).to_owned() }
            }
        }
    };
    Column { fates: attacks.iter().map(fate).collect(), trials: trials.len() as u64, series }
}

fn legend(matrix: &Matrix<'_>) -> Vec<Entry> {
    let arms = matrix
        .columns
        .iter()
        .map(|column| Entry { sign: Sign::Pen(column.series.pen), text: column.series.arm.label.clone() });
    let fates = || matrix.columns.iter().flat_map(|column| &column.fates);
    let kinds = [
        ("✓", "stopped", fates().any(|fate| *fate == Fate::Stopped)),
        (
            "✗",
            "passed; with a number where not in every trial",
            fates().any(|fate| matches!(fate, Fate::Passed { .. })),
        ),
        ("?", "not known: no trial was observed", fates().any(|fate| *fate == Fate::Unknown)),
    ];
    let kinds = kinds.into_iter().filter(|(_, _, occurs)| *occurs);
    arms.chain(kinds.map(|(sign, text, _)| Entry { sign: Sign::Text(sign), text: text.to_owned() })).collect()
}

/// The lines of each attack's name.
fn rows(matrix: &Matrix<'_>) -> Vec<Vec<String>> {
    let room = WIDTH - 36.0 - COLUMN * matrix.columns.len() as f64;
    matrix.attacks.iter().map(|attack| wrap(&attack.name, TEXT, room)).collect()
}

fn row_height(lines: &[String]) -> f64 {
    lines.len().max(1) as f64 * LINE + GAP
}

/// The top and the middle of each row.
fn places(panel: &Panel, rows: &[Vec<String>]) -> Vec<(f64, f64)> {
    let mut top = panel.top;
    let place = |lines: &Vec<String>| {
        let found = (top, top + row_height(lines) / 2.0);
        top += row_height(lines);
        found
    };
    rows.iter().map(place).collect()
}

fn draw_rows(canvas: &Canvas<'_>, panel: &Panel, rows: &[Vec<String>]) {
    for ((top, _), lines) in places(panel, rows).into_iter().zip(rows) {
        canvas.line([(panel.left, top), (panel.right, top)], Line::solid(Ink::Grid, 1.0));
        for (number, line) in lines.iter().enumerate() {
            let y = top + GAP / 2.0 + LINE * (number as f64 + 0.5);
            canvas.text((panel.left, y), line, Face::plain(TEXT, Ink::Text));
        }
    }
}

fn draw_column(
    canvas: &Canvas<'_>,
    panel: &Panel,
    (x, rows): (f64, &[Vec<String>]),
    (attacks, column): (&[Attack], &Column<'_>),
) {
    let head = panel.top - 12.0;
    canvas.line([(x - 11.0, head), (x + 11.0, head)], column.series.pen.line(2.0));
    column.series.pen.mark(canvas, (x, head));
    for (((_, y), attack), fate) in places(panel, rows).into_iter().zip(attacks).zip(&column.fates) {
        let (sign, outcome) = match fate {
            Fate::Stopped => ("✓".to_owned(), Outcome::Supported),
            Fate::Passed { trials, .. } if *trials < column.trials => {
                (format!("✗ {trials}/{}", column.trials), Outcome::Refuted)
            }
            Fate::Passed { .. } => ("✗".to_owned(), Outcome::Refuted),
            Fate::Unknown => ("?".to_owned(), Outcome::Inconclusive),
        };
        canvas.text((x, y), &sign, Face::plain(TEXT, Ink::Outcome(outcome)).bold().centred());
        canvas.spot((x, y), format!("{}: {}: {}", column.series.short, attack.name, said(fate, column.trials)));
    }
}

fn said(fate: &Fate, all: u64) -> String {
    match fate {
        Fate::Stopped => format!("stopped in all of {all} trials"),
        Fate::Passed { trials, how } => format!("passed in {trials} of {all} trials ({how})"),
        Fate::Unknown => "not known".to_owned(),
    }
}

fn finding(attacks: &[Attack], column: &Column<'_>) -> String {
    let named = |wanted: fn(&Fate) -> bool| -> Vec<&str> {
        let found = attacks.iter().zip(&column.fates).filter(|(_, fate)| wanted(fate));
        found.map(|(attack, _)| attack.name.as_str()).collect()
    };
    let stopped = named(|fate| *fate == Fate::Stopped).len();
    let label = &column.series.arm.label;
    if column.trials == 0 {
        return format!("{label}: no trial was observed.");
    }
    let passed = named(|fate| matches!(fate, Fate::Passed { .. }));
    let passed = if passed.is_empty() { "none passed".to_owned() } else { format!("passed: {}", passed.join(", ")) };
    format!("{label}: {stopped} of {} attacks are stopped; {passed}.", attacks.len())
}
