//! A claim's evidence: its gates, its controls, and the numbers of every block.

use maud::{Markup, html};
use model::analysis::ScalingFit;

use crate::joined::{ClaimView, Run};
use crate::site::parts::{badge, table, text};
use crate::words;

pub(crate) fn gates(claim: &ClaimView<'_>) -> Markup {
    let gates = &claim.verdict.gates;
    let rows: Vec<Vec<Markup>> = gates
        .iter()
        .map(|gate| {
            let answer = if gate.pass { ("passes", "✓ pass") } else { ("fails", "✗ fail") };
            vec![
                html! { (format!("{:?}", gate.gate)) " " (gate.gate.title()) },
                html! { span class=(answer.0) { (answer.1) } },
                text(&gate.detail),
            ]
        })
        .collect();
    html! {
        section aria-labelledby="gates" {
            h2 id="gates" { "Gates" }
            @if rows.is_empty() { p { "No gate was reached: nothing was measured for this claim." } }
            @else {
                p.quiet { "One failure withholds the verdict. " a href="../method.html#gates" { "What each gate asks" } "." }
                (table("Gates of this claim", &["Gate", "Answer", "What was seen"], &rows))
            }
        }
    }
}

pub(crate) fn controls(run: &Run<'_>, claim: &ClaimView<'_>) -> Markup {
    let Some(design) = claim.design else { return html! {} };
    let controls = &design.planned.claim.controls;
    html! {
        @if !controls.is_empty() {
            section aria-labelledby="controls" {
                h2 id="controls" { "Controls" }
                p.quiet { "Unless each of these comes out as stated, this claim gets no verdict." }
                ul.plain {
                    @for id in controls {
                        li {
                            @if let Some(control) = run.claim(id) {
                                (badge(control.verdict.outcome)) " "
                                a href={ (id) ".html" } { (text(&control.verdict.statement)) }
                                @if let Some(effect) = words::effect(control.verdict) { " " (effect) }
                            } @else { (id) ": not in this record" }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn blocks(claim: &ClaimView<'_>) -> Markup {
    let (Some(design), Some(comparison)) = (claim.design, claim.comparison) else { return html! {} };
    let metric = &design.planned.claim.metric;
    let pairs = comparison.pairs.iter().map(|pair| {
        let cells = vec![
            html! { (pair.block + 1) },
            text(words::bounded(metric, pair.baseline, pair.baseline_at_most)),
            text(words::bounded(metric, pair.treatment, pair.treatment_at_most)),
            text(words::number(pair.treatment / pair.baseline)),
        ];
        (pair.block, cells)
    });
    let missing = comparison.missing.iter().map(|gap| {
        let dash = || text("–");
        (gap.block, vec![html! { (gap.block + 1) }, dash(), dash(), html! { "missing: " (text(&gap.reason)) }])
    });
    let mut rows: Vec<(u32, Vec<Markup>)> = pairs.chain(missing).collect();
    rows.sort_by_key(|(block, _)| *block);
    let rows: Vec<Vec<Markup>> = rows.into_iter().map(|(_, cells)| cells).collect();
    let caption = format!("{} by block", words::capitalised(&metric.in_words()));
    html! {
        section aria-labelledby="blocks" {
            h2 id="blocks" { "Blocks" }
            @if rows.is_empty() { p { "No block gave a number for either arm." } }
            @else { (table(&caption, &["Block", "Baseline", "Treatment", "Ratio"], &rows)) }
            @if let Some(scaling) = &comparison.scaling { (fit(scaling)) }
        }
    }
}

/// The fitted laws of scaling, in a sentence.
fn fit(scaling: &ScalingFit) -> Markup {
    let shown = |fitted: model::analysis::FittedParameter| match (fitted.low, fitted.high) {
        (Some(low), Some(high)) => {
            format!("{} ({} to {})", words::number(fitted.estimate), words::number(low), words::number(high))
        }
        _ => words::number(fitted.estimate),
    };
    html! {
        p {
            "Amdahl's serial fraction over the measured levels: " (shown(scaling.serial_fraction))
            @if let Some(contention) = scaling.contention { "; contention σ of the Universal Scalability Law: " (shown(contention)) }
            @if let Some(coherency) = scaling.coherency { "; coherency κ: " (shown(coherency)) }
            ". They say nothing beyond the levels that were measured."
        }
    }
}
