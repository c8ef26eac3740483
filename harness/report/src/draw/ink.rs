//! Inks: what a colour stands for, with its two values for light and dark pages.
//!
//! plotters knows only RGB, so an ink travels through it as a code that [`crate::draw::svg`] turns back into a CSS
//! class. The page's own colours are made from the same table.

use model::define::server::Colour;
use model::verdict::Outcome;
use plotters::style::RGBColor;

/// What is drawn with a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// The page itself.
    Paper,
    /// Text and axes.
    Text,
    /// Text of less weight.
    Muted,
    /// Grid lines.
    Grid,
    /// The region in which a claim holds.
    Region,
    /// The border of that region, and other marks of reference.
    Reference,
    /// A server.
    Server(Colour),
    /// An outcome.
    Outcome(Outcome),
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dash {
    Solid,
    Dashed,
    Dotted,
    Mixed,
}

/// The dashes, in the order in which arms of one server take them.
pub(crate) const DASHES: [Dash; 4] = [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::Mixed];

/// An ink's name in CSS and its values on light and on dark paper.
#[derive(Debug)]
pub(crate) struct Shade {
    pub(crate) ink: Ink,
    pub(crate) name: &'static str,
    pub(crate) light: &'static str,
    pub(crate) dark: &'static str,
}

const fn shade(ink: Ink, name: &'static str, light: &'static str, dark: &'static str) -> Shade {
    Shade { ink, name, light, dark }
}

/// All inks. Servers have Okabe and Ito's hues, made darker on white (orange, sky blue, yellow, purple) or lighter on
/// black (black, blue) where the original falls below a contrast of 3:1.
pub(crate) const SHADES: [Shade; 18] = [
    shade(Ink::Paper, "paper", "#FFFFFF", "#14171A"),
    shade(Ink::Text, "ink", "#1D2126", "#E7E9EB"),
    shade(Ink::Muted, "muted", "#59616A", "#A3ABB3"),
    shade(Ink::Grid, "grid", "#E3E6E9", "#2C3238"),
    shade(Ink::Region, "region", "#DDEBE4", "#1E3A30"),
    shade(Ink::Reference, "reference", "#6B747D", "#8E979F"),
    shade(Ink::Server(Colour::Black), "black", "#1D2126", "#E7E9EB"),
    shade(Ink::Server(Colour::Orange), "orange", "#BC7A00", "#E69F00"),
    shade(Ink::Server(Colour::SkyBlue), "sky-blue", "#2A8AC4", "#56B4E9"),
    shade(Ink::Server(Colour::BluishGreen), "bluish-green", "#008F68", "#1FB78B"),
    shade(Ink::Server(Colour::Yellow), "yellow", "#948A00", "#F0E442"),
    shade(Ink::Server(Colour::Blue), "blue", "#0072B2", "#3D9BDB"),
    shade(Ink::Server(Colour::Vermilion), "vermilion", "#D55E00", "#E8752A"),
    shade(Ink::Server(Colour::ReddishPurple), "reddish-purple", "#B4578C", "#CC79A7"),
    shade(Ink::Outcome(Outcome::Supported), "supported", "#0B6B4A", "#4CC79A"),
    shade(Ink::Outcome(Outcome::Refuted), "refuted", "#B23A0E", "#F08A5D"),
    shade(Ink::Outcome(Outcome::Inconclusive), "inconclusive", "#7A5B00", "#D9B44A"),
    shade(Ink::Outcome(Outcome::NotTestable), "not-testable", "#59616A", "#A3ABB3"),
];

/// What is drawn for one series, so that a page can switch it off: 0 for what all share, else the series' place, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Layer(u8);

impl Layer {
    /// What belongs to no series.
    pub(crate) const SHARED: Self = Self(0);
    /// The most series that a code can carry.
    const MOST: usize = 60;

    /// The layer of a series by its place, from 0; series beyond the most are always shown.
    pub(crate) fn of(place: usize) -> Self {
        if place < Self::MOST { Self(u8::try_from(place + 1).unwrap_or(0)) } else { Self::SHARED }
    }

    /// Its class in a drawing; nothing for what all share.
    pub(crate) fn class(self) -> String {
        if self == Self::SHARED { String::new() } else { format!("k{}", self.0) }
    }
}

