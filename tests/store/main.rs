//! The store's contract, and what each engine promises besides.
//!
//! - `conformance`: every sentence of the contract is a case; any engine can be run through it.
//! - `races`: the promises that hold between callers.
//! - `model`: random histories against a plain map, with a clock that also steps back.
//! - `redb`: the embedded engine, run through all of these.
//! - `redb_file`: what it promises about its file: rights, a restart, a full disk, growth;
//!   `refused_files`: files that it does not touch.
//! - `backup`: a backup shows one moment, whole, and nothing is replaced by less.
//! - `kill`: what was acknowledged survives `SIGKILL`.
//! - `redis`, `cluster`: Redis, and a Cluster of three, run through all of these.
//! - `server`: Redis servers, started by the tests. `tls_certificates`: certificates. `relay`: a
//!   balancer, or a name that moves.
//! - `redis_layout`: what lies in Redis, and for how long.
//! - `redis_access`: users, passwords, TLS, and servers that are none of ours.
//! - `outages`: Redis restarted, frozen, full. `fail_over`: demoted, failed over.
//! - `builders`: short words for keys and times. `calls`: the store's calls in short.
#![cfg(test)]

#[macro_use]
mod conformance;
#[macro_use]
mod races;
mod backup;
mod builders;
mod calls;
mod cluster;
mod fail_over;
mod kill;
mod model;
mod outages;
mod redb;
mod redb_file;
mod redis;
mod redis_access;
mod redis_layout;
mod refused_files;
mod tls_certificates;
