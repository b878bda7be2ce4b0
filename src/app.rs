//! What a person sees. A page is a pure function of a [`view::Frame`] and a [`view::View`]; the islands are the only
//! code that runs in a browser, and every page works without them.

pub mod islands;

#[cfg(feature = "ssr")]
pub mod view;
