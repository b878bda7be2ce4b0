//! Client and stand-in against one table of Transmit's API, field by field.
//!
//! - `table/*.toml`: the facts. Every operation and field, and who uses it.
//! - `table`: reads them. `compare`: holds a JSON value against them.
//! - `recorder`: stands between client and stand-in. `client_driver`: makes every call of the client
//!   through it.
//! - `sandbox_driver`: makes the stand-in give every answer that it has. `bodies`: a request with every
//!   field that it takes.
//! - `requests`, `responses`, `refusals`, `strictness`, `coverage`: what is compared.
//! - `document`: `docs/upstream.md`, made from the table.
//!
//! Client and stand-in have wire types of their own and share none with the table.
#![cfg(all(feature = "ssr", feature = "sandbox"))]

#[cfg(test)]
mod bodies;
#[cfg(test)]
mod client_driver;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod document;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod sandbox_driver;
#[cfg(test)]
mod strictness;
#[cfg(test)]
mod table;
