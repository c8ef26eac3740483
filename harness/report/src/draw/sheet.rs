//! The sheet that every chart is laid out on: title, subtitle, legend, panels one under another, caption.
//!
//! It is narrow on purpose: on a phone a sheet is shown at nearly its nominal width, so that its smallest text stays
//! readable, and on a desk two stand side by side.

use crate::draw::axis::Axis;
use crate::draw::canvas::{At, Canvas, Face, Line, draw};
use crate::draw::ink::Ink;
use crate::draw::pen::Pen;
use crate::draw::svg::Drawing;
use crate::draw::text::{width, wrap};

/// Nominal width in pixels; on a 360 px page it is shown at about nine tenths.
pub(crate) const WIDTH: f64 = 384.0;
/// The smallest text, in nominal pixels.
pub(crate) const TEXT: f64 = 13.0;
const TITLE: f64 = 15.5;
/// How much wider bold text is.
pub(crate) const BOLD: f64 = 1.18;
const MARGIN: f64 = 8.0;
pub(crate) const LINE: f64 = 17.0;
/// Room for the marker in a legend.
const SWATCH: f64 = 34.0;

/// A chart before it is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) title: String,
    /// The finding in words.
    pub(crate) finding: String,
    pub(crate) subtitle: String,
    /// Entries with a pen are the chart's series, in their order: it draws each as such on the canvas.
    pub(crate) legend: Vec<Entry>,
    pub(crate) panels: Vec<Frame>,
    pub(crate) caption: Vec<String>,
}

/// One line of the legend.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) sign: Sign,
    pub(crate) text: String,
}

/// What a line of the legend explains.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sign {
    Pen(Pen),
    Line(Line),
    Band(Ink),
    Text(&'static str),
}

/// A panel's axes and room.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// Height of the plot itself.
    pub(crate) height: f64,
    /// Room for labels at the right.
    pub(crate) right: f64,
}

/// A panel in its place.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) frame: Frame,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Panel {
    /// Where a pair of values lies.
    pub(crate) fn at(&self, x: f64, y: f64) -> At {
        (self.x(x), self.y(y))
    }

    pub(crate) fn x(&self, value: f64) -> f64 {
        self.left + self.frame.x.place(value) * (self.right - self.left)
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        self.bottom - self.frame.y.place(value) * (self.bottom - self.top)
    }

    /// A horizontal line through the whole panel.
    pub(crate) fn level(&self, canvas: &Canvas<'_>, y: f64, line: Line) {
        canvas.line([(self.left, self.y(y)), (self.right, self.y(y))], line);
    }
}

