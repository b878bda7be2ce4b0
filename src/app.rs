//! What a person sees. A page is a pure function of a [`view::Frame`] and a [`view::View`]; the islands are the only
//! code that runs in a browser, and every page works without them.

pub mod islands;
pub mod span;

#[cfg(feature = "ssr")]
mod document;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod parts;
#[cfg(feature = "ssr")]
pub mod text;
#[cfg(feature = "ssr")]
pub mod view;

#[cfg(feature = "ssr")]
pub use document::render;
#[cfg(feature = "ssr")]
pub use text::Text;