/// The last byte of every code, so that a code is never taken for a plain colour.
const CODE: u8 = 0xCB;

impl Ink {
    /// The row of [`SHADES`]; a test proves that every ink has one.
    fn row(self) -> usize {
        SHADES.iter().position(|shade| shade.ink == self).unwrap_or(1)
    }

    pub(crate) fn shade(self) -> &'static Shade {
        &SHADES[self.row()]
    }

    /// The code under which plotters carries the ink of a layer.
    pub(crate) fn code(self, dash: Dash, layer: Layer) -> RGBColor {
        let dash = DASHES.iter().position(|known| *known == dash).unwrap_or(0);
        let middle = usize::from(layer.0) * DASHES.len() + dash;
        RGBColor(u8::try_from(self.row()).unwrap_or(1), u8::try_from(middle).unwrap_or(0), CODE)
    }

    /// The ink, dash and layer of a code in six hexadecimal digits.
    pub(crate) fn decode(hex: &str) -> Option<(&'static Shade, Dash, Layer)> {
        let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        if hex.len() != 6 || byte(4)? != CODE {
            return None;
        }
        let middle = usize::from(byte(2)?);
        let layer = Layer(u8::try_from(middle / DASHES.len()).ok()?);
        Some((SHADES.get(usize::from(byte(0)?))?, *DASHES.get(middle % DASHES.len())?, layer))
    }
}

/// The custom properties of all inks: `light` stands alone, `dark` where the reader's system is dark.
pub(crate) fn css_variables() -> String {
    let values = |pick: fn(&Shade) -> &'static str| {
        SHADES.iter().map(|shade| format!("--{}:{};", shade.name, pick(shade))).collect::<String>()
    };
    format!(
        ":root{{color-scheme:light dark;{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n",
        values(|shade| shade.light),
        values(|shade| shade.dark)
    )
}

/// The classes that drawings use: `f-` fills, `s-` strokes.
pub(crate) fn css_classes() -> String {
    let class = |shade: &Shade| format!(".f-{0}{{fill:var(--{0})}}.s-{0}{{stroke:var(--{0})}}", shade.name);
    SHADES.iter().map(class).collect::<String>() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        let linear = |c: f64| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(channel(1)) + 0.7152 * linear(channel(3)) + 0.0722 * linear(channel(5))
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// WCAG 2.2: 3:1 for graphics (1.4.11), 4.5:1 for text (1.4.3).
    #[test]
    fn every_ink_stands_out_on_both_papers() {
        let paper = Ink::Paper.shade();
        for shade in &SHADES {
            let wanted = match shade.ink {
                Ink::Paper | Ink::Grid | Ink::Region => continue,
                Ink::Text | Ink::Muted | Ink::Outcome(_) => 4.5,
                Ink::Reference | Ink::Server(_) => 3.0,
            };
            assert!(contrast(shade.light, paper.light) >= wanted, "{} on light paper", shade.name);
            assert!(contrast(shade.dark, paper.dark) >= wanted, "{} on dark paper", shade.name);
        }
        let region = Ink::Region.shade();
        for shade in SHADES.iter().filter(|shade| matches!(shade.ink, Ink::Outcome(_) | Ink::Reference)) {
            assert!(contrast(shade.light, region.light) >= 3.0, "{} on the light region", shade.name);
            assert!(contrast(shade.dark, region.dark) >= 3.0, "{} on the dark region", shade.name);
        }
        assert!(contrast(Ink::Text.shade().light, region.light) >= 4.5);
        assert!(contrast(Ink::Text.shade().dark, region.dark) >= 4.5);
    }

    #[test]
    fn a_code_leads_back_to_its_ink() {
        for shade in &SHADES {
            for dash in DASHES {
                for layer in [Layer::SHARED, Layer::of(0), Layer::of(7), Layer::of(59)] {
                    let RGBColor(r, g, b) = shade.ink.code(dash, layer);
                    let (found, found_dash, found_layer) =
                        Ink::decode(&format!("{r:02X}{g:02X}{b:02X}")).expect("a code");
                    assert_eq!((found.ink, found_dash, found_layer), (shade.ink, dash, layer));
                }
            }
        }
        assert!(Ink::decode("FFFFFF").is_none());
    }
}
