//! Latchkey: phone sign-in for web applications whose users live in Transmit Security.
//!
//! The map of the house:
//!
//! - [`domain`]: words that browser and server share.
//! - [`server`]: everything that may hold a secret (feature `ssr`).
//! - [`app`]: what a person sees; its islands are the only code that runs in a browser.
//! - [`api`]: the doors: server functions, thin (feature `ssr`).
//! - `sandbox`: a stand-in for Transmit, met only over HTTP (feature `sandbox`).
//! - `fuzz`: what parsers promise of any bytes (tests, and feature `fuzzing`).
//!
//! Imports run one way: `domain` ← `settings`, `audit`, `clock` ← `store`, `transmit` ← `guard`,
//! `session` ← `sign_in` ← `api`, `app` ← `web`, `gateway` ← `product` ← `main`. All but the first,
//! `api` and `app` are rooms of `server`.

pub mod app;
pub mod domain;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
mod embedded;
#[cfg(feature = "ssr")]
pub mod server;

#[cfg(all(feature = "ssr", any(test, feature = "fuzzing")))]
pub mod fuzz;

/// Where the browser starts: prepares for the islands of a page, which are then hydrated one by
/// one.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
