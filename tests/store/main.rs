//! The contract of the store, and what each engine promises beyond it.
//!
//! - `conformance` has a test for every sentence of the contract. `races` tests the promises
//!   between callers. `model` compares random histories with a map, with a clock that also steps
//!   back. All three run on any engine.
//! - `redb`: the embedded engine in these three. `redb_file`: its file, that is rights, restarts, a
//!   full disk and growth. `refused_files`: files that it leaves unchanged. `backup`: backups and
//!   their restoration. `kill`: acknowledged changes survive `SIGKILL`.
//! - `redis`, `cluster`: Redis, and a Cluster of three, in the three suites.
//! - `redis_layout`: the keys in Redis and their expiry. `redis_access`: users, passwords, TLS, and
//!   servers that cannot be used. `outages`: Redis restarted, frozen and full. `fail_over`: masters
//!   that are demoted or fail over.
//! - `pseudonyms`: the names of numbers in the audit log, over each engine.
//! - `builders`: keys and times. `calls`: short forms of the store's calls. `tls_certificates`:
//!   certificates for Redis with TLS.
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
mod pseudonyms;
mod recent_events;
mod redb;
mod redb_file;
mod redis;
mod redis_access;
mod redis_layout;
mod refused_files;
mod tls_certificates;
