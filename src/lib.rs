//! Latchkey: phone sign-in for web applications whose users live in Transmit Security.
//!
//! The map of the house; imports run one way, from the bottom of this list to the top:
//!
//! - [`domain`]: words that browser and server share.
//! - [`server`]: everything that may hold a secret (feature `ssr`).
//! - [`app`]: what a person sees; its islands are the only code that runs in a browser.
//! - [`api`]: the doors: server functions, thin (feature `ssr`).
//! - [`sandbox`]: a stand-in for Transmit, met only over HTTP (feature `sandbox`).

pub mod app;
pub mod domain;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod server;

#[cfg(feature = "sandbox")]
pub mod sandbox;
