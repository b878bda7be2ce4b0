//! The look of a company: its colours as a style sheet of custom properties, and its logos.
//!
//! Everything is derived once, at the start. Nothing here reads a setting: the settings call it to
//! say what is wrong with them.

pub mod color;
pub mod logo;
pub mod monogram;
pub mod palette;
mod png;
pub mod scheme;
pub mod style_sheet;
mod svg;
pub mod tokens;

pub use color::Color;
pub use logo::{Logo, LogoError};
pub use palette::Palette;
pub use scheme::Scheme;
