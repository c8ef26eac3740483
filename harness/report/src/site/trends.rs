//! The page on trends: each claim from run to run, by type of machine, with the changes of its level.

use maud::{Markup, html};
use model::history::Trend;

use crate::charts::{Figure, Place};
use crate::joined::Run;
use crate::site::parts::{figure, table, text};
use crate::site::shell::{Page, shell};
use crate::words;

pub(crate) fn page(run: &Run<'_>, figures: &[Figure]) -> String {
    let mut machines: Vec<&str> = run.trends.iter().map(|trend| trend.machine.as_str()).collect();
    machines.dedup();
    let own: Vec<&Figure> = figures.iter().filter(|figure| figure.place == Place::Trends).collect();
    let rows: Vec<Vec<Markup>> = run.trends.iter().map(row).collect();
    let content = html! {
        h1 { "From run to run" }
        p { "Runs are compared on one type of machine only: across types the numbers say nothing. A level is the mean of a stretch of runs; a change is told where it is greater than the noise between neighbouring runs." }
        section aria-labelledby="changes" {
            h2 id="changes" { "Every claim" }
            (table("Effects from run to run", &["Claim", "Machine", "Runs", "Levels, in their order", "Last verdict"], &rows))
        }
        section aria-labelledby="charts" {
            h2 id="charts" { "Charts" }
            div.charts { @for found in own { (figure(found, "")) } }
        }
    };
    shell(run, Page::Trends, "From run to run", &content)
}

fn row(trend: &Trend) -> Vec<Markup> {
    let levels: Vec<String> =
        trend.levels.iter().map(|level| format!("{} times", words::number(level.effect))).collect();
    let last = trend.points.last().map_or("none", |point| point.verdict.in_words());
    vec![
        text(trend.claim.as_str()),
        text(&trend.machine),
        text(trend.points.len().to_string()),
        text(levels.join(", then ")),
        text(last),
    ]
}
