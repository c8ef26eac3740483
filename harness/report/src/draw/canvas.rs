//! A canvas over plotters' SVG backend, in nominal pixels. Everything is drawn through it, so that all
//! colour is ink.

use std::cell::{Cell, RefCell};

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, FontStyle, IntoFont, RGBAColor, ShapeStyle, TextStyle};

use model::define::server::Marker;

use crate::draw::ink::{Dash, Ink, Layer};
use crate::draw::svg;

/// Units of the drawing for one nominal pixel: the backend knows whole numbers only, and lines shall not be jagged.
const UNITS: f64 = 4.0;
/// plotters divides the size of a font by this before it writes it.
const FONT_FACTOR: f64 = 1.24;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A point in nominal pixels.
pub(crate) type At = (f64, f64);

/// A canvas.
pub(crate) struct Canvas<'a> {
    area: Area<'a>,
    /// The layer that is drawn on now.
    layer: Cell<Layer>,
    spots: RefCell<Vec<Spot>>,
}

/// A place in a drawing that tells its value when it is pointed at.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    /// The place, in the drawing's units.
    pub(crate) at: (i32, i32),
    pub(crate) layer: Layer,
    pub(crate) text: String,
}

/// What was drawn.
#[derive(Clone, Debug)]
pub(crate) struct Painting {
    /// Width and height, in units.
    pub(crate) size: (u32, u32),
    /// The elements.
    pub(crate) body: String,
    pub(crate) spots: Vec<Spot>,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) ink: Ink,
    pub(crate) dash: Dash,
    pub(crate) width: f64,
}

/// How the inside of a marker looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Full,
    Hollow,
}

/// How text is set.
#[derive(Clone, Copy)]
pub(crate) struct Face {
    pub(crate) size: f64,
    pub(crate) ink: Ink,
    pub(crate) weight: Weight,
    pub(crate) from: HPos,
}

/// How heavy text is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weight {
    Plain,
    Bold,
}

impl Line {
    pub(crate) const fn solid(ink: Ink, width: f64) -> Self {
        Self { ink, dash: Dash::Solid, width }
    }

    pub(crate) const fn dashed(ink: Ink, width: f64) -> Self {
        Self { ink, dash: Dash::Dashed, width }
    }
}

impl Face {
    pub(crate) const fn plain(size: f64, ink: Ink) -> Self {
        Self { size, ink, weight: Weight::Plain, from: HPos::Left }
    }

    pub(crate) const fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    pub(crate) const fn centred(self) -> Self {
        Self { from: HPos::Center, ..self }
    }

    pub(crate) const fn to_the_left(self) -> Self {
        Self { from: HPos::Right, ..self }
    }
}

/// Draws on a new canvas of a size.
pub(crate) fn draw(size: At, paint: impl FnOnce(&Canvas<'_>)) -> Painting {
    let (width, height) = units(size);
    let size = (width.unsigned_abs(), height.unsigned_abs());
    let mut document = String::new();
    let canvas = Canvas {
        area: SVGBackend::with_string(&mut document, size).into_drawing_area(),
        layer: Cell::default(),
        spots: RefCell::default(),
    };
    paint(&canvas);
    canvas.area.present().expect("a drawing into a String cannot fail");
    let spots = canvas.spots.take();
    drop(canvas);
    Painting { size, body: svg::body(&document), spots }
}

#[expect(clippy::cast_possible_truncation, reason = "places on a canvas of at most some thousand units")]
fn units((x, y): At) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}

fn filled(color: RGBAColor) -> ShapeStyle {
    ShapeStyle { color, filled: true, stroke_width: 0 }
}

