//! The store's contract, and what each engine promises besides.
//!
//! - `conformance`: every sentence of the contract is a case; any engine can be run through it.
//! - `races`: the promises that hold between callers.
//! - `model`: random histories against a plain map, with a clock that also steps back.
//! - `embedded`: the embedded engine, run through all of these.
//! - `file`: what it promises about its file: rights, a restart, a full disk, growth; `refused`:
//!   files that it does not touch.
//! - `backup`: a backup shows one moment, whole, and nothing is replaced by less.
//! - `kill`: what was acknowledged survives `SIGKILL`.
//! - `shared`, `cluster`: Redis, and a Cluster of three, run through all of these.
//! - `server`: Redis servers, started by the tests. `papers`: certificates. `relay`: a balancer, or
//!   a name that moves.
//! - `lies`: what lies in Redis, and for how long.
//! - `access`: users, passwords, TLS, and servers that are none of ours.
//! - `outages`: Redis restarted, frozen, full, demoted, failed over.
//! - `alternate`: a store of two clients. `words`: short words for keys and times.

#[cfg(test)]
#[macro_use]
mod conformance;
#[cfg(test)]
#[macro_use]
mod races;

#[cfg(test)]
mod access;
#[cfg(test)]
mod alternate;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod file;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod lies;
#[cfg(test)]
mod model;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod papers;
#[cfg(test)]
mod refused;
#[cfg(test)]
#[expect(dead_code, reason = "the product's tests need more of it")]
mod relay;
#[cfg(test)]
mod server;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod words;
