//! Drawing: inks, a canvas over plotters' SVG backend, axes, and the sheet that every chart is laid out on.

pub(crate) mod axis;
pub(crate) mod canvas;
pub(crate) mod ink;
pub(crate) mod pen;
pub(crate) mod sheet;
pub(crate) mod svg;
pub(crate) mod text;
