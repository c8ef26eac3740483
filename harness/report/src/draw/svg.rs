//! Turns what plotters wrote into a drawing that follows the page: classes for inks, a title and a description.

use maud::html;

use crate::draw::canvas::{Painting, Spot};
use crate::draw::ink::{Dash, Ink, Layer, css_classes, css_variables};
use crate::words;

/// The fonts of the reader's system; nothing is loaded.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif";

/// A finished drawing.
#[derive(Clone, Debug)]
pub(crate) struct Drawing {
    /// Its name, unlike that of any other drawing on a page; it becomes ids.
    pub(crate) name: String,
    /// What it shows, in a line.
    pub(crate) title: String,
    /// The finding in words, for whoever cannot see it.
    pub(crate) finding: String,
    /// The series that a page may switch off, by their places.
    pub(crate) series: Vec<String>,
    /// What was drawn.
    pub(crate) painting: Painting,
}

/// Half the side of a place that tells its value, in the units of the body.
const SPOT: u32 = 34;

impl Drawing {
    /// The drawing as part of a page, whose style sheet gives the inks and the fonts.
    pub(crate) fn inline(&self) -> String {
        self.element("", "")
    }

    /// The drawing as a file of its own, on paper, with its style sheet.
    pub(crate) fn standalone(&self) -> String {
        let own = format!(
            "<style>\n{}{}</style>\n<rect width=\"100%\" height=\"100%\" class=\"f-paper\" fill=\"{}\"/>\n",
            css_variables(),
            css_classes(),
            Ink::Paper.shade().light
        );
        self.element(&format!(" xmlns=\"http://www.w3.org/2000/svg\" font-family=\"{FONTS}\""), &own)
    }

    fn element(&self, attributes: &str, own: &str) -> String {
        let (width, height) = self.painting.size;
        let (title, description) = (format!("{}-title", self.name), format!("{}-finding", self.name));
        let words = html! {
            title id=(title) { (self.title) }
            desc id=(description) { (self.finding) }
        };
        let element = format!(
            "<svg{attributes} viewBox=\"0 0 {width} {height}\" width=\"100%\" role=\"img\" \
             aria-labelledby=\"{title} {description}\" stroke-linejoin=\"round\">\n{}\n{own}{}{}</svg>\n",
            words.into_string(),
            self.painting.body,
            spots(&self.painting.spots)
        );
        words::printable(&element)
    }
}

/// Places that tell their values: without scripts by the reader's own tooltips.
fn spots(spots: &[Spot]) -> String {
    if spots.is_empty() {
        return String::new();
    }
    let spot = |spot: &Spot| {
        let (x, y) = spot.at;
        html! { circle cx=(x) cy=(y) r=(SPOT) class=[class(spot.layer)] { title { (spot.text) } } }.into_string()
    };
    let all: String = spots.iter().map(spot).collect();
    format!("<g class=\"spots\" fill=\"none\" pointer-events=\"all\">{all}</g>\n")
}

fn class(layer: Layer) -> Option<String> {
    (layer != Layer::SHARED).then(|| layer.class())
}

/// The elements inside the document that plotters wrote, with inks instead of codes.
pub(crate) fn body(document: &str) -> String {
    let inner = document.split_once('>').map_or("", |(_, rest)| rest);
    let inner = inner.trim_end().strip_suffix("</svg>").unwrap_or(inner).trim_start();
    let plain =
        inner.replace(" font-family=\"sans-serif\"", "").replace(" opacity=\"1\"", "").replace("\n</text>", "</text>");
    let plain = plain.replace(" stroke=\"none\"", "").replace(" \"/>", "\"/>");
    with_inks(&plain)
}

fn with_inks(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("=\"#") {
        out.push_str(before);
        let attribute = before.rsplit(' ').next().unwrap_or_default();
        match after.get(..6).and_then(Ink::decode) {
            Some((shade, dash, layer)) => {
                let kind = if attribute == "stroke" { "s" } else { "f" };
                let class = format!("{kind}-{} {}", shade.name, layer.class());
                out.push_str(&format!("=\"{}\" class=\"{}\"{}", shade.light, class.trim_end(), dashes(dash)));
                rest = after.get(7..).unwrap_or_default();
            }
            None => {
                out.push_str("=\"#");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The lengths of dashes, in the units of the body.
const fn dashes(dash: Dash) -> &'static str {
    match dash {
        Dash::Solid => "",
        Dash::Dashed => " stroke-dasharray=\"24 14\"",
        Dash::Dotted => " stroke-dasharray=\"2 14\" stroke-linecap=\"round\"",
        Dash::Mixed => " stroke-dasharray=\"32 12 2 12\" stroke-linecap=\"round\"",
    }
}
