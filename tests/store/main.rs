//! The store's contract, and what the embedded engine promises besides.
//!
//! - `conformance`: every sentence of the contract is a case; any engine can be run through it.
//! - `races`: the promises that hold between callers.
//! - `model`: random histories against a plain map, with a clock that also steps back.
//! - `embedded`: the embedded engine, run through all of these.
//! - `file`: what it promises about its file: rights, owner, schema, damage, a full disk, growth.
//! - `kill`: what was acknowledged survives `SIGKILL`.

#[cfg(test)]
#[macro_use]
mod conformance;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod file;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod model;
#[cfg(test)]
mod races;
#[cfg(test)]
mod words;
