//! Charts as PNG: the same picture as the drawing, on light paper, with its text, and the same bytes each time.

mod support;

use report::{Artifact, PictureError, chart_name, picture};
use resvg::tiny_skia::Pixmap;
use support::canonical;

fn chart(name: &str) -> Artifact {
    let artifacts = canonical().render();
    artifacts.into_iter().find(|artifact| chart_name(artifact) == Some(name)).unwrap_or_else(|| panic!("no {name}"))
}

/// Pixels of exactly a colour.
fn pixels(picture: &Pixmap, [red, green, blue]: [u8; 3]) -> usize {
    let is_it = |pixel: &&resvg::tiny_skia::PremultipliedColorU8| {
        (pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()) == (red, green, blue, 255)
    };
    picture.pixels().iter().filter(is_it).count()
}

#[test]
fn a_picture_shows_the_drawing_with_its_text() {
    let chart = chart("loop-blocking-latency-ecdf");
    let picture = picture(&chart).expect("a picture");
    assert_eq!((picture.path.as_str(), picture.media_type), ("charts/loop-blocking-latency-ecdf.png", "image/png"));
    let drawn = Pixmap::decode_png(&picture.bytes).expect("PNG");
    assert_eq!(drawn.width(), 768, "two pixels for each of the 384 nominal ones");
    let all = (drawn.width() * drawn.height()) as usize;
    assert!(pixels(&drawn, [255, 255, 255]) > all * 8 / 10, "light paper");
    // Title and legend alone have some thousand pixels of ink; without a font there would be none.
    assert!(pixels(&drawn, [0x1D, 0x21, 0x26]) > 3_000, "{}", pixels(&drawn, [0x1D, 0x21, 0x26]));
    // Express is bluish green and FastAPI blue.
    for server in [[0x00, 0x8F, 0x68], [0x00, 0x72, 0xB2]] {
        assert!(pixels(&drawn, server) > 500, "{server:?}: {}", pixels(&drawn, server));
    }
    assert_eq!(report::picture(&chart).expect("a picture").bytes, picture.bytes);
}

#[test]
fn what_is_no_drawing_is_refused() {
    let artifact = |path: &str, text: &str| Artifact {
        path: path.to_owned(),
        media_type: "image/svg+xml",
        bytes: text.as_bytes().to_vec(),
    };
    for text in ["", "<svg", "<p>no drawing</p>"] {
        let error = picture(&artifact("charts/x.svg", text)).expect_err("no drawing");
        assert!(
            matches!(error, PictureError::NoDrawing { .. }) && error.to_string().contains("charts/x.svg"),
            "{error}"
        );
    }
    let vast = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9000000 9000000\"/>";
    let error = picture(&artifact("charts/x.svg", vast)).expect_err("too large");
    assert!(matches!(error, PictureError::Size { .. }), "{error}");
    assert_eq!(chart_name(&artifact("claims/x.html", "")), None);
}
