//! Latchkey: phone sign-in for web applications whose users live in Transmit Security.
//!
//! The map of the modules:
//!
//! - [`domain`]: types that browser and server share.
//! - [`app`]: the pages; its islands are the only code that runs in a browser.
//! - [`api`]: the server functions that forms post to (feature `ssr`).
//! - [`server`]: everything that may hold a secret (feature `ssr`).
//! - `fuzz`: the targets of the fuzz tests (tests, and feature `fuzzing`).
//!
//! The sandbox, which behaves like Transmit, is the package `latchkey-sandbox`. `ARCHITECTURE.md`
//! describes the modules of `server` and the direction of imports.

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
#[cfg(all(feature = "ssr", any(test, feature = "fuzzing")))]
mod fuzz_assertions;

/// The entry point in the browser: prepares the page for its islands, which are hydrated one by
/// one.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
