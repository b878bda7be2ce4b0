//! Compares client and sandbox with one table of Transmit's API, field by field.
//!
//! - `table/*.toml`: every operation and field, and whether client and sandbox use it.
//! - `table`: parses these files. `compare`: compares JSON values with the table.
//! - `client_driver`: makes every call of the client, through a recording proxy.
//! - `sandbox_driver`: makes the sandbox send every response that it has. `bodies`: requests with
//!   every field that it accepts.
//! - `requests`, `responses`, `refusals`, `strictness`, `coverage`: the tests.
//! - `document`: `docs/developers/upstream.md`, generated from the table.
//!
//! Client, sandbox and table share no wire types, so that a mistake in one shows as a difference.
#![cfg(test)]
#![cfg(all(feature = "ssr", feature = "sandbox"))]

mod bodies;
mod client_driver;
mod compare;
mod coverage;
mod document;
mod refusals;
mod requests;
mod responses;
mod sandbox_driver;
mod strictness;
mod table;
