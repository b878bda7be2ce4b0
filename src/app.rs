//! The pages. A page is a pure function of a [`view::PageFrame`] and a [`view::View`].
//!
//! The islands are the only code that runs in a browser. Every page works without them.

pub mod islands;

#[cfg(feature = "ssr")]
pub mod brand;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
pub mod i18n;
#[cfg(feature = "ssr")]
pub mod page_states;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod view;

#[cfg(feature = "ssr")]
pub use i18n::Text;
#[cfg(feature = "ssr")]
pub use shell::render;