impl Canvas<'_> {
    /// Draws one series of the legend, by its place from 0, so that a page can switch it off.
    pub(crate) fn series(&self, place: usize, paint: impl FnOnce()) {
        let before = self.layer.replace(Layer::of(place));
        paint();
        self.layer.set(before);
    }

    /// Lets a place tell its value.
    pub(crate) fn spot(&self, at: At, text: String) {
        self.spots.borrow_mut().push(Spot { at: units(at), layer: self.layer.get(), text });
    }

    fn style(&self, line: Line) -> ShapeStyle {
        let (_, width) = units((0.0, line.width));
        let color = line.ink.code(line.dash, self.layer.get()).to_rgba();
        ShapeStyle { color, filled: false, stroke_width: width.unsigned_abs() }
    }

    fn fill(&self, ink: Ink) -> plotters::style::RGBColor {
        ink.code(Dash::Solid, self.layer.get())
    }

    fn put<E>(&self, element: &E)
    where
        for<'b> &'b E: PointCollection<'b, (i32, i32)>,
        for<'b> E: Drawable<SVGBackend<'b>>,
    {
        self.area.draw(element).expect("a drawing into a String cannot fail");
    }

    /// A line through points.
    pub(crate) fn line(&self, points: impl IntoIterator<Item = At>, line: Line) {
        let points: Vec<(i32, i32)> = points.into_iter().map(units).collect();
        if points.len() > 1 {
            self.put(&PathElement::new(points, self.style(line)));
        }
    }

    /// A filled area.
    pub(crate) fn area(&self, points: impl IntoIterator<Item = At>, ink: Ink, opacity: f64) {
        let points: Vec<(i32, i32)> = points.into_iter().map(units).collect();
        self.put(&Polygon::new(points, filled(self.fill(ink).mix(opacity))));
    }

    /// A filled rectangle.
    pub(crate) fn block(&self, from: At, to: At, ink: Ink) {
        self.put(&Rectangle::new([units(from), units(to)], filled(self.fill(ink).to_rgba())));
    }

    /// Text whose middle line lies on a point's height.
    pub(crate) fn text(&self, at: At, text: &str, face: Face) {
        let weight = match face.weight {
            Weight::Plain => FontStyle::Normal,
            Weight::Bold => FontStyle::Bold,
        };
        let font = (FontFamily::SansSerif, face.size * UNITS * FONT_FACTOR, weight).into_font();
        let colour = self.fill(face.ink);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(face.from, VPos::Center));
        self.put(&Text::new(text.to_owned(), units(at), style));
    }

    /// A server's marker.
    pub(crate) fn marker(&self, (x, y): At, marker: Marker, ink: Ink, body: Body) {
        const R: f64 = 4.0;
        let line = Line::solid(ink, 1.8);
        let corners = |points: &[At]| points.iter().map(|(dx, dy)| (x + dx * R, y + dy * R)).collect::<Vec<At>>();
        let shape: Vec<At> = match marker {
            Marker::Circle => return self.circle((x, y), R, ink, body),
            Marker::Square => corners(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
            Marker::Triangle => corners(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)]),
            Marker::Diamond => corners(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
            Marker::Cross => {
                self.line(corners(&[(-0.9, -0.9), (0.9, 0.9)]), line);
                return self.line(corners(&[(-0.9, 0.9), (0.9, -0.9)]), line);
            }
            Marker::Plus => {
                self.line(corners(&[(-1.1, 0.0), (1.1, 0.0)]), line);
                return self.line(corners(&[(0.0, -1.1), (0.0, 1.1)]), line);
            }
        };
        let inside = match body {
            Body::Full => ink,
            Body::Hollow => Ink::Paper,
        };
        self.area(shape.clone(), inside, 1.0);
        let first = shape.first().copied();
        self.line(shape.into_iter().chain(first), line);
    }

    fn circle(&self, at: At, radius: f64, ink: Ink, body: Body) {
        let (_, radius) = units((0.0, radius));
        let inside = match body {
            Body::Full => ink,
            Body::Hollow => Ink::Paper,
        };
        self.put(&Circle::new(units(at), radius, filled(self.fill(inside).to_rgba())));
        self.put(&Circle::new(units(at), radius, self.style(Line::solid(ink, 1.8))));
    }
}
