//! Rules that the text and the structure of this repository keep. The test `repository` applies
//! them to the checkout.
//!
//! - [`words`]: words and names that were replaced stay away (`words.toml`).
//! - [`types`]: one public type name stands for one thing.
//! - [`lines`]: lines of Rust and Markdown have at most 100 columns.
//! - [`layers`]: imports point down the list in `ARCHITECTURE.md`.
//! - [`circles`]: no files import each other in a circle.
//! - [`links`]: links in Markdown lead to files and headings that exist.
//! - [`examples`]: no Rust examples in documentation comments.
//! - [`layout`]: no `mod.rs`, no `#[path]`.
//! - [`book`]: the documentation's table of contents lists every page.
//! - [`chart`]: the Helm chart's templates and values fit each other.
//! - [`asvs`]: the assessment by ASVS names every requirement, and tests that exist.
//!
//! [`checkout`] reads the files, `declarations` and `modules` parse Rust, [`exceptions`] holds what
//! a rule lets pass and why, [`finding`] is what a rule reports.

pub mod asvs;
pub mod book;
pub mod chart;
pub mod checkout;
pub mod circles;
mod declarations;
pub mod examples;
pub mod exceptions;
pub mod finding;
pub mod layers;
pub mod layout;
pub mod lines;
pub mod links;
mod modules;
pub mod types;
pub mod words;