impl Sheet {
    /// Draws the sheet; `paint` fills its panels, which are given in their order.
    pub(crate) fn draw(self, paint: impl FnOnce(&Canvas<'_>, &[Panel])) -> Drawing {
        let room = WIDTH - 2.0 * MARGIN;
        let titles = wrap(&self.title, TITLE * BOLD, room);
        let subtitles = wrap(&self.subtitle, TEXT, room);
        let legend: Vec<(Sign, Vec<String>)> =
            self.legend.iter().map(|entry| (entry.sign, wrap(&entry.text, TEXT, room - SWATCH))).collect();
        let captions: Vec<String> = self.caption.iter().flat_map(|text| wrap(text, TEXT, room)).collect();

        let subtitle_top = MARGIN + titles.len() as f64 * 20.0 + 3.0;
        let legend_top = subtitle_top + subtitles.len() as f64 * LINE + 5.0;
        let legend_lines: usize = legend.iter().map(|(_, lines)| lines.len()).sum();
        let (panels, caption_top) = place(&self.panels, legend_top + legend_lines as f64 * (LINE + 1.0) + 4.0);
        let height = caption_top + captions.len() as f64 * LINE + MARGIN;

        let painting = draw((WIDTH, height.ceil()), |canvas| {
            lines(canvas, MARGIN, MARGIN + 10.0, 20.0, &titles, Face::plain(TITLE, Ink::Text).bold());
            lines(canvas, MARGIN, subtitle_top + LINE / 2.0, LINE, &subtitles, Face::plain(TEXT, Ink::Muted));
            draw_legend(canvas, legend_top + LINE / 2.0, &legend);
            panels.iter().for_each(|panel| draw_axes(canvas, panel));
            paint(canvas, &panels);
            lines(canvas, MARGIN, caption_top + LINE / 2.0, LINE, &captions, Face::plain(TEXT, Ink::Muted));
        });
        let series = self.legend.into_iter().filter(|entry| matches!(entry.sign, Sign::Pen(_))).map(|entry| entry.text);
        Drawing { name: self.name, title: self.title, finding: self.finding, series: series.collect(), painting }
    }
}

fn lines(canvas: &Canvas<'_>, left: f64, first: f64, step: f64, lines: &[String], face: Face) {
    for (number, line) in lines.iter().enumerate() {
        canvas.text((left, first + number as f64 * step), line, face);
    }
}

fn draw_legend(canvas: &Canvas<'_>, first: f64, legend: &[(Sign, Vec<String>)]) {
    let mut y = first;
    for (sign, texts) in legend {
        let ends = [(MARGIN, y), (MARGIN + SWATCH - 8.0, y)];
        match sign {
            Sign::Pen(pen) => {
                canvas.line(ends, pen.line(2.0));
                pen.mark(canvas, (MARGIN + (SWATCH - 8.0) / 2.0, y));
            }
            Sign::Line(line) => canvas.line(ends, *line),
            Sign::Text(text) => {
                let face = Face::plain(TEXT, Ink::Text).bold().centred();
                canvas.text((MARGIN + (SWATCH - 8.0) / 2.0, y), text, face);
            }
            Sign::Band(ink) => canvas.block((MARGIN, y - 6.0), (MARGIN + SWATCH - 8.0, y + 6.0), *ink),
        }
        lines(canvas, MARGIN + SWATCH, y, LINE, texts, Face::plain(TEXT, Ink::Text));
        y += texts.len() as f64 * (LINE + 1.0);
    }
}

/// The panels in their places, and where the caption begins.
fn place(frames: &[Frame], mut top: f64) -> (Vec<Panel>, f64) {
    let mut panels = Vec::new();
    let tick_widths = frames.iter().flat_map(|frame| &frame.y.ticks).map(|(_, label)| width(label, TEXT));
    let left = MARGIN + tick_widths.fold(0.0, f64::max) + 8.0;
    for frame in frames {
        let title = if frame.y.title.is_empty() { 6.0 } else { 22.0 };
        let below = if frame.x.title.is_empty() { 30.0 } else { 46.0 };
        let bottom = top + title + frame.height;
        let right = WIDTH - MARGIN - frame.right;
        panels.push(Panel { frame: frame.clone(), left, top: top + title, right, bottom });
        top = bottom + below;
    }
    (panels, top)
}

fn draw_axes(canvas: &Canvas<'_>, panel: &Panel) {
    let (x, y) = (&panel.frame.x, &panel.frame.y);
    let face = Face::plain(TEXT, Ink::Muted);
    if !y.title.is_empty() {
        canvas.text((MARGIN, panel.top - 14.0), &y.title, Face::plain(TEXT, Ink::Text));
    }
    for (value, label) in &y.ticks {
        panel.level(canvas, *value, Line::solid(Ink::Grid, 1.0));
        canvas.text((panel.left - 6.0, panel.y(*value)), label, face.to_the_left());
    }
    let mut free_from = f64::NEG_INFINITY;
    for (value, label) in &x.ticks {
        let (at, half) = (panel.x(*value), width(label, TEXT) / 2.0);
        canvas.line([(at, panel.bottom), (at, panel.bottom + 4.0)], Line::solid(Ink::Reference, 1.0));
        if at - half >= free_from {
            canvas.text((at, panel.bottom + 13.0), label, face.centred());
            free_from = at + half + 5.0;
        }
    }
    canvas.line([(panel.left, panel.bottom), (panel.right, panel.bottom)], Line::solid(Ink::Reference, 1.0));
    if !x.title.is_empty() {
        let middle = f64::midpoint(panel.left, panel.right);
        canvas.text((middle, panel.bottom + 31.0), &x.title, Face::plain(TEXT, Ink::Text).centred());
    }
}

/// Labels at the right end of lines, moved apart so that none covers another. Each comes with the height it wants.
pub(crate) fn end_labels(canvas: &Canvas<'_>, panel: &Panel, mut labels: Vec<(f64, String, Ink)>) {
    const APART: f64 = 15.0;
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free_from = f64::NEG_INFINITY;
    for label in &mut labels {
        label.0 = label.0.max(free_from);
        free_from = label.0 + APART;
    }
    let over = (free_from - APART - panel.bottom).max(0.0);
    for (y, text, ink) in labels {
        canvas.text((panel.right + 8.0, y - over), &text, Face::plain(TEXT, ink).bold());
    }
}
