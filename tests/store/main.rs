//! The store's contract, and what the embedded engine promises besides.
//!
//! - `conformance`: every sentence of the contract is a case; any engine can be run through it.
//! - `races`: the promises that hold between callers.
//! - `model`: random histories against a plain map, with a clock that also steps back.
//! - `embedded`: the cases above on redb, and its file: rights, schema, damage, disk full, growth.
//! - `kill`: what was acknowledged survives `SIGKILL`.

#[cfg(test)]
#[macro_use]
mod conformance;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod model;
#[cfg(test)]
mod races;
#[cfg(test)]
mod words;
