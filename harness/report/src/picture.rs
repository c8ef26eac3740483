//! Charts as PNG, for places that show no SVG: the very drawing on light paper, set in a font that comes with it, so that every machine
//! makes the same picture. It draws nothing itself.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::artifact::Artifact;

/// Pixels for each unit of a drawing, which has four units for a nominal pixel: sharp where it is shown at its nominal size on a dense
/// screen.
const PIXELS_PER_UNIT: f32 = 0.5;
/// Most pixels of a picture: a chart has about one million, the longest matrix of attacks two.
const PIXELS_MAX: u64 = 64_000_000;
/// The fonts, and what they are called; where they come from is said beside them.
const FONTS: [&[u8]; 2] = [include_bytes!("../fonts/DejaVuSans.ttf"), include_bytes!("../fonts/DejaVuSans-Bold.ttf")];
const FAMILY: &str = "DejaVu Sans";

/// Why a chart could not be made a picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It is no chart, or not as we draw them.
    #[error("{path} cannot be read as a drawing ({detail})")]
    NoDrawing {
        /// Its path.
        path: String,
        /// What is wrong with it.
        detail: String,
    },
    /// It has no size, or a greater one than a picture can have.
    #[error("{path} is {width} by {height} units, which makes no picture")]
    Size {
        /// Its path.
        path: String,
        /// Its width in units.
        width: f32,
        /// Its height in units.
        height: f32,
    },
    /// It could not be encoded.
    #[error("{path} cannot be encoded as PNG ({detail})")]
    Encoding {
        /// Its path.
        path: String,
        /// What the encoder said.
        detail: String,
    },
}

/// The name of a chart, as `charts/NAME.svg`; nothing for an artifact that is none.
#[must_use]
pub fn chart_name(artifact: &Artifact) -> Option<&str> {
    artifact.path.strip_prefix("charts/")?.strip_suffix(".svg")
}

/// A chart as PNG, with the path of its SVG but for the ending: two pixels for each nominal one, on light paper.
///
/// # Errors
/// When the artifact is no chart.
pub fn picture(chart: &Artifact) -> Result<Artifact, PictureError> {
    let path = || chart.path.clone();
    let no_drawing = |detail: String| PictureError::NoDrawing { path: path(), detail };
    let svg = std::str::from_utf8(&chart.bytes).map_err(|error| no_drawing(error.to_string()))?;
    let options = Options { fontdb: DATABASE.clone(), font_family: FAMILY.to_owned(), ..Options::default() };
    let tree = Tree::from_str(&without_style(svg), &options).map_err(|error| no_drawing(error.to_string()))?;
    let size = tree.size();
    let too_large = || PictureError::Size { path: path(), width: size.width(), height: size.height() };
    let pixels = size.to_int_size().scale_by(PIXELS_PER_UNIT).ok_or_else(too_large)?;
    let pixels = Some(pixels).filter(|size| u64::from(size.width()) * u64::from(size.height()) <= PIXELS_MAX);
    let pixels = pixels.ok_or_else(too_large)?;
    let mut pixmap = Pixmap::new(pixels.width(), pixels.height()).ok_or_else(too_large)?;
    resvg::render(&tree, Transform::from_scale(PIXELS_PER_UNIT, PIXELS_PER_UNIT), &mut pixmap.as_mut());
    let bytes =
        pixmap.encode_png().map_err(|error| PictureError::Encoding { path: path(), detail: error.to_string() })?;
    let stem = chart.path.strip_suffix(".svg").unwrap_or(&chart.path);
    Ok(Artifact { path: format!("{stem}.png"), media_type: "image/png", bytes })
}

static DATABASE: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut database = fontdb::Database::new();
    for font in FONTS {
        database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    database.set_sans_serif_family(FAMILY);
    database.set_serif_family(FAMILY);
    Arc::new(database)
});

/// The drawing without its style sheet, whose custom properties the renderer does not know: every element has its colour on light paper
/// as an attribute, too.
fn without_style(svg: &str) -> String {
    let parts = svg.split_once("<style>").and_then(|(before, rest)| Some((before, rest.split_once("</style>")?.1)));
    parts.map_or_else(|| svg.to_owned(), |(before, after)| format!("{before}{after}"))
}
